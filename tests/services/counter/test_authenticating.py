"""Steps 4 and 5: passwords are counted before they are compared, codes are good once."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import col, select

from db.database import Database
from db.queries import cases
from db.queries.users import by_pk
from db.tables import JournalEntry, Notice, User, VerificationCode
from kiosk.audit.events import EventTag
from kiosk.errors import (
    BadInput,
    CaseNotOpen,
    CodeDead,
    CodeExpired,
    CodeMailFailed,
    GeneralBlocked,
    KioskError,
    LiveCertificate,
    LockedNow,
    MasterBlocked,
    StillLocked,
    TooManyCodes,
    WrongCode,
    WrongCredentials,
)
from kiosk.rules.cases import CaseState
from kiosk.rules.lockout import TRIES_BEFORE_LOCK
from kiosk.rules.operations import Transaction
from kiosk.secret import Secret
from kiosk.services.desk.held import HeldPasswords
from kiosk.services.desk.outbox import CodeVault
from tests.support.builders import PASSWORD, a_certificate, a_terminal, a_user, an_actor, changed
from tests.support.clock import SteppedClock
from tests.support.counters import Counter, a_form, build_counter

WRONG = Secret("Chigau#2026")
RIGHT = Secret(PASSWORD)


@pytest.fixture
def user(database: Database) -> User:
    """A master user without a certificate."""
    return a_user(database)


@pytest.fixture
def reception_no(counter: Counter, user: User) -> str:
    """A reception that waits for step 4."""
    return counter.opens_case(user).reception_no


def fails(counter: Counter, reception_no: str, user: User, times: int = 1) -> KioskError:
    """Type a wrong password; the last refusal."""
    for _ in range(times):
        with pytest.raises(KioskError) as refused:
            counter.authenticating.submit_password(counter.actor, reception_no, user.user_id, WRONG)
    return refused.value


def read(database: Database, user: User) -> User:
    """The user as stored."""
    with database.reading() as session:
        found = by_pk(session, user.pk, None)
    assert found is not None
    return found


def letters(database: Database, kind: str) -> int:
    """How many letters of a kind the outbox holds."""
    with database.reading() as session:
        return len(session.exec(select(Notice).where(col(Notice.kind) == kind)).all())


@pytest.mark.rule("R-44", "R-60", "R-64", "E-50")
def test_the_right_password_and_the_right_code_open_step_6(
    counter: Counter, user: User, reception_no: str
) -> None:
    sent = counter.authenticating.submit_password(counter.actor, reception_no, user.user_id, RIGHT)
    assert sent.valid_until == counter.clock.now() + timedelta(minutes=30)
    assert sent.masked_email.startswith("u****@")
    counter.authenticating.submit_code(counter.actor, reception_no, Secret(counter.post.codes[-1]))
    assert counter.casework.case(counter.actor, reception_no).state is CaseState.CODE_OK


@dataclass(frozen=True)
class WatchedVault(CodeVault):
    """Remembers what it was given to copy."""

    given: list[Secret] = field(default_factory=list)

    def put(self, notice_pk: int, code: Secret, now: datetime) -> None:
        assert code
        self.given.append(code)
        super().put(notice_pk, code, now)


@pytest.mark.rule("I-21")
def test_a_code_is_overwritten_once_its_letter_has_it(counter: Counter, database: Database) -> None:
    user = a_user(database)
    number = counter.opens_case(user).reception_no
    vault = WatchedVault()
    counter.post.vault = vault

    replace(counter.authenticating, vault=vault).submit_password(
        counter.actor, number, user.user_id, Secret(PASSWORD)
    )

    (given,) = vault.given
    assert not given
    counter.authenticating.submit_code(counter.actor, number, Secret(counter.post.codes[-1]))


@pytest.mark.rule("R-47", "E-20", "E-35")
def test_the_sixth_wrong_password_locks_for_sixty_minutes(
    counter: Counter, database: Database, user: User, reception_no: str
) -> None:
    left = [fails(counter, reception_no, user) for _ in range(TRIES_BEFORE_LOCK - 1)]
    assert [refusal.tries_left for refusal in left if isinstance(refusal, WrongCredentials)] == [
        5,
        4,
        3,
        2,
        1,
    ]
    refusal = fails(counter, reception_no, user)
    assert isinstance(refusal, LockedNow)
    assert refusal.until == counter.clock.now() + timedelta(minutes=60)
    assert letters(database, "locked") == 1


@pytest.mark.rule("R-48", "E-23", "E-24", "E-28")
def test_a_right_password_is_refused_during_a_lock_and_taken_at_its_end(
    counter: Counter, user: User, reception_no: str
) -> None:
    fails(counter, reception_no, user, TRIES_BEFORE_LOCK)
    counter.clock.step(minutes=59, seconds=59)
    with pytest.raises(StillLocked):
        counter.authenticating.submit_password(counter.actor, reception_no, user.user_id, RIGHT)
    counter.clock.step(seconds=1)
    counter.authenticating.submit_password(counter.actor, reception_no, user.user_id, RIGHT)


@pytest.mark.rule("R-49", "R-51", "E-26", "E-33")
@pytest.mark.parametrize(("role", "refusal"), [("master", MasterBlocked), ("general", GeneralBlocked)])
def test_the_third_lock_blocks_at_once_and_writes_one_letter(
    counter: Counter, database: Database, role: str, refusal: type[KioskError]
) -> None:
    user = a_user(database, role=role)
    reception_no = counter.opens_case(user).reception_no
    for _ in range(2):
        fails(counter, reception_no, user, TRIES_BEFORE_LOCK)
        counter.clock.step(minutes=60)
    last = fails(counter, reception_no, user, TRIES_BEFORE_LOCK)
    assert isinstance(last, refusal)
    assert (letters(database, "locked"), letters(database, "blocked")) == (2, 1)
    assert isinstance(fails(counter, reception_no, user), refusal)


@pytest.mark.rule("E-21", "E-27")
def test_a_right_password_clears_misses_and_locks(
    counter: Counter, database: Database, user: User, reception_no: str
) -> None:
    fails(counter, reception_no, user, TRIES_BEFORE_LOCK)
    counter.clock.step(minutes=60)
    fails(counter, reception_no, user, 3)
    counter.authenticating.submit_password(counter.actor, reception_no, user.user_id, RIGHT)
    stored = read(database, user)
    assert (stored.consecutive_failures, stored.lock_count, stored.locked_until) == (0, 0, None)


@pytest.mark.rule("E-31")
def test_another_user_id_reads_like_a_wrong_password_and_counts_for_nobody(
    counter: Counter, database: Database, user: User, reception_no: str
) -> None:
    with pytest.raises(WrongCredentials) as refused:
        counter.authenticating.submit_password(counter.actor, reception_no, "dareka9999", RIGHT)
    assert refused.value.tries_left == TRIES_BEFORE_LOCK
    assert read(database, user).consecutive_failures == 0
    with database.reading() as session:
        bodies = b"".join(session.exec(select(JournalEntry.body)).all())
    assert b"dareka9999" not in bodies


@pytest.mark.rule("E-32", "E-40", "E-42")
@pytest.mark.parametrize("text", ["", "short1!", "Ｋunren#2026", "Kunren#2026Kunren", "kunren#2026"])
def test_a_wrong_shape_counts_as_nothing(
    counter: Counter, database: Database, user: User, reception_no: str, text: str
) -> None:
    with pytest.raises(BadInput):
        counter.authenticating.submit_password(counter.actor, reception_no, user.user_id, Secret(text))
    assert read(database, user).charges == 0


@pytest.mark.rule("R-50", "E-29", "E-30")
def test_a_live_certificate_clears_the_count_and_sends_no_code(
    counter: Counter, database: Database, user: User, reception_no: str
) -> None:
    fails(counter, reception_no, user, 2)
    a_certificate(database, user)
    with pytest.raises(LiveCertificate):
        counter.authenticating.submit_password(counter.actor, reception_no, user.user_id, RIGHT)
    assert read(database, user).consecutive_failures == 0
    assert counter.post.codes == []


@pytest.mark.rule("E-58")
def test_a_letter_that_cannot_leave_stops_at_step_4_with_the_count_cleared(
    counter: Counter, database: Database, user: User, reception_no: str
) -> None:
    fails(counter, reception_no, user, 2)
    counter.post.broken = True
    with pytest.raises(CodeMailFailed):
        counter.authenticating.submit_password(counter.actor, reception_no, user.user_id, RIGHT)
    assert read(database, user).consecutive_failures == 0
    assert counter.passwords.of(reception_no, counter.clock.now()) is None
    counter.post.broken = False
    counter.authenticating.submit_password(counter.actor, reception_no, user.user_id, RIGHT)


@pytest.mark.rule("E-58", "I-8")
def test_letters_that_did_not_leave_do_not_count_as_codes(
    counter: Counter, user: User, reception_no: str
) -> None:
    counter.post.broken = True
    for _ in range(4):
        with pytest.raises(CodeMailFailed):
            counter.authenticating.submit_password(counter.actor, reception_no, user.user_id, RIGHT)
    counter.post.broken = False
    counter.authenticating.submit_password(counter.actor, reception_no, user.user_id, RIGHT)


@pytest.mark.rule("R-61", "E-51", "I-7")
def test_a_code_is_good_for_thirty_minutes_and_no_longer(
    counter: Counter, user: User, reception_no: str
) -> None:
    counter.authenticating.submit_password(counter.actor, reception_no, user.user_id, RIGHT)
    counter.clock.step(minutes=30)
    with pytest.raises(CodeExpired):
        counter.authenticating.submit_code(counter.actor, reception_no, Secret(counter.post.codes[-1]))


@pytest.mark.rule("E-55", "E-54")
def test_the_sixth_wrong_code_kills_the_code_and_never_locks_the_user(
    counter: Counter, database: Database, user: User, reception_no: str
) -> None:
    counter.authenticating.submit_password(counter.actor, reception_no, user.user_id, RIGHT)
    wrong = Secret("000000" if counter.post.codes[-1] != "000000" else "111111")
    for left in (5, 4, 3, 2, 1):
        with pytest.raises(WrongCode) as refused:
            counter.authenticating.submit_code(counter.actor, reception_no, wrong)
        assert refused.value.tries_left == left
    with pytest.raises(CodeDead):
        counter.authenticating.submit_code(counter.actor, reception_no, wrong)
    assert read(database, user).consecutive_failures == 0
    assert counter.casework.case(counter.actor, reception_no).state is CaseState.TRANSACTION_CHOSEN


@pytest.mark.rule("E-55", "R-93")
def test_with_a_dead_code_the_password_is_wiped_once_that_is_stored_and_nobody_waits_for_the_signer(
    counter: Counter, database: Database, user: User, reception_no: str
) -> None:
    stored: list[str] = []

    def forget_ahead() -> None:
        with database.reading() as session:
            case = cases.by_number(session, reception_no, None)
            stored.append(case.state if case else "")

    authenticating = replace(counter.authenticating, passwords=HeldPasswords(forget_ahead=forget_ahead))
    authenticating.submit_password(counter.actor, reception_no, user.user_id, RIGHT)
    wrong = Secret("000000" if counter.post.codes[-1] != "000000" else "111111")
    for _ in range(6):
        with pytest.raises((WrongCode, CodeDead)):
            authenticating.submit_code(counter.actor, reception_no, wrong)

    assert stored == [CaseState.TRANSACTION_CHOSEN]
    assert not authenticating.passwords.waiting()


@pytest.mark.rule("E-54", "I-7")
def test_a_code_is_accepted_once(counter: Counter, user: User, reception_no: str) -> None:
    counter.authenticates(reception_no, user)
    with pytest.raises(CaseNotOpen):
        counter.authenticating.submit_code(counter.actor, reception_no, Secret(counter.post.codes[-1]))


@pytest.mark.rule("E-53", "I-8")
def test_a_new_code_ends_the_old_one_and_the_fourth_in_an_hour_must_wait(
    counter: Counter, database: Database, user: User, reception_no: str
) -> None:
    for _ in range(3):
        counter.authenticating.submit_password(counter.actor, reception_no, user.user_id, RIGHT)
        counter.clock.step(minutes=1)
    with database.reading() as session:
        live = session.exec(select(VerificationCode).where(col(VerificationCode.ended).is_(None))).all()
    assert len(live) == 1
    with pytest.raises(TooManyCodes) as refused:
        counter.authenticating.submit_password(counter.actor, reception_no, user.user_id, RIGHT)
    assert refused.value.again_at == counter.clock.now() + timedelta(minutes=57)


@pytest.mark.rule("R-65", "E-54", "E-56")
def test_cancelling_step_5_spends_the_code(counter: Counter, user: User, reception_no: str) -> None:
    counter.authenticating.submit_password(counter.actor, reception_no, user.user_id, RIGHT)
    counter.authenticating.cancel_to_password(counter.actor, reception_no)
    assert counter.casework.case(counter.actor, reception_no).state is CaseState.TRANSACTION_CHOSEN
    assert counter.passwords.of(reception_no, counter.clock.now()) is None


@pytest.mark.rule("E-57")
def test_a_block_from_elsewhere_is_seen_at_step_5(
    counter: Counter, database: Database, user: User, reception_no: str
) -> None:
    counter.authenticating.submit_password(counter.actor, reception_no, user.user_id, RIGHT)
    changed(database, read(database, user), status="blocked")
    with pytest.raises(MasterBlocked):
        counter.authenticating.submit_code(counter.actor, reception_no, Secret(counter.post.codes[-1]))


@pytest.mark.rule("E-50", "I-21")
def test_neither_password_nor_code_is_stored_anywhere(
    counter: Counter, database: Database, user: User, reception_no: str, tmp_path: Path
) -> None:
    fails(counter, reception_no, user)
    counter.authenticates(reception_no, user)
    code = counter.post.codes[-1].encode()
    with database.reading() as session:
        texts = b"".join(session.exec(select(JournalEntry.body)).all())
        texts += "".join(notice.payload for notice in session.exec(select(Notice)).all()).encode()
    for secret in (PASSWORD.encode(), WRONG.reveal().encode(), code):
        assert secret not in texts
        assert not [path for path in tmp_path.rglob("*") if path.is_file() and secret in path.read_bytes()]


@pytest.mark.rule("I-9", "R-47")
def test_two_counters_guessing_at_once_compare_six_passwords(
    counter: Counter, database: Database, user: User, reception_no: str, tmp_path: Path, clock: SteppedClock
) -> None:
    other = build_counter(
        database, tmp_path / "other", clock, an_actor(database, terminal=a_terminal(database, "012", "02"))
    )
    same_case = [counter, other] * 8

    def guess(one: Counter) -> KioskError:
        with pytest.raises(KioskError) as refused:
            one.authenticating.submit_password(one.actor, reception_no, user.user_id, WRONG)
        return refused.value

    with ThreadPoolExecutor(8) as pool:
        refusals = list(pool.map(guess, same_case))
    compared = [one for one in refusals if isinstance(one, (WrongCredentials, LockedNow))]
    assert len(compared) == TRIES_BEFORE_LOCK
    assert sum(isinstance(one, LockedNow) for one in refusals) == 1
    assert read(database, user).charges == TRIES_BEFORE_LOCK


@pytest.mark.rule("I-12")
def test_every_refusal_at_step_4_leaves_its_entry(
    counter: Counter, database: Database, user: User, reception_no: str
) -> None:
    fails(counter, reception_no, user, TRIES_BEFORE_LOCK)
    fails(counter, reception_no, user)
    with database.reading() as session:
        tags = [entry.tag for entry in session.exec(select(JournalEntry).order_by(col(JournalEntry.seq)))]
    assert tags.count(EventTag.PASSWORD_WRONG) == TRIES_BEFORE_LOCK - 1
    assert tags[-2:] == [EventTag.PASSWORD_LOCKED, EventTag.PASSWORD_REFUSED]


def test_a_transaction_of_another_family_needs_no_password(counter: Counter, database: Database) -> None:
    """The reception of a revocation is not led through step 4 by mistake."""
    user = a_user(database)
    a_certificate(database, user)
    reception_no = counter.opens_case(user, Transaction.REVOKE).reception_no
    with pytest.raises(CaseNotOpen):
        counter.authenticating.submit_password(counter.actor, reception_no, user.user_id, RIGHT)


@pytest.mark.rule("R-33")
def test_step_4_is_reached_through_the_choice_of_a_transaction_only(
    counter: Counter, database: Database
) -> None:
    user = a_user(database)
    reception_no = counter.casework.open(counter.actor, a_form()).reception_no
    counter.casework.choose_user(counter.actor, reception_no, user.pk)

    with pytest.raises(CaseNotOpen):
        counter.authenticating.submit_password(counter.actor, reception_no, user.user_id, RIGHT)
