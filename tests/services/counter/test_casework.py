"""Steps 1 to 3: the reception number, whom it is about, what is possible."""

from dataclasses import replace
from datetime import time, timedelta
from pathlib import Path

import pytest
from sqlmodel import col, select

from db.database import Database
from db.tables import Certificate, IdentityEvidence, Medium, MediumMovement
from kiosk.errors import (
    BadInput,
    CaseNotOpen,
    ChecksOpen,
    InitialRegistrationOpen,
    IssuingClosed,
    KioskError,
    LiveCertificate,
    MediumNotInStock,
    NoMailServer,
    NotBlocked,
    NotPermitted,
    OtherBranch,
    OutOfHours,
    ProxyCannotReceive,
    TransactionNotPossible,
    UserBusyElsewhere,
    UserNotFound,
)
from kiosk.rules.cases import CaseState
from kiosk.rules.operations import IssueKind, Transaction
from kiosk.rules.roles import StaffRole
from kiosk.secret import Secret
from kiosk.services.counter.gate import IssueGate
from kiosk.services.views import DocumentType, ReceptionCheck, VisitorKind
from tests.support.builders import (
    PASSWORD,
    a_branch,
    a_certificate,
    a_medium,
    a_terminal,
    a_user,
    an_actor,
)
from tests.support.clock import MONDAY_MORNING, SteppedClock
from tests.support.counters import ALWAYS_OPEN, Counter, a_form, build_counter


def test_reception_numbers_have_no_gaps_and_begin_anew_each_day(counter: Counter) -> None:
    numbers = [counter.casework.open(counter.actor, a_form()).reception_no for _ in range(2)]
    with pytest.raises(ChecksOpen):
        counter.casework.open(counter.actor, a_form(checks=frozenset()))
    numbers.append(counter.casework.open(counter.actor, a_form()).reception_no)
    counter.clock.step(days=1)
    numbers.append(counter.casework.open(counter.actor, a_form()).reception_no)
    assert numbers == [
        "20260302-012-01-0001",
        "20260302-012-01-0002",
        "20260302-012-01-0003",
        "20260303-012-01-0001",
    ]


def test_pressing_twice_opens_one_reception(counter: Counter) -> None:
    form = a_form()
    assert (
        counter.casework.open(counter.actor, form).reception_no
        == counter.casework.open(counter.actor, form).reception_no
    )


def test_a_proxy_needs_the_check_of_authority_and_the_user_does_not(counter: Counter) -> None:
    three = frozenset(ReceptionCheck) - {ReceptionCheck.AUTHORITY}
    counter.casework.open(counter.actor, a_form(checks=three))
    with pytest.raises(ChecksOpen) as refused:
        counter.casework.open(counter.actor, a_form(checks=three, visitor_kind=VisitorKind.PROXY))
    assert refused.value.missing == (ReceptionCheck.AUTHORITY,)


@pytest.mark.rule("I-19")
@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("form_no", ""),
        ("form_no", "F" * 21),
        ("visitor_name", "太郎\x1b]0;x\x07"),
        ("visitor_name", "太郎\u202e"),
        ("visitor_name", "=?utf-8?q?x?="),
        ("document_last4", "123456789012"),
        ("document_last4", "１２３４"),
    ],
)
def test_a_bad_field_is_named_and_nothing_is_stored(counter: Counter, field: str, text: str) -> None:
    with pytest.raises(BadInput) as refused:
        counter.casework.open(counter.actor, a_form(**{field: text}))
    assert refused.value.field == field


def test_of_a_document_only_its_kind_and_last_four_characters_are_kept(
    counter: Counter, database: Database
) -> None:
    counter.casework.open(counter.actor, a_form(document_last4="9Z01"))
    with database.reading() as session:
        evidence = session.exec(select(IdentityEvidence)).one()
    assert (evidence.document_type, evidence.document_last4) == ("driving_licence", "9Z01")
    assert evidence.seal_checked_by == counter.actor.staff_id


@pytest.mark.rule("I-21")
def test_of_an_individual_number_card_no_part_of_any_number_is_kept(
    counter: Counter, database: Database
) -> None:
    card = DocumentType.INDIVIDUAL_NUMBER_CARD
    with pytest.raises(BadInput) as refused:
        counter.casework.open(counter.actor, a_form(document_type=card, document_last4="9012"))
    assert (refused.value.field, refused.value.problem) == ("document_last4", "not_kept")

    counter.casework.open(counter.actor, a_form(document_type=card, document_last4=""))
    with database.reading() as session:
        assert session.exec(select(IdentityEvidence)).one().document_last4 == "----"


