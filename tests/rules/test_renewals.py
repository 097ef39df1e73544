"""Which days each list of transaction 402 spans."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.rules.renewals import EXPIRED_LISTED_DAYS, RenewalList, Span, span_of, weeks_of
from kiosk.rules.validity import renewable_from

TODAY = date(2026, 3, 2)


@pytest.mark.rule("R-03", "E-07")
def test_a_certificate_enters_the_list_on_the_day_renewal_opens_and_leaves_it_when_it_ends() -> None:
    span = span_of(RenewalList.WINDOW, TODAY)
    assert span == (TODAY, date(2026, 4, 1))
    assert renewable_from(span.last) == TODAY


@pytest.mark.rule("R-08")
def test_the_day_after_the_last_it_is_on_the_other_list() -> None:
    assert span_of(RenewalList.EXPIRED, TODAY) == (TODAY - timedelta(days=90), date(2026, 3, 1))
    assert EXPIRED_LISTED_DAYS == 90


def test_mail_that_comes_back_matters_on_both_lists() -> None:
    both = span_of(RenewalList.UNDELIVERABLE, TODAY)
    assert both.first == span_of(RenewalList.EXPIRED, TODAY).first
    assert both.last == span_of(RenewalList.WINDOW, TODAY).last


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_the_weeks_cover_the_span_without_a_gap(today: date) -> None:
    span = span_of(RenewalList.WINDOW, today)
    weeks = weeks_of(span)
    assert weeks[0] == span.first
    assert all(later - earlier == timedelta(days=7) for earlier, later in pairwise(weeks))
    assert weeks[-1] <= span.last < weeks[-1] + timedelta(days=7)


@pytest.mark.parametrize(("days", "weeks"), [(1, 1), (7, 1), (8, 2), (14, 2), (15, 3)])
def test_a_week_that_has_only_one_day_of_the_span_is_told_too(days: int, weeks: int) -> None:
    assert len(weeks_of(Span(TODAY, TODAY + timedelta(days=days - 1)))) == weeks
