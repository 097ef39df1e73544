"""Signing on, the pause after wrong passwords, the locked screen."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import timedelta
from statistics import median

import pytest
from sqlmodel import col, select

from db.database import Database
from db.tables import Staff
from kiosk.audit.events import EventTag
from kiosk.errors import CannotCheckNow, KioskError, NotPermitted, SignOnPaused, SignOnRefused
from kiosk.rules.roles import StaffRole
from kiosk.rules.staff_lock import STAFF_PAUSE_MINUTES, STAFF_TRIES_BEFORE_PAUSE
from kiosk.secret import Secret
from kiosk.services.desk.guard import Desk
from kiosk.services.desk.held import HeldPasswords
from kiosk.services.staff.accounts import StaffAccounts
from kiosk.services.staff.passwords import PasswordHasher
from kiosk.services.staff.signing_in import PasswordVerifier, SigningIn, Verdict
from tests.support.builders import (
    HASHER,
    STAFF_PASSWORD,
    a_branch,
    a_desk,
    a_staff,
    a_terminal,
    an_actor,
    hashed,
)
from tests.support.clock import SteppedClock
from tests.support.journal import journal_of, told

RIGHT = Secret(STAFF_PASSWORD)
WRONG = Secret("Chigau#01")


@pytest.fixture
def signing_in(desk: Desk, database: Database) -> SigningIn:
    return at_a_terminal(desk, database)


def at_a_terminal(desk: Desk, database: Database, hasher: PasswordHasher = HASHER) -> SigningIn:
    return SigningIn(
        desk=desk,
        terminal=a_terminal(database),
        verifier=PasswordVerifier(hasher=hasher),
        passwords=HeldPasswords(),
    )


def refusal(use_case: Callable[[], object]) -> KioskError:
    """What a use case refuses with."""
    with pytest.raises(KioskError) as refused:
        use_case()
    return refused.value


def row_of(database: Database, staff_id: str) -> Staff:
    with database.reading() as session:
        return session.exec(select(Staff).where(col(Staff.staff_id) == staff_id)).one()


def test_the_right_password_lets_in(signing_in: SigningIn, database: Database) -> None:
    staff = a_staff(database, "op001", role=StaffRole.SUPERVISOR, name="役席 一郎")

    actor = signing_in.sign_in("op001", RIGHT)
    another_day = signing_in.sign_in("op001", RIGHT)

    assert (actor.staff_pk, actor.staff_id, actor.name) == (staff.pk, "op001", "役席 一郎")
    assert actor.role is StaffRole.SUPERVISOR
    assert actor.terminal == signing_in.terminal
    assert actor.session != another_day.session
    line = journal_of(database)[0]
    assert (line.tag, line.outcome) == (EventTag.SIGN_ON_OK, "done")
    assert (line.body["staff_id"], line.body["role"]) == ("op001", "supervisor")
    assert (line.body["branch_no"], line.body["terminal_no"]) == ("012", "01")


@pytest.mark.rule("ET01", "ET02")
def test_the_third_wrong_password_begins_a_pause(
    signing_in: SigningIn, database: Database, clock: SteppedClock
) -> None:
    a_staff(database, "op001")

    answers = [refusal(lambda: signing_in.sign_in("op001", WRONG)) for _ in range(STAFF_TRIES_BEFORE_PAUSE)]

    assert [type(answer) for answer in answers] == [SignOnRefused, SignOnRefused, SignOnPaused]
    assert isinstance(answers[-1], SignOnPaused)
    assert answers[-1].until == clock.now() + timedelta(minutes=STAFF_PAUSE_MINUTES)
    assert isinstance(refusal(lambda: signing_in.sign_in("op001", RIGHT)), SignOnPaused)


def test_the_pause_ends_by_itself(signing_in: SigningIn, database: Database, clock: SteppedClock) -> None:
    a_staff(database, "op001")
    for _ in range(STAFF_TRIES_BEFORE_PAUSE):
        refusal(lambda: signing_in.sign_in("op001", WRONG))

    clock.step(minutes=STAFF_PAUSE_MINUTES, seconds=-1)
    assert isinstance(refusal(lambda: signing_in.sign_in("op001", RIGHT)), SignOnPaused)
    clock.step(seconds=1)
    assert signing_in.sign_in("op001", RIGHT).staff_id == "op001"


def test_the_right_password_clears_the_count(signing_in: SigningIn, database: Database) -> None:
    a_staff(database, "op001")
    for _ in range(3):
        refusal(lambda: signing_in.sign_in("op001", WRONG))
        refusal(lambda: signing_in.sign_in("op001", WRONG))
        signing_in.sign_in("op001", RIGHT)

    assert row_of(database, "op001").failures == 0


def test_every_refused_sign_on_is_journaled(signing_in: SigningIn, database: Database) -> None:
    a_staff(database, "op001")
    for _ in range(4):
        refusal(lambda: signing_in.sign_in("op001", WRONG))

    lines = journal_of(database)
    assert [(line.tag, line.body["code"]) for line in lines] == [
        (EventTag.SIGN_ON_REFUSED, "ET01"),
        (EventTag.SIGN_ON_REFUSED, "ET01"),
        (EventTag.SIGN_ON_PAUSED, "ET02"),
        (EventTag.SIGN_ON_PAUSED, "ET02"),
    ]
    assert {(line.body["staff_id"], line.body["role"]) for line in lines} == {("op001", None)}


@pytest.mark.rule("I-11", "E-31")
@pytest.mark.parametrize(
    "typed", ["op999", "", "op001 ", "OP001", "オペレーター", "x" * 500, "a\x00b", "\udcff"]
)
def test_an_id_that_nobody_has_reads_like_a_wrong_password(
    signing_in: SigningIn, database: Database, typed: str
) -> None:
    a_staff(database, "op001")

    known = [type(refusal(lambda: signing_in.sign_in("op001", WRONG))) for _ in range(4)]
    unknown = [type(refusal(lambda: signing_in.sign_in(typed, WRONG))) for _ in range(4)]

    assert known == unknown


@pytest.mark.rule("E-31", "I-21")
def test_what_was_typed_as_an_unknown_id_is_nowhere(signing_in: SigningIn, database: Database) -> None:
    """People type passwords into the wrong field."""
    refusal(lambda: signing_in.sign_in("Himitsu9secret", RIGHT))

    line = journal_of(database)[-1]
    assert "Himitsu9secret" not in str(line.body)
    assert "Himitsu9secret" not in repr(signing_in)
    assert (line.tag, line.body["staff_id"]) == (EventTag.SIGN_ON_REFUSED, None)


@pytest.mark.rule("I-11")
def test_an_id_that_nobody_has_takes_as_long_as_a_wrong_password(desk: Desk, database: Database) -> None:
    slow = PasswordHasher(key=HASHER.key, memory_kib=16 * 1024)
    signing_in = at_a_terminal(desk, database, slow)
    people = [a_staff(database, password_hash=slow.hash_password(RIGHT)).staff_id for _ in range(15)]

    def seconds(staff_id: str) -> float:
        began = time.process_time()  # of the processor: what others do meanwhile is not in it
        refusal(lambda: signing_in.sign_in(staff_id, WRONG))
        return time.process_time() - began

    pairs = [(seconds(staff_id), seconds(f"no{staff_id}")) for staff_id in people]

    assert median(known for known, _ in pairs) == pytest.approx(median(none for _, none in pairs), rel=0.5)


def test_somebody_who_left_is_nobody(signing_in: SigningIn, database: Database) -> None:
    a_staff(database, "op001", active=False)

    assert isinstance(refusal(lambda: signing_in.sign_in("op001", RIGHT)), SignOnRefused)
    assert row_of(database, "op001").failures == 0


@pytest.mark.rule("E-94")
@pytest.mark.parametrize("role", StaffRole)
def test_counter_staff_sign_on_at_their_own_branch_only(
    signing_in: SigningIn, database: Database, role: StaffRole
) -> None:
    a_staff(database, "op001", role=role, branch_pk=a_branch(database, "034").pk)

    if role in {StaffRole.AUDITOR, StaffRole.ADMINISTRATOR}:
        assert signing_in.sign_in("op001", RIGHT).terminal.branch_no == "012"
        return
    assert isinstance(refusal(lambda: signing_in.sign_in("op001", RIGHT)), NotPermitted)
    assert told(database) == [(EventTag.NOT_PERMITTED, "refused")]
    assert row_of(database, "op001").failures == 0


def test_a_hash_of_older_costs_is_made_anew(desk: Desk, database: Database) -> None:
    a_staff(database, "op001")
    grown = PasswordHasher(key=HASHER.key, time_cost=2, memory_kib=64)

    at_a_terminal(desk, database, grown).sign_in("op001", RIGHT)

    renewed = row_of(database, "op001").password_hash
    assert not grown.needs_rehash(renewed)
    assert grown.matches(RIGHT, renewed)


@dataclass(frozen=True, kw_only=True)
class ReplacedMeanwhile(PasswordVerifier):
    """The password is replaced while the old one is compared."""

    replace: Callable[[], object] = field(repr=False)

    def check(self, stored: str | None, password: Secret) -> Verdict:
        verdict = super().check(stored, password)
        self.replace()
        return verdict


def test_a_password_that_was_replaced_meanwhile_lets_nobody_in_and_does_not_come_back(
    desk: Desk, database: Database
) -> None:
    a_staff(database, "op001")
    grown = PasswordHasher(key=HASHER.key, time_cost=2, memory_kib=64)
    accounts = StaffAccounts(desk=desk, hasher=HASHER)
    verifier = ReplacedMeanwhile(
        hasher=grown, replace=lambda: accounts.set_password(None, "op001", Secret("Atarashii#02"))
    )

    slow = replace(at_a_terminal(desk, database), verifier=verifier)
    assert isinstance(refusal(lambda: slow.sign_in("op001", RIGHT)), SignOnRefused)

    assert HASHER.matches(Secret("Atarashii#02"), row_of(database, "op001").password_hash)


def test_the_locked_screen_opens_for_its_operator_only(signing_in: SigningIn, database: Database) -> None:
    a_staff(database, "op001")
    a_staff(database, "op002", password_hash=hashed("Betsujin#1"))
    actor = signing_in.sign_in("op001", RIGHT)

    signing_in.lock(actor)
    assert isinstance(refusal(lambda: signing_in.resume(actor, Secret("Betsujin#1"))), SignOnRefused)
    signing_in.resume(actor, RIGHT)

    assert told(database)[1:] == [
        (EventTag.SCREEN_LOCKED, "done"),
        (EventTag.SCREEN_RESUME_REFUSED, "refused"),
        (EventTag.SCREEN_RESUMED, "done"),
    ]


def test_guessing_at_the_locked_screen_is_paused_too(signing_in: SigningIn, database: Database) -> None:
    a_staff(database, "op001")
    actor = signing_in.sign_in("op001", RIGHT)

    answers = [type(refusal(lambda: signing_in.resume(actor, WRONG))) for _ in range(4)]

    assert answers == [SignOnRefused, SignOnRefused, SignOnPaused, SignOnPaused]


@pytest.mark.rule("R-93")
@pytest.mark.parametrize("leave", [SigningIn.lock, SigningIn.sign_off])
def test_no_customer_password_outlives_the_operator(
    signing_in: SigningIn,
    database: Database,
    clock: SteppedClock,
    leave: Callable[[SigningIn, object], None],
) -> None:
    signing_in.passwords.hold("20260302-012-01-0001", Secret("Kunren#2026"), clock.now())

    leave(signing_in, an_actor(database))

    assert signing_in.passwords.of("20260302-012-01-0001", clock.now()) is None


def test_signing_off_is_journaled(signing_in: SigningIn, database: Database) -> None:
    signing_in.sign_off(an_actor(database))

    assert told(database) == [(EventTag.SIGNED_OFF, "done")]


@dataclass
class CountingVerifier:
    """Counts how many passwords are looked at; all of them wrong."""

    looked_at: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def check(self, stored: str | None, password: Secret) -> Verdict:
        with self._lock:
            self.looked_at += 1
        time.sleep(0.02)
        return Verdict(right=False)


@pytest.mark.rule("I-9")
def test_many_terminals_guessing_at_once_get_three_tries(database: Database, clock: SteppedClock) -> None:
    a_staff(database, "op001")
    verifier = CountingVerifier()
    terminals = [
        SigningIn(
            desk=a_desk(database, clock),
            terminal=a_terminal(database),
            verifier=verifier,
            passwords=HeldPasswords(),
        )
        for _ in range(6)
    ]

    with ThreadPoolExecutor(len(terminals)) as threads:
        answers = list(
            threads.map(
                lambda each: [refusal(lambda: each.sign_in("op001", WRONG)) for _ in range(3)], terminals
            )
        )

    assert verifier.looked_at == STAFF_TRIES_BEFORE_PAUSE
    assert sum(isinstance(answer, SignOnRefused) for each in answers for answer in each) == 2


@dataclass
class FailingVerifier:
    """Fails between the charge and the verdict."""

    failure: Exception

    def check(self, stored: str | None, password: Secret) -> Verdict:
        raise self.failure


@pytest.mark.rule("I-9")
def test_a_try_whose_verdict_never_came_stays_counted(signing_in: SigningIn, database: Database) -> None:
    a_staff(database, "op001")
    dying = replace(signing_in, verifier=FailingVerifier(SystemError("power cut")))

    for _ in range(STAFF_TRIES_BEFORE_PAUSE):
        with pytest.raises(SystemError):
            dying.sign_in("op001", RIGHT)

    assert isinstance(refusal(lambda: signing_in.sign_in("op001", RIGHT)), SignOnPaused)


@pytest.mark.rule("I-24", "EA11")
def test_a_password_that_could_not_be_looked_at_is_not_counted(
    signing_in: SigningIn, database: Database
) -> None:
    a_staff(database, "op001")
    short_of_memory = replace(signing_in, verifier=FailingVerifier(CannotCheckNow()))

    answers = [type(refusal(lambda: short_of_memory.sign_in("op001", RIGHT))) for _ in range(5)]

    assert answers == [CannotCheckNow] * 5
    assert row_of(database, "op001").failures == 0
    assert told(database)[-1] == (EventTag.SIGN_ON_REFUSED, "refused")
