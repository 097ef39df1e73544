"""Four eyes as rules: every combination of who, when and what, told once more without the code under test."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kiosk.rules.approvals import (
    DIALOG_TRIES,
    LIVE_STATES,
    Approval,
    ApprovalState,
    ApprovalSubject,
    Objection,
    Person,
    expires_at,
    objection_to_checker,
    objection_to_decision,
    objection_to_execution,
    state_at,
)
from kiosk.rules.roles import StaffRole

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
SEEN = "a" * 64
ASKED = Approval(
    subject=ApprovalSubject.REVOKE,
    state=ApprovalState.ASKED,
    branch_pk=1,
    maker_pk=10,
    maker_person="P1",
    digest=SEEN,
    asked_at=NOW,
)
APPROVED = replace(ASKED, state=ApprovalState.APPROVED, decided_at=NOW)
BOTH = (False, True)
SUPERVISOR = Person(staff_pk=20, person_number="P2", role=StaffRole.SUPERVISOR, branch_pk=1)


def decision(approval: Approval = ASKED, checker: Person = SUPERVISOR, **other: object) -> Objection | None:
    """Deciding at once, on exactly what was asked, unless told otherwise."""
    values: dict[str, object] = {"seen": SEEN, "digest_now": SEEN, "now": NOW} | other
    return objection_to_decision(approval, checker, **values)  # type: ignore[arg-type]  # values by name


def execution(approval: Approval = APPROVED, executor_pk: int = 10, **other: object) -> Objection | None:
    """Executing at once, by the one who asked, unless told otherwise."""
    values: dict[str, object] = {"checker": SUPERVISOR, "digest_now": SEEN, "now": NOW} | other
    return objection_to_execution(approval, executor_pk, **values)  # type: ignore[arg-type]  # values by name


@pytest.mark.rule("I-16")
def test_every_checker_is_judged_by_role_branch_row_and_person() -> None:
    for role, same_branch, active, same_row, same_person in product(StaffRole, BOTH, BOTH, BOTH, BOTH):
        checker = Person(
            staff_pk=10 if same_row else 20,
            person_number="P1" if same_person else "P2",
            role=role,
            branch_pk=1 if same_branch else 2,
            active=active,
        )
        expected: Objection | None
        if role is not StaffRole.SUPERVISOR or not same_branch or not active:
            expected = Objection.MAY_NOT_APPROVE
        else:
            expected = Objection.OWN_REQUEST if same_row or same_person else None
        assert objection_to_checker(ASKED, checker) is expected
        assert decision(checker=checker) is expected
        assert execution(checker=checker) is expected


@pytest.mark.rule("I-16", "I-17")
@pytest.mark.parametrize("state", ApprovalState)
def test_only_what_is_asked_is_decided_and_only_what_is_approved_is_executed(state: ApprovalState) -> None:
    row = replace(APPROVED, state=state)
    assert (decision(row) is None) == (state is ApprovalState.ASKED)
    assert (execution(row) is None) == (state is ApprovalState.APPROVED)


@pytest.mark.rule("I-17")
@given(seconds=st.integers(-3_600, 3_600))
@example(seconds=599)
@example(seconds=600)
@example(seconds=1_139)
@example(seconds=1_140)
def test_a_request_and_an_approval_live_ten_minutes_each(seconds: int) -> None:
    then = NOW + timedelta(seconds=seconds)
    expected = Objection.EXPIRED if seconds >= 600 else None
    assert decision(now=then) is expected
    assert execution(now=then) is expected
    decided_later = replace(APPROVED, decided_at=NOW + timedelta(minutes=9))
    assert execution(decided_later, now=then) is (Objection.EXPIRED if seconds >= 1_140 else None)


def test_an_approver_signs_on_wrongly_at_most_twice() -> None:
    assert DIALOG_TRIES == 3


@pytest.mark.parametrize("state", ApprovalState)
def test_only_a_live_request_has_an_end_to_wait_for(state: ApprovalState) -> None:
    row = replace(APPROVED, state=state)
    assert (expires_at(row) is None) == (state not in LIVE_STATES)
    if state not in LIVE_STATES:
        assert state_at(row, NOW + timedelta(days=365)) is state


def test_a_confirmation_waits_until_somebody_decides() -> None:
    row = replace(ASKED, subject=ApprovalSubject.CONFIRM_EMERGENCY)
    assert expires_at(row) is None
    assert decision(row, now=NOW + timedelta(days=365)) is None


@pytest.mark.rule("I-17")
@given(seen=st.sampled_from("abc"), asked=st.sampled_from("abc"), now=st.sampled_from("abc"))
def test_a_decision_is_about_what_was_shown_asked_and_still_is(seen: str, asked: str, now: str) -> None:
    same = len({seen, asked, now}) == 1
    row = replace(ASKED, digest=asked)
    assert decision(row, seen=seen, digest_now=now) is (None if same else Objection.CHANGED)
    approved = replace(APPROVED, digest=asked)
    assert execution(approved, digest_now=now) is (None if asked == now else Objection.CHANGED)


@pytest.mark.rule("I-17")
def test_only_the_asker_executes() -> None:
    assert execution(executor_pk=20) is Objection.NOT_THE_ASKER


@pytest.mark.rule("I-16", "I-17")
def test_the_first_objection_of_the_list_is_told() -> None:
    """What can never be mended comes first; a change, which voids the request, comes last."""
    late = NOW + timedelta(hours=1)
    twin = replace(SUPERVISOR, person_number="P1", role=StaffRole.CLERK)
    executed = replace(APPROVED, state=ApprovalState.EXECUTED)
    told = [
        execution(executed, 20, checker=twin, digest_now="b", now=late),
        execution(APPROVED, 20, checker=twin, digest_now="b", now=late),
        execution(APPROVED, 20, checker=twin, digest_now="b"),
        execution(APPROVED, 10, checker=twin, digest_now="b"),
        execution(APPROVED, 10, checker=replace(twin, role=StaffRole.SUPERVISOR), digest_now="b"),
        execution(APPROVED, 10, digest_now="b"),
    ]
    assert told == list(Objection)
