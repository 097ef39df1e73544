"""What an approval holds for: ten minutes, one act, one asker, and exactly what was shown (I-16, I-17)."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from db.database import Database
from db.tables import (
    Approval,
    Case,
    Certificate,
    Delivery,
    IdentityEvidence,
    Organization,
    Staff,
    User,
)
from kiosk.errors import (
    AlreadyDecided,
    AlreadyRevoked,
    ApprovalExpired,
    ApprovalNeeded,
    ApprovalStale,
    CaseNotOpen,
    ClockWrong,
    KioskError,
    NotTheAsker,
)
from kiosk.rules.approvals import ApprovalState
from kiosk.rules.deliveries import DeliveryState
from kiosk.rules.operations import Transaction
from kiosk.services.approved.views import ApprovalView, GiveUpRequest
from tests.support.approvals import (
    Reception,
    a_revocation,
    a_supervisor,
    an_unblocking,
    approved,
    approves,
    decide_as,
    received,
    signed_on,
    states_of,
)
from tests.support.builders import (
    a_certificate,
    a_terminal,
    a_user,
    an_actor,
)
from tests.support.clock import MONDAY_MORNING
from tests.support.counters import Counter, build_counter
from tests.support.journal import told

# --- how long, and how often -----------------------------------------------------------------------------------------


@pytest.mark.rule("I-16", "I-17")
@pytest.mark.parametrize(("seconds", "in_time"), [(599, True), (600, False)])
def test_a_request_waits_ten_minutes(
    counter: Counter, asked: ApprovalView, supervisor: Staff, seconds: int, in_time: bool
) -> None:
    counter.clock.step(seconds=seconds)
    boss = signed_on(counter, supervisor)
    assert bool(counter.approving.inbox(boss)) == in_time
    refusal = refusal_of(lambda: counter.approving.approve(boss, asked.approval_pk, asked.digest))
    assert isinstance(refusal, ApprovalExpired) == (not in_time)
    view = counter.approving.of_case(counter.actor, asked.shown.reception_no)
    assert view is not None
    assert view.state == (ApprovalState.APPROVED if in_time else ApprovalState.EXPIRED)


@pytest.mark.rule("I-17")
@pytest.mark.parametrize(("seconds", "in_time"), [(599, True), (600, False)])
def test_an_approval_holds_ten_minutes(
    counter: Counter, asked: ApprovalView, supervisor: Staff, seconds: int, in_time: bool
) -> None:
    approves(counter, asked, supervisor)
    counter.clock.step(seconds=seconds)
    refusal = refusal_of(lambda: counter.revoking.execute(counter.actor, asked.shown.reception_no))
    assert isinstance(refusal, ApprovalExpired) == (not in_time)
    with pytest.raises(ApprovalExpired if not in_time else ApprovalNeeded):
        counter.revoking.execute(counter.actor, asked.shown.reception_no)


@pytest.mark.rule("I-16")
@pytest.mark.parametrize("first", ["approved", "rejected", "withdrawn"])
def test_nobody_decides_twice(
    counter: Counter, database: Database, asked: ApprovalView, supervisor: Staff, first: str
) -> None:
    boss = signed_on(counter, supervisor)
    match first:
        case "approved":
            counter.approving.approve(boss, asked.approval_pk, asked.digest)
        case "rejected":
            counter.approving.reject(boss, asked.approval_pk, asked.digest, "書面の不備")
        case _:
            counter.approving.withdraw(counter.actor, asked.shown.reception_no)
    other = signed_on(counter, a_supervisor(database))
    ways: list[Callable[[], object]] = [
        lambda: counter.approving.approve(other, asked.approval_pk, asked.digest),
        lambda: counter.approving.reject(other, asked.approval_pk, asked.digest, "書面の不備"),
        lambda: decide_as(counter, asked, supervisor),
    ]
    for again in ways:
        with pytest.raises(AlreadyDecided) as refused:
            again()
        assert refused.value.state == first
    assert states_of(database) == [first]


@pytest.mark.rule("I-17")
def test_what_is_withdrawn_is_not_executed(counter: Counter, asked: ApprovalView, supervisor: Staff) -> None:
    approves(counter, asked, supervisor)
    counter.approving.withdraw(counter.actor, asked.shown.reception_no)
    with pytest.raises(ApprovalNeeded):
        counter.revoking.execute(counter.actor, asked.shown.reception_no)
    with pytest.raises(CaseNotOpen):
        counter.approving.withdraw(counter.actor, asked.shown.reception_no)


@pytest.mark.rule("I-17")
def test_asking_anew_withdraws_what_was_asked_before(
    counter: Counter, database: Database, asked: ApprovalView, supervisor: Staff
) -> None:
    approves(counter, asked, supervisor)
    counter.approving.ask(counter.actor, asked.shown.reception_no, asked.request)
    assert states_of(database) == ["withdrawn", "asked"]
    with pytest.raises(ApprovalNeeded):
        counter.revoking.execute(counter.actor, asked.shown.reception_no)


@pytest.mark.rule("I-17")
def test_only_the_one_who_asked_goes_on(counter: Counter, asked: ApprovalView, supervisor: Staff) -> None:
    approves(counter, asked, supervisor)
    boss = signed_on(counter, supervisor)
    with pytest.raises(NotTheAsker) as refused:
        counter.revoking.execute(boss, asked.shown.reception_no)
    assert refused.value.name == counter.actor.name
    assert (
        counter.revoking.execute(counter.actor, asked.shown.reception_no).approved_by == supervisor.staff_id
    )


@pytest.mark.rule("I-17")
def test_what_is_executed_is_not_executed_again(
    counter: Counter, database: Database, asked: ApprovalView, supervisor: Staff
) -> None:
    approves(counter, asked, supervisor)
    counter.revoking.execute(counter.actor, asked.shown.reception_no)
    with pytest.raises(ApprovalNeeded):
        counter.revoking.execute(counter.actor, asked.shown.reception_no)
    assert told(database).count(("certificate:state:revoked", "done")) == 1


@pytest.mark.rule("E-91")
@pytest.mark.parametrize("step", ["ask", "approve", "execute"])
def test_with_the_clock_set_back_nothing_is_asked_decided_or_executed(
    counter: Counter, database: Database, supervisor: Staff, step: str
) -> None:
    reception, request = a_revocation(counter)
    view = counter.approving.ask(counter.actor, reception.number, request)
    if step == "execute":
        approves(counter, view, supervisor)
    work: dict[str, Callable[[], object]] = {
        "ask": lambda: counter.approving.ask(counter.actor, reception.number, request),
        "approve": lambda: approves(counter, view, supervisor),
        "execute": lambda: counter.revoking.execute(counter.actor, reception.number),
    }
    counter.clock.step(hours=-1)
    with pytest.raises(ClockWrong):
        work[step]()


# --- exactly what was shown ------------------------------------------------------------------------------------------


def _of_user(**values: Any) -> Callable[[Database, ApprovalView], None]:
    def change(database: Database, asked: ApprovalView) -> None:
        with database.transaction() as session:
            user = session.exec(select(User).where(User.user_id == asked.shown.user_id)).one()
            user.sqlmodel_update(values)

    return change


def _organization(database: Database, asked: ApprovalView) -> None:
    with database.transaction() as session:
        session.exec(select(Organization)).one().name = "改名労働組合"


def _in(table: type[Any], **values: Any) -> Callable[[Database, ApprovalView], None]:
    """In every row of a table that holds only what the request is about."""

    def change(database: Database, asked: ApprovalView) -> None:
        with database.transaction() as session:
            for row in session.exec(select(table)).all():
                row.sqlmodel_update(values)

    return change


def _another_certificate(database: Database, asked: ApprovalView) -> None:
    with database.reading() as session:
        user = session.exec(select(User).where(User.user_id == asked.shown.user_id)).one()
    a_certificate(database, user, slot=1)


CHANGES: dict[str, Callable[[Database, ApprovalView], None]] = {
    "the name of the user": _of_user(name="改名 太郎"),
    "the role of the user": _of_user(role="general"),
    "the organization": _organization,
    "the name of the clerk": _in(Staff, name="改名 次郎"),
    "the paper": _in(Case, form_no="F999999"),
    "the visitor": _in(Case, visitor_name="別人 太郎"),
    "in whose name the visitor comes": _in(Case, visitor_kind="proxy"),
    "the document": _in(IdentityEvidence, document_type="passport"),
    "what was checked": _in(IdentityEvidence, seal_checked_by=None),
    "the PC of the certificate": _in(Certificate, pc_alias="別のパソコン"),
    "the end of the certificate": _in(Certificate, last_valid_date=date(2026, 3, 3)),
    "where the medium is": _in(Delivery, state="lost"),
    "another certificate makes the effect another": _another_certificate,
}


@pytest.mark.rule("I-17")
@pytest.mark.parametrize("change", CHANGES)
def test_what_has_changed_since_it_was_shown_is_not_approved(
    counter: Counter, database: Database, asked: ApprovalView, supervisor: Staff, change: str
) -> None:
    CHANGES[change](database, asked)
    with pytest.raises(ApprovalStale):
        approves(counter, asked, supervisor)
    assert states_of(database) == ["void"]


@pytest.mark.rule("I-17")
@pytest.mark.parametrize("change", CHANGES)
def test_what_has_changed_since_it_was_approved_is_not_executed(
    counter: Counter, database: Database, asked: ApprovalView, supervisor: Staff, change: str
) -> None:
    approves(counter, asked, supervisor)
    CHANGES[change](database, asked)
    with pytest.raises(ApprovalStale):
        counter.revoking.execute(counter.actor, asked.shown.reception_no)
    assert states_of(database) == ["void"]
    with pytest.raises(ApprovalStale):
        counter.revoking.execute(counter.actor, asked.shown.reception_no)


@pytest.mark.rule("I-17")
def test_another_user_in_the_reception_voids_the_approval(
    counter: Counter, database: Database, asked: ApprovalView, supervisor: Staff
) -> None:
    approves(counter, asked, supervisor)
    other = a_user(database)
    counter.casework.choose_user(counter.actor, asked.shown.reception_no, other.pk)
    with pytest.raises(ApprovalStale):
        counter.revoking.execute(counter.actor, asked.shown.reception_no)


@pytest.mark.rule("I-17")
@pytest.mark.parametrize("anew", ["user", "transaction"])
def test_a_request_about_something_else_waits_in_no_inbox(
    counter: Counter, database: Database, supervisor: Staff, anew: str
) -> None:
    """Nor does it come to life again when the clerk goes back to what it was about."""
    user = a_user(database)
    a_certificate(database, user, issued_at=MONDAY_MORNING - timedelta(days=350))
    reception, request = a_revocation(counter, user)
    asked = counter.approving.ask(counter.actor, reception.number, request)
    if anew == "user":
        counter.casework.choose_user(counter.actor, reception.number, a_user(database).pk)
        counter.casework.choose_user(counter.actor, reception.number, user.pk)
    else:
        counter.casework.choose_transaction(counter.actor, reception.number, Transaction.RENEW)
    counter.casework.choose_transaction(counter.actor, reception.number, Transaction.REVOKE)
    assert states_of(database) == ["void"]
    assert counter.approving.inbox(signed_on(counter, supervisor)) == ()
    with pytest.raises(AlreadyDecided):
        approves(counter, asked, supervisor)
    assert ("approval:request:voided", "done") in told(database)


@pytest.mark.rule("I-17")
def test_a_dialog_that_shows_something_older_decides_nothing(
    counter: Counter, database: Database, asked: ApprovalView, supervisor: Staff
) -> None:
    boss = signed_on(counter, supervisor)
    with pytest.raises(ApprovalStale):
        counter.approving.approve(boss, asked.approval_pk, "0" * 64)


@pytest.mark.rule("I-17", "E-78")
def test_a_certificate_that_was_revoked_on_another_terminal_meanwhile_is_left_alone(
    counter: Counter, database: Database, tmp_path: Path, supervisor: Staff
) -> None:
    """It waited for its hand-over at terminal 02, where its stick was reported lost."""
    user = a_user(database)
    elsewhere = build_counter(
        database,
        tmp_path / "02",
        counter.clock,
        an_actor(database, terminal=a_terminal(database, "012", "02")),
    )
    ready = elsewhere.issues(user)
    elsewhere.delivers(ready)
    reception, request = a_revocation(counter, user, serial=ready.serial)
    approved(counter, reception, request, supervisor)
    given_up = Reception(number=ready.reception_no, user=user)
    approved(elsewhere, given_up, GiveUpRequest(outcome=DeliveryState.LOST), supervisor)
    first = elsewhere.revoking.execute(elsewhere.actor, ready.reception_no)
    elsewhere.signer.close()
    counter.clock.step(minutes=1)
    with pytest.raises(ApprovalStale):
        counter.revoking.execute(counter.actor, reception.number)
    with pytest.raises(AlreadyRevoked) as refused:
        counter.approving.ask(counter.actor, reception.number, request)
    assert refused.value.reception_no == first.reception_no


def test_the_dialog_shows_who_whom_what_why_and_on_which_paper(counter: Counter, asked: ApprovalView) -> None:
    shown = asked.shown
    assert (shown.maker_id, shown.maker_name) == (counter.actor.staff_id, counter.actor.name)
    assert (shown.branch_no, shown.terminal_no, shown.transaction) == ("012", "01", "201")
    assert (shown.form_no, shown.visitor_name, shown.document_type) == (
        "F000001",
        "訓練 太郎",
        "driving_licence",
    )
    assert shown.checks == ("form", "seal", "identity", "authority")
    assert (shown.reason, shown.certificate_state, shown.delivery_state) == ("left", "active", "handed_over")


def test_the_request_of_a_reception_is_kept_with_all_that_was_shown(
    counter: Counter, database: Database, supervisor: Staff
) -> None:
    reception, request = an_unblocking(counter, note="本人が申出")
    view = approved(counter, reception, request, supervisor)
    with database.reading() as session:
        row = session.exec(select(Approval)).one()
    assert (row.digest, view.request) == (view.digest, request)
    assert "本人が申出" in row.shown


def test_an_unknown_request_is_refused_like_a_closed_one(counter: Counter, supervisor: Staff) -> None:
    with pytest.raises(CaseNotOpen):
        counter.approving.approve(signed_on(counter, supervisor), 4711, "0" * 64)


def test_a_reception_without_a_request_shows_none(counter: Counter, database: Database) -> None:
    user = a_user(database)
    a_certificate(database, user)
    reception = received(counter, user, Transaction.REVOKE)
    assert counter.approving.of_case(counter.actor, reception.number) is None


def refusal_of(work: Callable[[], object]) -> KioskError | None:
    """What the counter answers; None when it does the work."""
    try:
        work()
    except KioskError as refused:
        return refused
    return None
