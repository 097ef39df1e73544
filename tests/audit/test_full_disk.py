"""A disk with no room left for the journal: the act does not happen (I-12, I-24)."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.exc import DBAPIError

from db.database import Database, open_database
from db.queries import journal
from db.tables import Branch
from kiosk.audit.checking import Finding
from kiosk.audit.events import EventTag
from kiosk.audit.keeping import CheckpointFile
from kiosk.audit.trail import Trail
from kiosk.audit.verifying import verify
from kiosk.errors import JournalNotWritable
from tests.audit.signing import CLERK, NODE, PUBLIC_KEY, checkpoint, write
from tests.support.clock import MONDAY_MORNING
from tests.support.deep import need

pytestmark = pytest.mark.deep
SIZE = 2 * 1024 * 1024


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    need("mount")
    place = tmp_path / "disk"
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", place], check=True)
    yield place
    subprocess.run(["umount", "--lazy", place], check=True)


@pytest.fixture
def registry(small_disk: Path, sqlite_template: Path) -> Iterator[Database]:
    shutil.copyfile(sqlite_template, small_disk / "registry.db")
    with open_database(f"sqlite:///{small_disk / 'registry.db'}") as database:
        write(database, 1)
        yield database


def fill(disk: Path) -> Path:
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        try:
            while file.write(bytes(4096)):
                pass
        except OSError:
            return ballast
    raise AssertionError("the disk has no end")


@pytest.mark.rule("I-12", "I-24")
def test_on_a_full_disk_nothing_happens_and_the_chain_stays_whole(
    registry: Database, small_disk: Path
) -> None:
    ballast = fill(small_disk)

    def open_branches() -> None:
        with registry.transaction() as session:
            for number in range(500):
                session.add(Branch(branch_no=f"{number:03}", name="支店" * 10, phone="03-0000-0000"))
            Trail(NODE).record(session, EventTag.STAFF_ADDED, now=MONDAY_MORNING, who=CLERK)

    with pytest.raises((DBAPIError, JournalNotWritable)):
        open_branches()
    ballast.unlink()

    with registry.reading() as session:
        assert session.get(Branch, 1) is None
        assert len(journal.entries(session, NODE, 0, 10)) == 1
    write(registry, 1)
    assert verify(registry, PUBLIC_KEY, []) == ()


@pytest.mark.rule("I-13", "I-24")
def test_a_checkpoint_that_finds_no_room_outside_is_appended_later(
    registry: Database, small_disk: Path
) -> None:
    kept = CheckpointFile(small_disk / "checkpoints.jsonl")
    kept.append(checkpoint(registry))
    write(registry, 1)
    lacking = checkpoint(registry)
    kept.path.write_bytes(kept.path.read_bytes() + bytes(4096 - kept.path.stat().st_size - 20))
    ballast = fill(small_disk)
    with pytest.raises(JournalNotWritable):
        kept.append(lacking)
    ballast.unlink()

    assert kept.catch_up(registry) == 1
    assert kept.read()[-1] == lacking
    found: tuple[Finding, ...] = verify(registry, PUBLIC_KEY, kept.read())
    assert found == ()
