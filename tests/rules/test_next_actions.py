"""What can be done for a user now: named situations with their sentence, then every combination there is."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import product

import pytest

from kiosk.rules.lockout import LockState
from kiosk.rules.next_actions import (
    MESSAGE_CODES,
    TRANSACTIONS_FOR_USERS,
    NextAction,
    Reason,
    UserSituation,
    next_action,
    next_actions,
)
from kiosk.rules.operations import Holding, Transaction, TransactionFamily, door, kind_of_issue
from kiosk.rules.roles import StaffRole
from kiosk.rules.users import UserRole, UserStatus

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
TODAY = date(2026, 3, 2)
IN_40_MINUTES = NOW + timedelta(minutes=40)

ACTIVE = LockState(
    status=UserStatus.ACTIVE, consecutive_failures=2, lock_count=1, locked_until=None, charges=8
)
LOCKED = replace(ACTIVE, locked_until=IN_40_MINUTES)
LOCK_RUN_OUT = replace(ACTIVE, locked_until=NOW)
BLOCKED = replace(ACTIVE, status=UserStatus.BLOCKED, lock_count=3)

ISSUES = [Transaction.FIRST_ISSUE, Transaction.RENEW, Transaction.REISSUE]
REVOCATIONS = [Transaction.REVOKE, Transaction.EMERGENCY_REVOKE]
UNBLOCK = Transaction.UNBLOCK


def held(days_left: int, *, revoked: bool = False, delivered: bool = True) -> Holding:
    return Holding(last_valid_date=TODAY + timedelta(days=days_left), revoked=revoked, delivered=delivered)


RENEWABLE = UserSituation(
    role=UserRole.MASTER,
    initial_registration_done=True,
    lock=ACTIVE,
    holdings=(held(20),),
    same_branch=True,
    open_families=frozenset(),
    in_service=True,
)
NEVER = replace(RENEWABLE, holdings=())
LIVE = replace(RENEWABLE, holdings=(held(200),))
GONE = replace(RENEWABLE, holdings=(held(-10),))
REVOKED = replace(RENEWABLE, holdings=(held(200, revoked=True),))


def answer(
    situation: UserSituation, transaction: Transaction, role: StaffRole = StaffRole.CLERK
) -> NextAction:
    return next_action(situation, role, transaction, NOW)


def refused(transaction: Transaction, reason: Reason) -> NextAction:
    return NextAction(transaction=transaction, allowed=False, reason=reason, opens=None, until=None)


def allowed(situation: UserSituation) -> list[Transaction]:
    return [each.transaction for each in next_actions(situation, StaffRole.CLERK, NOW) if each.allowed]


@pytest.mark.rule("R-03", "R-07", "R-10", "R-12", "R-20", "R-32", "E-30", "E-73")
@pytest.mark.parametrize(
    ("situation", "possible"),
    [
        (NEVER, [Transaction.FIRST_ISSUE]),
        (RENEWABLE, [Transaction.RENEW, *REVOCATIONS]),
        (LIVE, REVOCATIONS),
        (GONE, [Transaction.REISSUE]),
        (REVOKED, [Transaction.REISSUE]),
        (replace(LIVE, holdings=(held(200, delivered=False),)), REVOCATIONS),
        (replace(LIVE, holdings=(held(20), held(365))), REVOCATIONS),
        (replace(GONE, lock=BLOCKED), [UNBLOCK]),
        (replace(LIVE, lock=BLOCKED), [*REVOCATIONS, UNBLOCK]),
        (replace(RENEWABLE, lock=LOCKED), REVOCATIONS),
        (replace(RENEWABLE, lock=LOCK_RUN_OUT), [Transaction.RENEW, *REVOCATIONS]),
    ],
)
def test_what_is_possible_follows_from_certificates_and_lock(
    situation: UserSituation, possible: list[Transaction]
) -> None:
    assert allowed(situation) == possible


@pytest.mark.rule("R-50", "E-29", "E-30")
@pytest.mark.parametrize("transaction", ISSUES)
def test_a_live_certificate_is_refused_with_the_day_renewal_opens(transaction: Transaction) -> None:
    assert answer(LIVE, transaction) == replace(
        refused(transaction, Reason.LIVE_CERTIFICATE), opens=TODAY + timedelta(days=170)
    )


@pytest.mark.rule("E-73")
@pytest.mark.parametrize(
    ("situation", "reason", "right_one"),
    [
        (NEVER, Reason.FIRST_ISSUE_INSTEAD, Transaction.FIRST_ISSUE),
        (RENEWABLE, Reason.RENEW_INSTEAD, Transaction.RENEW),
        (GONE, Reason.REISSUE_INSTEAD, Transaction.REISSUE),
    ],
)
def test_the_wrong_kind_of_issue_names_the_right_one(
    situation: UserSituation, reason: Reason, right_one: Transaction
) -> None:
    for transaction in set(ISSUES) - {right_one}:
        assert answer(situation, transaction) == refused(transaction, reason)


@pytest.mark.rule("R-31", "E-74")
def test_a_master_user_registers_on_the_web_first() -> None:
    situation = replace(NEVER, initial_registration_done=False)
    assert answer(situation, Transaction.FIRST_ISSUE).reason is Reason.INITIAL_REGISTRATION_OPEN


@pytest.mark.rule("R-32")
def test_a_general_user_needs_no_registration_of_the_masters_kind() -> None:
    situation = replace(NEVER, role=UserRole.GENERAL, initial_registration_done=False)
    assert answer(situation, Transaction.FIRST_ISSUE).allowed


@pytest.mark.rule("R-48", "E-24", "E-34")
def test_a_locked_user_is_told_when_the_lock_ends() -> None:
    assert answer(replace(RENEWABLE, lock=LOCKED), Transaction.RENEW) == replace(
        refused(Transaction.RENEW, Reason.LOCKED), until=IN_40_MINUTES
    )


@pytest.mark.rule("R-54", "I-10")
def test_a_blocked_master_user_is_to_be_unblocked_first() -> None:
    situation = replace(RENEWABLE, lock=BLOCKED)
    assert answer(situation, Transaction.RENEW) == refused(Transaction.RENEW, Reason.MASTER_BLOCKED)
    assert answer(situation, UNBLOCK).allowed


@pytest.mark.rule("R-52", "R-53", "E-37", "I-10")
def test_a_blocked_general_user_goes_to_the_master_user() -> None:
    situation = replace(RENEWABLE, role=UserRole.GENERAL, lock=BLOCKED)
    assert answer(situation, Transaction.RENEW) == refused(Transaction.RENEW, Reason.GENERAL_BLOCKED)
    assert answer(situation, UNBLOCK) == refused(UNBLOCK, Reason.UNBLOCKED_BY_MASTER)


@pytest.mark.rule("R-48", "E-38")
@pytest.mark.parametrize("role", UserRole)
def test_a_lock_is_not_lifted_at_the_counter(role: UserRole) -> None:
    assert answer(replace(RENEWABLE, role=role, lock=LOCKED), UNBLOCK) == replace(
        refused(UNBLOCK, Reason.ONLY_LOCKED), until=IN_40_MINUTES
    )


@pytest.mark.rule("E-38")
@pytest.mark.parametrize("lock", [ACTIVE, LOCK_RUN_OUT])
def test_who_is_not_blocked_cannot_be_unblocked(lock: LockState) -> None:
    assert answer(replace(RENEWABLE, lock=lock), UNBLOCK) == refused(UNBLOCK, Reason.NOT_BLOCKED)


@pytest.mark.rule("R-11", "R-16", "E-39")
@pytest.mark.parametrize("transaction", REVOCATIONS)
@pytest.mark.parametrize("lock", [ACTIVE, LOCKED, BLOCKED])
@pytest.mark.parametrize("role", UserRole)
def test_a_live_certificate_can_be_revoked_whatever_the_lock(
    role: UserRole, lock: LockState, transaction: Transaction
) -> None:
    assert answer(replace(LIVE, role=role, lock=lock, visitor_is_proxy=True), transaction).allowed


@pytest.mark.rule("R-07", "E-77")
@pytest.mark.parametrize("transaction", REVOCATIONS)
def test_an_expired_certificate_needs_no_revocation(transaction: Transaction) -> None:
    for situation in (GONE, replace(GONE, holdings=(held(-10), held(200, revoked=True)))):
        assert answer(situation, transaction) == refused(transaction, Reason.EXPIRED_NEEDS_NO_REVOCATION)


@pytest.mark.rule("E-76", "E-78")
@pytest.mark.parametrize("transaction", REVOCATIONS)
@pytest.mark.parametrize("situation", [NEVER, REVOKED, replace(GONE, holdings=(held(-10, revoked=True),))])
def test_without_a_live_certificate_there_is_nothing_to_revoke(
    situation: UserSituation, transaction: Transaction
) -> None:
    assert answer(situation, transaction) == refused(transaction, Reason.NO_LIVE_CERTIFICATE)


@pytest.mark.rule("R-16", "E-60")
def test_a_certificate_is_issued_to_its_user_in_person_only() -> None:
    situation = replace(RENEWABLE, visitor_is_proxy=True)
    assert answer(situation, Transaction.RENEW) == refused(Transaction.RENEW, Reason.PROXY_CANNOT_RECEIVE)


@pytest.mark.rule("E-94")
@pytest.mark.parametrize("transaction", TRANSACTIONS_FOR_USERS)
def test_only_the_home_branch_serves_a_user(transaction: Transaction) -> None:
    situation = replace(RENEWABLE, same_branch=False)
    assert answer(situation, transaction) == refused(transaction, Reason.OTHER_BRANCH)


@pytest.mark.parametrize("transaction", TRANSACTIONS_FOR_USERS)
def test_out_of_hours_nothing_is_done_for_users(transaction: Transaction) -> None:
    situation = replace(RENEWABLE, in_service=False)
    assert answer(situation, transaction) == refused(transaction, Reason.OUT_OF_HOURS)


@pytest.mark.rule("E-90")
@pytest.mark.parametrize(
    ("family", "closed"),
    [
        (TransactionFamily.ISSUE, ISSUES),
        (TransactionFamily.REVOKE, REVOCATIONS),
        (TransactionFamily.UNBLOCK, [UNBLOCK]),
    ],
)
def test_an_open_reception_closes_its_own_family_only(
    family: TransactionFamily, closed: list[Transaction]
) -> None:
    situation = replace(RENEWABLE, open_families=frozenset({family}))
    refusals = {each.transaction: each.reason for each in next_actions(situation, StaffRole.CLERK, NOW)}
    assert [number for number, reason in refusals.items() if reason is Reason.ALREADY_OPEN] == closed


@pytest.mark.rule("R-11", "E-96")
@pytest.mark.parametrize("transaction", TRANSACTIONS_FOR_USERS)
def test_by_phone_nothing_but_the_emergency_is_possible(transaction: Transaction) -> None:
    by_phone, at_the_counter = (replace(RENEWABLE, by_phone=phone) for phone in (True, False))
    emergency = transaction is Transaction.EMERGENCY_REVOKE
    assert (answer(by_phone, transaction).reason is Reason.NOT_BY_PHONE) == (not emergency)
    assert (answer(at_the_counter, transaction).reason is Reason.ONLY_BY_PHONE) == emergency


@pytest.mark.parametrize("transaction", TRANSACTIONS_FOR_USERS)
@pytest.mark.parametrize("role", [StaffRole.AUDITOR, StaffRole.ADMINISTRATOR])
def test_auditors_and_administrators_do_nothing_for_users(role: StaffRole, transaction: Transaction) -> None:
    assert answer(RENEWABLE, transaction, role) == refused(transaction, Reason.NOT_PERMITTED)


@pytest.mark.rule("E-30")
def test_a_supervisor_sees_what_a_clerk_sees() -> None:
    assert next_actions(RENEWABLE, StaffRole.SUPERVISOR, NOW) == next_actions(RENEWABLE, StaffRole.CLERK, NOW)


@pytest.mark.parametrize("transaction", sorted(set(Transaction) - set(TRANSACTIONS_FOR_USERS)))
def test_what_is_not_done_for_a_user_is_not_asked_about_one(transaction: Transaction) -> None:
    with pytest.raises(ValueError, match=f"{transaction.name} is not a transaction for a user"):
        answer(RENEWABLE, transaction, StaffRole.SUPERVISOR)


def test_each_reason_has_its_message() -> None:
    assert {reason.name: MESSAGE_CODES[reason] for reason in Reason} == {
        "NOT_PERMITTED": "ET03",
        "OTHER_BRANCH": "ET04",
        "OUT_OF_HOURS": "EC08",
        "ALREADY_OPEN": "ES04",
        "ONLY_BY_PHONE": "EC09",
        "NOT_BY_PHONE": "EC09",
        "INITIAL_REGISTRATION_OPEN": "EC07",
        "LIVE_CERTIFICATE": "EC06",
        "FIRST_ISSUE_INSTEAD": "EC09",
        "RENEW_INSTEAD": "EC09",
        "REISSUE_INSTEAD": "EC09",
        "MASTER_BLOCKED": "EA08",
        "GENERAL_BLOCKED": "EA09",
        "LOCKED": "EA07",
        "PROXY_CANNOT_RECEIVE": "EC05",
        "EXPIRED_NEEDS_NO_REVOCATION": "ER02",
        "NO_LIVE_CERTIFICATE": "EC09",
        "UNBLOCKED_BY_MASTER": "EU02",
        "ONLY_LOCKED": "EU03",
        "NOT_BLOCKED": "EU04",
    }
    assert len(MESSAGE_CODES) == len(Reason)


# --- every combination -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Stack:
    """A stack of certificates, and in plain words what it holds."""

    holdings: tuple[Holding, ...]
    words: frozenset[str]


STACKS = [
    Stack((), frozenset()),
    Stack((held(200),), frozenset({"valid"})),
    Stack((held(31, delivered=False),), frozenset({"valid"})),
    Stack((held(30),), frozenset({"renewable"})),
    Stack((held(0), held(-1)), frozenset({"renewable", "expired"})),
    Stack((held(20), held(365)), frozenset({"renewable", "valid"})),
    Stack((held(-1),), frozenset({"expired"})),
    Stack((held(-900), held(20, revoked=True)), frozenset({"expired", "revoked"})),
    Stack((held(300, revoked=True),), frozenset({"revoked"})),
    Stack((held(-1, revoked=True),), frozenset({"revoked"})),
]
LOCKS = {"active": ACTIVE, "run_out": LOCK_RUN_OUT, "locked": LOCKED, "blocked": BLOCKED}
FAMILIES = [
    frozenset(family for family, chosen in zip(TransactionFamily, choice, strict=True) if chosen)
    for choice in product([False, True], repeat=3)
]
NUMBER_TO_FAMILY = {"1": "issue", "2": "revoke", "3": "unblock"}


def everything_against(
    transaction: Transaction, situation: UserSituation, words: frozenset[str], lock: str, role: StaffRole
) -> set[Reason]:
    """All reasons that apply, in no order, told without the code under test."""
    master = situation.role is UserRole.MASTER
    live = words & {"valid", "renewable"}
    kind = "102" if live else "103" if words else "101"
    issue, revoke, unblock = (transaction.startswith(digit) for digit in "123")
    instead = {
        "101": Reason.FIRST_ISSUE_INSTEAD,
        "102": Reason.RENEW_INSTEAD,
        "103": Reason.REISSUE_INSTEAD,
    }[kind]
    against = {
        Reason.NOT_PERMITTED: role in {StaffRole.AUDITOR, StaffRole.ADMINISTRATOR},
        Reason.OTHER_BRANCH: not situation.same_branch,
        Reason.OUT_OF_HOURS: not situation.in_service,
        Reason.ALREADY_OPEN: NUMBER_TO_FAMILY[transaction[0]] in situation.open_families,
        Reason.INITIAL_REGISTRATION_OPEN: issue and master and not situation.initial_registration_done,
        Reason.LIVE_CERTIFICATE: issue and "valid" in words,
        instead: issue and transaction != kind,
        Reason.MASTER_BLOCKED: issue and master and lock == "blocked",
        Reason.GENERAL_BLOCKED: issue and not master and lock == "blocked",
        Reason.LOCKED: issue and lock == "locked",
        Reason.PROXY_CANNOT_RECEIVE: issue and situation.visitor_is_proxy,
        Reason.EXPIRED_NEEDS_NO_REVOCATION: revoke and not live and "expired" in words,
        Reason.NO_LIVE_CERTIFICATE: revoke and not live and "expired" not in words,
        Reason.UNBLOCKED_BY_MASTER: unblock and lock == "blocked" and not master,
        Reason.ONLY_LOCKED: unblock and lock == "locked",
        Reason.NOT_BLOCKED: unblock and lock in {"active", "run_out"},
    }
    return {reason for reason, applies in against.items() if applies}


@pytest.mark.rule(
    "R-03", "R-07", "R-16", "R-31", "R-32", "R-48", "R-50", "R-52", "R-54", "E-30", "E-34", "E-37", "E-38",
    "E-39", "E-69", "E-73", "E-74", "E-77", "E-90", "E-94", "I-10",
)  # fmt: skip
@pytest.mark.parametrize("staff_role", StaffRole)
@pytest.mark.parametrize("user_role", UserRole)
def test_every_combination_is_answered_once_and_truly(user_role: UserRole, staff_role: StaffRole) -> None:
    flags = product([False, True], repeat=4)
    for stack, lock, families, (registered, same_branch, in_service, proxy) in product(
        STACKS, LOCKS, FAMILIES, flags
    ):
        situation = UserSituation(
            role=user_role,
            initial_registration_done=registered,
            lock=LOCKS[lock],
            holdings=stack.holdings,
            same_branch=same_branch,
            open_families=families,
            in_service=in_service,
            visitor_is_proxy=proxy,
        )
        actions = next_actions(situation, staff_role, NOW)
        assert [each.transaction.value for each in actions] == ["101", "102", "103", "201", "202", "301"]
        for action in actions:
            against = everything_against(action.transaction, situation, stack.words, lock, staff_role)
            first = next((reason for reason in Reason if reason in against), None)
            assert (action.allowed, action.reason) == (first is None, first)
            assert action.opens == (door(stack.holdings, NOW) if first is Reason.LIVE_CERTIFICATE else None)
            assert action.until == (IN_40_MINUTES if first in {Reason.LOCKED, Reason.ONLY_LOCKED} else None)
        _agrees_with_door_and_kind(actions, stack.holdings)


def _agrees_with_door_and_kind(actions: tuple[NextAction, ...], holdings: tuple[Holding, ...]) -> None:
    issues = [each.transaction for each in actions if each.allowed and each.transaction.startswith("1")]
    assert issues in ([], [kind_of_issue(holdings, NOW).transaction])
    if issues:
        assert door(holdings, NOW) is None