@pytest.mark.rule("E-94")
def test_a_user_of_another_branch_is_sent_there(counter: Counter, database: Database) -> None:
    stranger = a_user(database, branch_pk=a_branch(database, "034").pk)
    reception_no = counter.casework.open(counter.actor, a_form()).reception_no
    with pytest.raises(OtherBranch) as refused:
        counter.casework.choose_user(counter.actor, reception_no, stranger.pk)
    assert refused.value.branch_name == "第034支店"


def test_an_unknown_user_cannot_be_chosen(counter: Counter) -> None:
    reception_no = counter.casework.open(counter.actor, a_form()).reception_no
    with pytest.raises(UserNotFound):
        counter.casework.choose_user(counter.actor, reception_no, 4711)


@pytest.mark.rule("E-73", "R-32")
def test_the_program_decides_the_kind_of_issue(counter: Counter, database: Database) -> None:
    user = a_user(database)
    assert counter.opens_case(user).issue_kind is IssueKind.FIRST_ISSUE
    holder = a_user(database)
    a_certificate(database, holder, issued_at=MONDAY_MORNING - timedelta(days=350))
    assert counter.opens_case(holder).issue_kind is IssueKind.RENEW
    late = a_user(database)
    a_certificate(database, late, issued_at=MONDAY_MORNING - timedelta(days=400))
    assert counter.opens_case(late).issue_kind is IssueKind.REISSUE


@pytest.mark.rule("R-50", "R-31", "E-69", "E-73", "E-74")
@pytest.mark.parametrize(
    ("transaction", "other", "refusal"),
    [
        (Transaction.FIRST_ISSUE, {"initial_registration_done": False}, InitialRegistrationOpen),
        (Transaction.RENEW, {}, TransactionNotPossible),
        (Transaction.UNBLOCK, {}, NotBlocked),
    ],
)
def test_what_does_not_fit_the_user_is_refused_with_its_reason(
    counter: Counter,
    database: Database,
    transaction: Transaction,
    other: dict[str, object],
    refusal: type[KioskError],
) -> None:
    user = a_user(database, **other)
    with pytest.raises(refusal):
        counter.opens_case(user, transaction)


@pytest.mark.rule("R-50", "E-30", "E-69")
def test_a_live_certificate_closes_the_door_until_its_window(counter: Counter, database: Database) -> None:
    user = a_user(database)
    certificate = a_certificate(database, user, issued_at=MONDAY_MORNING - timedelta(days=300))
    with pytest.raises(LiveCertificate) as refused:
        counter.opens_case(user, Transaction.RENEW)
    assert refused.value.renewable_from == certificate.last_valid_date - timedelta(days=30)


def test_a_proxy_cannot_receive_a_certificate(counter: Counter, database: Database) -> None:
    with pytest.raises(ProxyCannotReceive):
        counter.opens_case(a_user(database), Transaction.FIRST_ISSUE, visitor_kind=VisitorKind.PROXY)


@pytest.mark.rule("E-90")
def test_a_second_reception_of_the_same_user_names_the_other_terminal(
    counter: Counter, database: Database, tmp_path: Path, clock: SteppedClock
) -> None:
    user = a_user(database)
    first = counter.opens_case(user)
    actor = an_actor(database, terminal=a_terminal(database, "012", "02"))
    second = build_counter(database, tmp_path / "second", clock, actor)
    with pytest.raises(UserBusyElsewhere) as refused:
        second.opens_case(user, Transaction.FIRST_ISSUE)
    assert (refused.value.terminal_no, refused.value.reception_no) == ("01", first.reception_no)


def test_outside_the_service_hours_no_reception_is_opened(counter: Counter) -> None:
    hours = replace(ALWAYS_OPEN, opens=time(8), closes=time(20), enforced=True)
    casework = replace(counter.casework, hours=hours)
    counter.clock.step(hours=10)
    with pytest.raises(OutOfHours) as refused:
        casework.open(counter.actor, a_form())
    assert (refused.value.opens, refused.value.closes) == ("08:00", "20:00")


@pytest.mark.rule("E-87")
def test_a_medium_comes_out_of_the_stock_and_goes_back_when_the_reception_is_voided(
    counter: Counter, database: Database
) -> None:
    case = counter.opens_case(a_user(database))
    counter.casework.void(counter.actor, case.reception_no, "お客様都合")
    with database.reading() as session:
        medium = session.exec(select(Medium)).one()
        kinds = session.exec(select(MediumMovement.kind).order_by(col(MediumMovement.pk))).all()
    assert medium.state == "in_stock"
    assert kinds == ["in_use", "in_stock"]
    assert counter.casework.case(counter.actor, case.reception_no).state is CaseState.VOIDED


