"""403 取引照会: receptions by number, day, user, operator and state; one of them with its timeline."""

from datetime import timedelta

import pytest

from db.database import Database
from kiosk.errors import BadInput, CaseNotOpen
from kiosk.rules.cases import CaseState
from kiosk.rules.roles import StaffRole
from kiosk.services.desk.guard import Desk
from kiosk.services.overview.inquiring import CaseFilter, Inquiries, Shown
from kiosk.services.views import HandOverCheck
from tests.support.builders import a_branch, a_case, a_staff, a_user, an_actor
from tests.support.clock import MONDAY_MORNING
from tests.support.counters import Counter
from tests.support.journal import journal_of, told

DAY = timedelta(days=1)


@pytest.fixture
def inquiries(desk: Desk) -> Inquiries:
    return Inquiries(desk=desk)


def numbers(inquiries: Inquiries, database: Database, **wanted: object) -> list[str]:
    page = inquiries.find(an_actor(database), CaseFilter(**wanted))  # type: ignore[arg-type]  # fields by name
    return [row.reception_no for row in page.rows]


def test_receptions_are_found_by_whatever_is_known_of_them(inquiries: Inquiries, database: Database) -> None:
    user, staff = a_user(database), a_staff(database, "op777")
    old = a_case(database, opened_at=MONDAY_MORNING - DAY)
    of_user = a_case(database, user)
    of_staff = a_case(database, staff_pk=staff.pk, state="voided", void_reason="x", closed_at=MONDAY_MORNING)

    assert numbers(inquiries, database) == [of_staff.reception_no, of_user.reception_no, old.reception_no]
    assert numbers(inquiries, database, reception_no=old.reception_no) == [old.reception_no]
    assert numbers(inquiries, database, day=old.business_date) == [old.reception_no]
    assert numbers(inquiries, database, user_id=user.user_id) == [of_user.reception_no]
    assert numbers(inquiries, database, staff_id="op777") == [of_staff.reception_no]
    assert numbers(inquiries, database, shown=Shown.VOIDED) == [of_staff.reception_no]
    assert numbers(inquiries, database, shown=Shown.OPEN) == [of_user.reception_no, old.reception_no]
    assert numbers(inquiries, database, shown=Shown.DONE) == []


def test_pages_follow_each_other_without_a_gap(inquiries: Inquiries, database: Database) -> None:
    for _ in range(5):
        a_case(database)
    actor = an_actor(database)

    whole = inquiries.find(actor, CaseFilter()).rows
    first = inquiries.find(actor, CaseFilter(), limit=3)
    rest = inquiries.find(actor, CaseFilter(), behind=first.next_page, limit=3)

    assert first.rows + rest.rows == whole
    assert (len(whole), rest.next_page) == (5, None)


@pytest.mark.rule("E-94")
def test_a_branch_sees_its_own_receptions_and_an_auditor_all(
    inquiries: Inquiries, database: Database
) -> None:
    own, elsewhere = a_case(database), a_case(database, branch_pk=a_branch(database, "034").pk)

    assert numbers(inquiries, database) == [own.reception_no]
    with pytest.raises(CaseNotOpen):
        inquiries.detail(an_actor(database), elsewhere.reception_no)
    for role in (StaffRole.AUDITOR, StaffRole.ADMINISTRATOR):
        everything = inquiries.find(an_actor(database, role), CaseFilter()).rows
        assert {row.reception_no for row in everything} == {own.reception_no, elsewhere.reception_no}
        assert inquiries.detail(an_actor(database, role), elsewhere.reception_no).branch.startswith("034")


@pytest.mark.parametrize(
    "wanted",
    [{"user_id": "全角"}, {"user_id": "a"}, {"staff_id": "op 1"}, {"reception_no": "2026/03"}],
)
def test_what_cannot_match_is_refused_at_its_field(
    inquiries: Inquiries, database: Database, wanted: dict[str, str]
) -> None:
    with pytest.raises(BadInput) as refusal:
        numbers(inquiries, database, **wanted)
    assert refusal.value.field in wanted


@pytest.mark.rule("R-80", "E-85")
def test_one_reception_is_told_from_the_form_to_the_receipt(counter: Counter, database: Database) -> None:
    inquiries = Inquiries(desk=counter.casework.desk)
    user = a_user(database, name="更新 花子")
    ready = counter.issues(user)
    counter.hands_over(ready)

    detail = inquiries.detail(counter.actor, ready.reception_no)

    assert (detail.row.state, detail.row.user_id, detail.row.name) == (
        CaseState.DONE,
        user.user_id,
        "更新 花子",
    )
    assert [check for check, _staff in detail.checked_by] == ["form", "seal", "identity", "authority"]
    assert detail.document_last4 == "1234"
    (certificate,) = detail.certificates
    assert (certificate.serial, certificate.file_name) == (ready.serial, ready.file_name)
    assert certificate.handed_over_at is not None
    tags = [event.tag for event in detail.timeline]
    assert tags[0] == "case:reception:opened"
    assert tags[-1] == "delivery:medium:handed_over"
    assert {"auth:password:ok", "auth:code:ok", "certificate:issue:signed"} <= set(tags)
    assert {event.staff_id for event in detail.timeline} == {counter.actor.staff_id}


def test_a_refusal_stands_in_the_timeline_with_its_code(counter: Counter, database: Database) -> None:
    inquiries = Inquiries(desk=counter.casework.desk)
    case = counter.opens_case(a_user(database))
    with pytest.raises(CaseNotOpen):
        counter.handing_over.hand_over(counter.actor, case.reception_no, frozenset(HandOverCheck))

    last = inquiries.detail(counter.actor, case.reception_no).timeline[-1]

    assert (last.outcome, last.code) == ("refused", "EC10")


def test_looking_is_journaled_without_what_was_typed(inquiries: Inquiries, database: Database) -> None:
    case = a_case(database)
    numbers(inquiries, database)
    inquiries.detail(an_actor(database), case.reception_no)
    with pytest.raises(CaseNotOpen):
        inquiries.detail(an_actor(database), "Himitsu#1")

    assert told(database) == [
        ("case:record:searched", "done"),
        ("case:record:inquired", "done"),
        ("case:record:inquired", "refused"),
    ]
    assert "Himitsu" not in str(journal_of(database))
