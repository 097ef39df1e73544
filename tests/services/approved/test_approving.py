"""役席承認: who decides, on what, for how long, and what ends a request (DOMAIN 3.2, I-16, I-17)."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from db.database import Database
from db.tables import Approval, Staff
from kiosk.errors import (
    AlreadyDecided,
    ApprovalClosed,
    ApprovalNeeded,
    BadInput,
    CaseNotOpen,
    MayNotApprove,
    NotPermitted,
    OwnRequest,
    SignOnPaused,
    SignOnRefused,
)
from kiosk.rules.approvals import APPROVAL_MINUTES, ApprovalState
from kiosk.rules.roles import StaffRole
from kiosk.secret import Secret
from kiosk.services.approved.views import ApprovalView
from tests.support.approvals import (
    a_revocation,
    a_supervisor,
    approved,
    approves,
    decide_as,
    signed_on,
    states_of,
)
from tests.support.builders import (
    HASHER,
    STAFF_PASSWORD,
    a_branch,
    a_staff,
    a_terminal,
    an_actor,
    changed,
    shut_out,
)
from tests.support.counters import Counter, build_counter
from tests.support.journal import journal_of, told
from tests.support.slow import SlowVerifier

WRONG = "Kunren#99"
LIFE = timedelta(minutes=APPROVAL_MINUTES)


# --- who -------------------------------------------------------------------------------------------------------------


@pytest.mark.rule("I-16")
def test_a_supervisor_approves_in_the_clerks_session(
    counter: Counter, asked: ApprovalView, supervisor: Staff
) -> None:
    view = approves(counter, asked, supervisor)
    assert (view.state, view.decided_by, view.decided_by_name) == (
        ApprovalState.APPROVED,
        supervisor.staff_id,
        supervisor.name,
    )
    assert view.expires_at == counter.clock.now() + LIFE


@pytest.mark.rule("I-16")
def test_nobody_approves_their_own_request_not_even_a_supervisor(
    counter: Counter, database: Database
) -> None:
    boss = a_supervisor(database)
    counter.actor = signed_on(counter, boss)
    reception, request = a_revocation(counter)
    asked = counter.approving.ask(counter.actor, reception.number, request)
    with pytest.raises(OwnRequest):
        decide_as(counter, asked, boss)
    with pytest.raises(OwnRequest):
        counter.approving.approve(counter.actor, asked.approval_pk, asked.digest)
    assert states_of(database) == ["asked"]


@pytest.mark.rule("I-16")
def test_one_human_being_with_two_ids_is_not_two_pairs_of_eyes(counter: Counter, database: Database) -> None:
    with database.reading() as session:
        clerk = session.get_one(Staff, counter.actor.staff_pk)
    twin = a_supervisor(database, person_number=clerk.person_number)
    reception, request = a_revocation(counter)
    asked = counter.approving.ask(counter.actor, reception.number, request)
    with pytest.raises(OwnRequest):
        decide_as(counter, asked, twin)
    with pytest.raises(OwnRequest):
        counter.approving.approve(signed_on(counter, twin), asked.approval_pk, asked.digest)


@pytest.mark.rule("I-16")
@pytest.mark.parametrize("role", [StaffRole.CLERK, StaffRole.AUDITOR, StaffRole.ADMINISTRATOR])
def test_only_a_supervisor_approves(
    counter: Counter, database: Database, asked: ApprovalView, role: StaffRole
) -> None:
    other = a_staff(database, role=role)
    with pytest.raises(MayNotApprove):
        decide_as(counter, asked, other)
    with pytest.raises(NotPermitted):
        counter.approving.approve(signed_on(counter, other), asked.approval_pk, asked.digest)
    assert states_of(database) == ["asked"]


@pytest.mark.rule("I-16")
def test_a_supervisor_of_another_branch_does_not_decide_here(
    counter: Counter, database: Database, asked: ApprovalView
) -> None:
    there = a_branch(database, "034")
    visiting = a_supervisor(database, branch_pk=there.pk)
    with pytest.raises(MayNotApprove):
        decide_as(counter, asked, visiting)
    at_home = an_actor(database, StaffRole.SUPERVISOR, a_terminal(database, "034"))
    assert counter.approving.inbox(at_home) == ()
    with pytest.raises(CaseNotOpen):
        counter.approving.approve(at_home, asked.approval_pk, asked.digest)


@pytest.mark.rule("I-16")
def test_a_supervisor_who_has_left_does_not_approve(
    counter: Counter, database: Database, asked: ApprovalView, supervisor: Staff
) -> None:
    changed(database, supervisor, active=False)
    with pytest.raises(SignOnRefused):
        decide_as(counter, asked, supervisor)


@pytest.mark.rule("I-16", "I-17")
def test_an_approval_does_not_outlive_the_rights_of_who_gave_it(
    counter: Counter, database: Database, supervisor: Staff
) -> None:
    reception, request = a_revocation(counter)
    approved(counter, reception, request, supervisor)
    changed(database, supervisor, role=StaffRole.CLERK)
    with pytest.raises(MayNotApprove):
        counter.revoking.execute(counter.actor, reception.number)


# --- in the dialog ---------------------------------------------------------------------------------------------------


@pytest.mark.rule("I-16")
def test_the_third_wrong_sign_on_closes_the_request(
    counter: Counter, database: Database, asked: ApprovalView, supervisor: Staff
) -> None:
    others = [supervisor, a_supervisor(database)]
    for staff, tries_left in zip(others, (2, 1), strict=True):
        with pytest.raises(SignOnRefused):
            decide_as(counter, asked, staff, WRONG)
        view = counter.approving.of_case(counter.actor, asked.shown.reception_no)
        assert view is not None
        assert view.tries_left == tries_left
    with pytest.raises(ApprovalClosed):
        decide_as(counter, asked, a_supervisor(database), WRONG)
    with pytest.raises(AlreadyDecided) as refused:
        decide_as(counter, asked, supervisor)
    assert refused.value.state == ApprovalState.VOID
    assert told(database).count(("approval:sign_on:refused", "refused")) == 3
    assert ("approval:request:voided", "refused") in told(database)


@pytest.mark.rule("I-16")
def test_a_wrong_sign_on_counts_although_the_clerk_was_shut_out_meanwhile(
    counter: Counter, database: Database, asked: ApprovalView, supervisor: Staff
) -> None:
    slow = SlowVerifier(hasher=HASHER, meanwhile=lambda: shut_out(database, counter.actor))
    approving = replace(counter.approving, proof=replace(counter.approving.proof, verifier=slow))

    with pytest.raises(SignOnRefused):
        approving.approve_here(
            counter.actor, asked.approval_pk, asked.digest, supervisor.staff_id, Secret(WRONG)
        )

    with database.reading() as session:
        assert session.get_one(Approval, asked.approval_pk).wrong_sign_ons == 1


def test_wrong_sign_ons_in_the_dialog_pause_the_approver_everywhere(
    counter: Counter, database: Database, asked: ApprovalView, supervisor: Staff
) -> None:
    for _ in range(2):
        with pytest.raises(SignOnRefused):
            decide_as(counter, asked, supervisor, WRONG)
    with pytest.raises(ApprovalClosed):
        decide_as(counter, asked, supervisor, WRONG)
    again = counter.approving.ask(counter.actor, asked.shown.reception_no, asked.request)
    with pytest.raises(SignOnPaused):
        decide_as(counter, again, supervisor)


def test_an_id_that_nobody_has_is_refused_like_a_wrong_password(
    counter: Counter, asked: ApprovalView
) -> None:
    with pytest.raises(SignOnRefused):
        counter.approving.approve_here(
            counter.actor, asked.approval_pk, asked.digest, "nobody1", Secret(STAFF_PASSWORD)
        )


def test_a_rejection_says_why_and_leaves_the_reception_where_it_was(
    counter: Counter, asked: ApprovalView, supervisor: Staff
) -> None:
    view = counter.approving.reject_here(
        counter.actor,
        asked.approval_pk,
        asked.digest,
        supervisor.staff_id,
        Secret(STAFF_PASSWORD),
        "届出印が相違",
    )
    assert (view.state, view.reject_reason) == (ApprovalState.REJECTED, "届出印が相違")
    with pytest.raises(ApprovalNeeded):
        counter.revoking.execute(counter.actor, asked.shown.reception_no)
    assert counter.approving.ask(counter.actor, asked.shown.reception_no, asked.request).state == "asked"


@pytest.mark.parametrize("reason", ["", "   ", "x" * 61, "改行\n", "\u202e"])
def test_a_rejection_needs_a_reason_that_can_be_read(
    counter: Counter, database: Database, asked: ApprovalView, supervisor: Staff, reason: str
) -> None:
    boss = signed_on(counter, supervisor)
    with pytest.raises(BadInput) as refused:
        counter.approving.reject(boss, asked.approval_pk, asked.digest, reason)
    assert refused.value.field == "reason"
    assert states_of(database) == ["asked"]


# --- the inbox -------------------------------------------------------------------------------------------------------


def test_the_inbox_holds_what_waits_at_this_branch_oldest_first(
    counter: Counter, database: Database, supervisor: Staff
) -> None:
    receptions = []
    for _ in range(3):
        reception, request = a_revocation(counter)
        counter.approving.ask(counter.actor, reception.number, request)
        receptions.append(reception.number)
        counter.clock.step(minutes=1)
    boss = signed_on(counter, supervisor)
    waiting = counter.approving.inbox(boss)
    assert [view.shown.reception_no for view in waiting] == receptions
    counter.approving.approve(boss, waiting[0].approval_pk, waiting[0].digest)
    counter.approving.reject(boss, waiting[1].approval_pk, waiting[1].digest, "書面の不備")
    assert [view.shown.reception_no for view in counter.approving.inbox(boss)] == receptions[2:]


@pytest.mark.rule("I-16", "I-17")
def test_a_supervisor_decides_at_another_terminal_of_the_branch(
    counter: Counter, asked: ApprovalView, database: Database, supervisor: Staff, tmp_path: Path
) -> None:
    terminal = a_terminal(database, "012", "02")
    there = build_counter(
        database, tmp_path / "02", counter.clock, an_actor(database, StaffRole.SUPERVISOR, terminal=terminal)
    )
    boss = signed_on(there, supervisor)
    (waiting,) = there.approving.inbox(boss)
    assert waiting == asked
    there.approving.approve(boss, waiting.approval_pk, waiting.digest)
    there.signer.close()

    number = asked.shown.reception_no
    assert counter.revoking.execute(counter.actor, number).approved_by == supervisor.staff_id
    where = {line.tag: line.body["terminal_no"] for line in journal_of(database, number)}
    assert where["approval:decision:approved"] == "02"
    assert where["certificate:state:revoked"] == "01"


def test_a_clerk_has_no_inbox(counter: Counter) -> None:
    with pytest.raises(NotPermitted):
        counter.approving.inbox(counter.actor)


def test_the_clerk_sees_what_was_decided_elsewhere(
    counter: Counter, asked: ApprovalView, supervisor: Staff
) -> None:
    counter.approving.approve(signed_on(counter, supervisor), asked.approval_pk, asked.digest)
    view = counter.approving.of_case(counter.actor, asked.shown.reception_no)
    assert view is not None
    assert (view.state, view.decided_by) == (ApprovalState.APPROVED, supervisor.staff_id)
    assert (
        counter.revoking.execute(counter.actor, asked.shown.reception_no).approved_by == supervisor.staff_id
    )
