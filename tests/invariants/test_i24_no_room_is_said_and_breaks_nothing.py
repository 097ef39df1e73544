"""I-24: a stick or a disk without room: a refusal that says so, nothing half done, another stick works at once."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import pkcs12

from db.database import Database, open_database
from kiosk.errors import (
    DatabaseUnavailable,
    IssueUnknown,
    JournalNotWritable,
    KioskError,
    LeftBehind,
    MediaError,
    OutcomeUnknown,
    StickFull,
    StickReadOnly,
)
from kiosk.rules.cases import CaseState
from kiosk.services.views import Ready
from tests.support.builders import PASSWORD, a_user
from tests.support.clock import SteppedClock
from tests.support.counters import Counter, build_counter
from tests.support.databases import on_sqlite
from tests.support.deep import need
from tests.support.disks import a_disk_in_memory, fill, make_read_only

pytestmark = pytest.mark.deep
REGISTRY_SIZE = "size=6m"
ROOM = [*range(0, 120_000, 8_192)]
"""Octets that are left on the disk of the registry while a certificate is issued."""


@pytest.fixture
def first(counter: Counter) -> Path:
    """The first stick in the port; `stick-B` waits beside it."""
    need("root", "mount")
    (counter.sticks / "stick-B").mkdir()
    return counter.sticks / "stick-A"


def require_another_stick_works(counter: Counter, ready: Ready) -> None:
    """The same session writes to the stick beside, and the file there opens."""
    other = next(stick.ref for stick in counter.delivering.sticks() if stick.label == "stick-B")
    delivered = counter.delivering.deliver(counter.actor, ready, other, counter.stages.append)
    written = (counter.sticks / "stick-B" / delivered.file_name).read_bytes()
    _, certificate, _ = pkcs12.load_key_and_certificates(written, PASSWORD.encode())
    assert certificate is not None
    assert counter.casework.case(counter.actor, ready.reception_no).state is CaseState.DELIVERED


@on_sqlite
@pytest.mark.rule("I-24", "E-84", "E-88")
@pytest.mark.parametrize("options", ["size=4k", "size=64k,nr_inodes=1", "size=8k"])
def test_a_stick_without_room_keeps_nothing_and_another_one_works(
    counter: Counter, database: Database, first: Path, options: str
) -> None:
    with a_disk_in_memory(first, options):
        ready = counter.issues(a_user(database))
        with pytest.raises(StickFull) as refused:
            counter.delivers(ready)
        assert refused.value.left_behind is LeftBehind.NOTHING
        assert list(first.iterdir()) == []
        require_another_stick_works(counter, ready)


@on_sqlite
@pytest.mark.rule("I-24", "E-88")
def test_a_stick_that_is_write_protected_is_refused_before_the_issue_and_at_the_write(
    counter: Counter, database: Database, first: Path
) -> None:
    with a_disk_in_memory(first, "size=1m"):
        make_read_only(first)
        ready = counter.issues(a_user(database))
        with pytest.raises(StickReadOnly):
            counter.delivering.check_stick(counter.actor, ready.reception_no, counter.stick())
        with pytest.raises(MediaError) as refused:
            counter.delivers(ready)
        assert refused.value.left_behind is LeftBehind.NOTHING
        require_another_stick_works(counter, ready)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    need("root", "mount")
    with a_disk_in_memory(tmp_path / "small", REGISTRY_SIZE) as place:
        yield place


@pytest.fixture
def narrow(small_disk: Path, sqlite_template: Path, tmp_path: Path) -> Iterator[Counter]:
    """A counter whose registry lies on a small disk, while sticks and keys have room."""
    shutil.copyfile(sqlite_template, small_disk / "registry.db")
    with open_database(f"sqlite:///{small_disk / 'registry.db'}") as database:
        built = build_counter(database, tmp_path / "counter", SteppedClock())
        yield built
        built.signer.close()


@pytest.mark.rule("I-24", "I-12", "I-2")
def test_a_registry_without_room_refuses_and_the_issue_is_whole_or_not_there(
    narrow: Counter, small_disk: Path
) -> None:
    """With every amount of room that is left: refused as such, and after the start nothing is half done."""
    refusals: set[type[KioskError]] = set()
    ends: set[CaseState] = set()
    for room in ROOM:
        user = a_user(narrow.database)
        reception_no = narrow.opens_case(user).reception_no
        narrow.authenticates(reception_no, user)
        ballast = fill(small_disk, leaving=room)
        try:
            narrow.delivers(narrow.signs(reception_no))
        except KioskError as refusal:
            refusals.add(type(refusal))
        ballast.unlink()
        narrow.recovering.recover()
        ends.add(narrow.casework.case(narrow.actor, reception_no).state)
        assert narrow.database.integrity_problems() == ()
        for file in narrow.sticks.rglob("*.p12"):
            file.unlink()
        narrow.clock.step(seconds=1)
    assert refusals <= {JournalNotWritable, DatabaseUnavailable, OutcomeUnknown, IssueUnknown}
    assert refusals & {JournalNotWritable, DatabaseUnavailable}
    assert CaseState.DELIVERED in ends
    assert ends <= {CaseState.TRANSACTION_CHOSEN, CaseState.VOIDED, CaseState.DELIVERED}
