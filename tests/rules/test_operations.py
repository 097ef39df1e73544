"""When a certificate may be issued, and which way."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.rules.operations import (
    Holding,
    IssueKind,
    Transaction,
    TransactionFamily,
    door,
    family_of,
    is_live,
    kind_of_issue,
)
from kiosk.rules.validity import day_start, window_for

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
TODAY = date(2026, 3, 2)


def held(days_left: int, *, revoked: bool = False, delivered: bool = True) -> Holding:
    return Holding(last_valid_date=TODAY + timedelta(days=days_left), revoked=revoked, delivered=delivered)


holdings = st.builds(
    Holding,
    last_valid_date=st.integers(-800, 400).map(lambda days: TODAY + timedelta(days=days)),
    revoked=st.booleans(),
    delivered=st.booleans(),
)


@pytest.mark.rule("R-03", "R-50", "E-07", "E-69")
@pytest.mark.parametrize(
    ("days_left", "opens"),
    [
        (365, TODAY + timedelta(days=335)),
        (31, TODAY + timedelta(days=1)),
        (30, None),
        (0, None),
        (-1, None),
    ],
)
def test_a_live_certificate_closes_the_door_until_thirty_days_before_its_end(
    days_left: int, opens: date | None
) -> None:
    assert door([held(days_left)], NOW) == opens


@pytest.mark.rule("E-69")
def test_an_undelivered_certificate_closes_the_door_too() -> None:
    assert door([held(200, delivered=False)], NOW) is not None


@pytest.mark.rule("R-12", "E-69")
def test_a_revoked_certificate_does_not() -> None:
    assert door([held(200, revoked=True)], NOW) is None


@pytest.mark.rule("R-08")
def test_nothing_closes_the_door_years_after_expiry() -> None:
    assert door([held(-5_000)], NOW) is None
    assert kind_of_issue([held(-5_000)], NOW) is IssueKind.REISSUE


@pytest.mark.rule("E-71", "E-72", "I-1")
def test_after_a_renewal_the_newest_certificate_decides() -> None:
    assert door([held(20), held(365)], NOW) == TODAY + timedelta(days=335)
    assert door([held(365), held(20)], NOW) == TODAY + timedelta(days=335)


@pytest.mark.rule("E-08", "E-69")
def test_the_door_opens_at_midnight_in_japan() -> None:
    certificate = [held(200)]
    midnight = day_start(TODAY + timedelta(days=170))
    assert door(certificate, midnight - timedelta(microseconds=1)) == TODAY + timedelta(days=170)
    assert door(certificate, midnight) is None


@pytest.mark.rule("R-07", "R-32", "E-70", "E-73")
@pytest.mark.parametrize(
    ("certificates", "kind"),
    [
        ([], IssueKind.FIRST_ISSUE),
        ([held(20)], IssueKind.RENEW),
        ([held(0)], IssueKind.RENEW),
        ([held(200)], IssueKind.RENEW),
        ([held(-1)], IssueKind.REISSUE),
        ([held(200, revoked=True)], IssueKind.REISSUE),
        ([held(20, revoked=True), held(-400)], IssueKind.REISSUE),
        ([held(-400), held(10)], IssueKind.RENEW),
    ],
)
def test_the_program_decides_the_kind_of_issue(certificates: list[Holding], kind: IssueKind) -> None:
    assert kind_of_issue(certificates, NOW) is kind


@pytest.mark.rule("R-50", "E-69", "E-71")
@given(st.lists(holdings, max_size=5), st.integers(0, 500))
def test_the_door_opens_on_the_day_it_names_and_not_before(certificates: list[Holding], days: int) -> None:
    opens = door(certificates, NOW)
    if opens is None:
        return
    assert opens > TODAY
    assert door(certificates, day_start(opens)) is None
    meanwhile = NOW + timedelta(days=days)
    if meanwhile < day_start(opens):
        assert door(certificates, meanwhile) == opens


@pytest.mark.rule("E-69", "E-71", "E-72", "I-1")
@given(st.lists(st.tuples(st.integers(0, 400), st.booleans()), max_size=30))
def test_a_user_never_has_more_than_two_live_certificates(steps: list[tuple[int, bool]]) -> None:
    certificates: list[Holding] = []
    now = NOW
    for days, revoke_all in steps:
        now += timedelta(days=days)
        if revoke_all:
            certificates = [
                Holding(last_valid_date=each.last_valid_date, revoked=True, delivered=True)
                for each in certificates
            ]
        if door(certificates, now) is None:
            last = window_for(now).last_valid_date
            certificates.append(Holding(last_valid_date=last, revoked=False, delivered=False))
        assert sum(is_live(each, now) for each in certificates) in {1, 2}
        assert door(certificates, now) is not None


@pytest.mark.rule("E-90")
def test_only_what_changes_something_for_a_user_has_a_family() -> None:
    families = {transaction.value: family_of(transaction) for transaction in Transaction}
    assert {number: family for number, family in families.items() if family is not None} == {
        "101": TransactionFamily.ISSUE,
        "102": TransactionFamily.ISSUE,
        "103": TransactionFamily.ISSUE,
        "201": TransactionFamily.REVOKE,
        "202": TransactionFamily.REVOKE,
        "301": TransactionFamily.UNBLOCK,
    }


@pytest.mark.rule("E-73")
def test_each_kind_has_its_transaction_number() -> None:
    assert [(kind.value, kind.transaction.value) for kind in IssueKind] == [
        ("first_issue", "101"),
        ("renew", "102"),
        ("reissue", "103"),
    ]
