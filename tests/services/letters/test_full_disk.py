"""A registry without room: no letter leaves over and over again, and all of them when there is room (I-24, E-93)."""

import shutil
from contextlib import suppress
from pathlib import Path

import pytest

from db.database import open_database
from kiosk.errors import KioskError
from kiosk.services.letters.notices import LEASE
from tests.support.builders import a_desk, a_user
from tests.support.clock import SteppedClock
from tests.support.deep import need
from tests.support.disks import a_disk_in_memory, fill
from tests.support.mailing import Pile, notices_of, queued, states

pytestmark = pytest.mark.deep
LETTERS = 20
TRIES = 3


@pytest.mark.rule("I-24", "E-93", "I-18")
@pytest.mark.parametrize("room", [0, 4_096, 8_192, 12_288, 16_384, 32_768])
def test_letters_wait_for_room_and_then_leave(
    tmp_path: Path, sqlite_template: Path, clock: SteppedClock, room: int
) -> None:
    need("root", "mount")
    with a_disk_in_memory(tmp_path / "disk", "size=6m") as disk:
        registry = disk / "registry.db"
        shutil.copyfile(sqlite_template, registry)
        with open_database(f"sqlite:///{registry}") as database:
            user = a_user(database)
            desk = a_desk(database, clock)
            for number in range(LETTERS):
                queued(desk, user, cause=str(number))
            pile = Pile()
            notices = notices_of(desk, pile, stubs_in=disk / "stubs")
            ballast = fill(disk, leaving=room)
            for _ in range(TRIES):
                with suppress(KioskError):
                    notices.send_due()
                clock.step(seconds=LEASE.total_seconds())
            assert len(pile.letters) <= LETTERS + TRIES
            ballast.unlink()
            with suppress(KioskError):
                notices.send_due()
            assert set(states(database)) == {"sent"}
    assert len({letter.content for letter in pile.letters}) == LETTERS
