"""What a mailer that is killed leaves behind, and what the next one makes of it (I-18)."""

import os
import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest

from db.tables import User
from kiosk.errors import DatabaseUnavailable
from kiosk.mail.message import Letter
from kiosk.rules.notices import NoticeKind
from kiosk.services.desk.guard import Desk
from kiosk.services.letters import _stubs
from kiosk.services.letters._stubs import Stub, kept_in, take_over
from kiosk.services.letters.notices import LEASE, Notices, Round
from tests.support.clock import SteppedClock
from tests.support.journal import told
from tests.support.mailing import SENT, Pile, notices_of, queued, rows, states
from tests.support.rows import NOW

STUB = Stub("0123456789abcdef", "250 OK <t***@e***.jp>", NOW)


@pytest.fixture
def stubs(tmp_path: Path) -> Path:
    return tmp_path / "stubs"


def killed_with(stubs: Path, *left: Stub) -> None:
    """A process that kept these and was killed."""
    child = os.fork()
    if child == 0:
        with kept_in(stubs) as kept:
            for stub in left:
                kept.keep(stub)
            os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)


def read(stubs: Path) -> list[Stub]:
    """What a mailer that begins is handed."""
    found: list[Stub] = []
    take_over(stubs, found.extend)
    return found


def sent_and_killed_at(notices: Notices, letter: int) -> None:
    """A mailer that is killed while it waits for the answer to this letter."""
    child = os.fork()
    if child == 0:
        left = letter

        def dies_in_time(_: Letter) -> str:
            nonlocal left
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return "250 2.0.0 taken"

        notices.desk.database.dispose()
        replace(notices, mailer=Pile(answers=dies_in_time)).send_due()
        os._exit(70)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status)


@pytest.mark.rule("I-18", "E-93")
@pytest.mark.parametrize("letter", [1, 2, 7, 8, 9, 16, 20, 26, 30])
def test_after_a_kill_only_the_letter_on_its_way_goes_out_again(
    desk: Desk, user: User, clock: SteppedClock, stubs: Path, letter: int
) -> None:
    for number in range(30):
        queued(desk, user, NoticeKind.BLOCKED, str(number))
    desk.database.dispose()  # a child must not inherit a line to the registry
    pile = Pile()
    notices = notices_of(desk, pile, stubs_in=stubs)
    sent_and_killed_at(notices, letter)
    clock.jump(clock.now() + LEASE)
    assert notices.send_due() == Round(sent=30 - (letter - 1)), "the letters before were taken"
    assert len(pile.letters) == 30 - (letter - 1)
    assert states(desk.database) == ["sent"] * 30
    assert told(desk.database) == [SENT] * 30, "one entry each, whoever wrote it"
    assert [row.answer for row in rows(desk.database)][: letter - 1] == ["250 2.0.0 taken"] * (letter - 1)
    assert list(stubs.glob(f"*{_stubs.SUFFIX}")) == []


@pytest.mark.rule("I-18")
def test_a_stub_tells_when_the_letter_was_taken(
    desk: Desk, user: User, clock: SteppedClock, stubs: Path
) -> None:
    queued(desk, user)
    (letter,) = rows(desk.database)
    killed_with(
        stubs, Stub(letter.message_id, "250 OK", clock.now()), Stub("of another registry", "", clock.now())
    )
    taken = clock.now()
    clock.step(minutes=3)
    pile = Pile()
    assert notices_of(desk, pile, stubs_in=stubs).send_due() == Round()
    (letter,) = rows(desk.database)
    assert (letter.state, letter.sent_at, letter.answer) == ("sent", taken, "250 OK")
    assert pile.letters == []


def test_stubs_of_a_mailer_at_work_are_left_alone(stubs: Path) -> None:
    with kept_in(stubs) as at_work:
        assert at_work.keep(STUB)
        assert read(stubs) == []
    assert read(stubs) == [STUB]
    assert read(stubs) == [], "handed over once"


def test_nobody_claims_while_stubs_are_being_stored(stubs: Path) -> None:
    killed_with(stubs, STUB)
    storing, stored = Event(), Event()
    order: list[str] = []

    def store(_: object) -> None:
        storing.set()
        stored.wait(5)
        order.append("stored")

    with ThreadPoolExecutor(2) as mailers:
        first = mailers.submit(take_over, stubs, store)
        assert storing.wait(5)
        second = mailers.submit(take_over, stubs, store)
        second.add_done_callback(lambda _: order.append("may claim"))
        with pytest.raises(TimeoutError):
            second.result(0.2)
        stored.set()
        first.result(5)
        second.result(5)
    assert order == ["stored", "may claim"], "and what was stored was not stored twice"


def test_stubs_that_cannot_be_stored_wait_for_the_next_mailer(stubs: Path) -> None:
    killed_with(stubs, STUB)

    def away(_: object) -> None:
        raise DatabaseUnavailable

    with pytest.raises(DatabaseUnavailable):
        take_over(stubs, away)
    assert read(stubs) == [STUB]


def test_a_line_that_was_cut_off_spoils_no_other(stubs: Path) -> None:
    killed_with(stubs, STUB, STUB)
    (file,) = stubs.glob(f"*{_stubs.SUFFIX}")
    whole = file.read_bytes()
    for cut in range(len(whole) // 2):
        file.write_bytes(whole[:cut] + whole[len(whole) // 2 :])
        found: list[Stub] = []
        take_over(stubs, found.extend)
        assert found[-1:] == [STUB], cut
        file.write_bytes(whole)


def test_what_stands_there_is_for_this_account_alone(stubs: Path) -> None:
    with kept_in(stubs) as kept:
        kept.keep(STUB)
        assert [path.stat().st_mode & 0o077 for path in (stubs, *stubs.iterdir())] == [0, 0]


@pytest.mark.rule("E-93", "I-24")
@pytest.mark.parametrize(
    "spoil", [lambda folder: folder.touch(), lambda folder: folder.symlink_to("/dev/full/x")]
)
def test_without_a_place_for_stubs_each_end_is_stored_before_the_next_letter(
    desk: Desk, user: User, stubs: Path, spoil: Callable[[Path], None]
) -> None:
    spoil(stubs)
    for number in range(3):
        queued(desk, user, NoticeKind.BLOCKED, str(number))
    seen: list[int] = []

    def looks(_: Letter) -> str:
        seen.append(states(desk.database).count("sent"))
        return "250 OK"

    assert notices_of(desk, Pile(answers=looks), stubs_in=stubs).send_due() == Round(sent=3)
    assert seen == [0, 1, 2]