def test_a_medium_of_another_branch_or_in_use_is_refused(counter: Counter, database: Database) -> None:
    case = counter.opens_case(a_user(database))
    elsewhere = a_medium(database, branch_pk=a_branch(database, "034").pk)
    used = counter.opens_case(a_user(database)).medium_no
    for number in (elsewhere.medium_no, used, "X9", ""):
        with pytest.raises(MediumNotInStock):
            counter.casework.set_medium(counter.actor, case.reception_no, number or "", "")


@pytest.mark.rule("E-87")
def test_a_reception_that_issues_nothing_takes_no_medium(counter: Counter, database: Database) -> None:
    user = a_user(database)
    a_certificate(database, user)
    number = counter.opens_case(user, Transaction.REVOKE).reception_no
    medium = a_medium(database, branch_pk=counter.actor.terminal.branch_pk)

    with pytest.raises(CaseNotOpen):
        counter.casework.set_medium(counter.actor, number, medium.medium_no, "")

    with database.reading() as session:
        assert session.get_one(Medium, medium.pk).state == "in_stock"


@pytest.mark.rule("R-25")
def test_choosing_another_user_carries_nothing_over(counter: Counter, database: Database) -> None:
    first, second = a_user(database), a_user(database)
    case = counter.opens_case(first)
    counter.casework.set_medium(counter.actor, case.reception_no, case.medium_no or "", "総務部のノート")
    case = counter.casework.choose_user(counter.actor, case.reception_no, second.pk)
    assert (case.transaction, case.medium_no, case.pc_alias) == (None, None, "")
    assert case.state is CaseState.USER_CHOSEN
    counter.opens_case(first)


@pytest.mark.rule("E-53", "E-54")
def test_voiding_another_reception_of_the_user_leaves_the_code_that_is_on_its_way(
    counter: Counter, database: Database
) -> None:
    user = a_user(database)
    number = counter.opens_case(user).reception_no
    counter.authenticating.submit_password(counter.actor, number, user.user_id, Secret(PASSWORD))
    beside = counter.casework.open(counter.actor, a_form()).reception_no
    counter.casework.choose_user(counter.actor, beside, user.pk)

    counter.casework.void(counter.actor, beside, "受付の誤り")

    counter.authenticating.submit_code(counter.actor, number, Secret(counter.post.codes[-1]))


def test_a_voided_reception_stays_closed(counter: Counter, database: Database) -> None:
    user = a_user(database)
    case = counter.opens_case(user)
    counter.casework.void(counter.actor, case.reception_no, "入力誤り")
    with pytest.raises(CaseNotOpen):
        counter.casework.choose_user(counter.actor, case.reception_no, user.pk)


@pytest.mark.parametrize("role", [StaffRole.AUDITOR, StaffRole.ADMINISTRATOR])
def test_who_does_not_work_at_the_counter_opens_no_reception(
    counter: Counter, database: Database, role: StaffRole
) -> None:
    with pytest.raises(NotPermitted):
        counter.casework.open(an_actor(database, role), a_form())


@pytest.mark.parametrize(
    ("gate", "refusal"),
    [
        (IssueGate(closed_by=lambda: ("ca_key",), can_mail=lambda: True), IssuingClosed),
        (IssueGate(closed_by=tuple, can_mail=lambda: False), NoMailServer),
    ],
)
def test_a_counter_that_cannot_issue_says_so_before_the_customer_is_asked(
    counter: Counter, database: Database, gate: IssueGate, refusal: type[KioskError]
) -> None:
    counter.casework = replace(counter.casework, gate=gate)
    user = a_user(database)
    with pytest.raises(refusal):
        counter.opens_case(user, Transaction.FIRST_ISSUE)
    a_certificate(database, user)
    counter.opens_case(user, Transaction.REVOKE)


@pytest.mark.rule("E-95", "E-92")
def test_the_alias_of_the_pc_goes_with_the_certificate_and_every_one_has_its_own_key(
    counter: Counter, database: Database
) -> None:
    user = a_user(database)
    for alias in ("総務部のノート", "経理の新しいPC"):
        case = counter.opens_case(user)
        counter.casework.set_medium(counter.actor, case.reception_no, case.medium_no or "", alias)
        counter.authenticates(case.reception_no, user)
        counter.hands_over(counter.signs(case.reception_no))
        counter.clock.step(days=350)
    with database.reading() as session:
        rows = session.exec(select(Certificate).order_by(col(Certificate.pk))).all()
    assert [row.pc_alias for row in rows] == ["総務部のノート", "経理の新しいPC"]
    assert len({row.key_sha256 for row in rows}) == 2
