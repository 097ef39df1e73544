"""Registered media: the list in the registry counts only with its signature, and only for what stands on it."""

from dataclasses import dataclass

import pytest
from sqlmodel import col, update

from db.database import Database
from db.tables import MediaList
from kiosk.errors import DatabaseUnavailable, JournalNotWritable, MediaListBroken, MediaListWrong
from kiosk.services.media.registering import BIGGEST_FILE, Registering
from tests.support.builders import a_desk
from tests.support.clock import SteppedClock
from tests.support.counters import Counter
from tests.support.faults import full_journal, out_of_reach
from tests.support.journal import journal_of

LIST = "vid,pid,serial,owner,expires\n0951,1666,60A44C41,本店営業部,2026-03-02\n0781,5567,4C53,融資係,\n"


@dataclass(frozen=True)
class Plugged:
    """What the kernel would say."""

    vid: str = "0951"
    pid: str = "1666"
    serial: str = "60A44C41"


@pytest.fixture
def registering(counter: Counter, database: Database, clock: SteppedClock) -> Registering:
    return Registering(
        desk=a_desk(database, clock), public_key=lambda: counter.signer.facts().attestation_public_key
    )


def imports(registering: Registering, counter: Counter, text: str = LIST, file: str = "media.csv") -> None:
    registering.import_list(
        text.encode("utf-8"), file=file, attest=counter.signer.attest, key_id=counter.signer.facts().key_id
    )


def test_before_any_list_nothing_is_registered(registering: Registering) -> None:
    assert registering.in_force().media == ()
    assert not registering.admits(Plugged())


def test_what_stands_on_the_list_is_admitted_until_its_last_day_in_japan(
    registering: Registering, counter: Counter, clock: SteppedClock
) -> None:
    imports(registering, counter)
    assert registering.admits(Plugged())
    assert not registering.admits(Plugged(serial="60A44C42"))
    assert not registering.admits(Plugged(serial=""))
    clock.step(hours=13, minutes=59)
    assert registering.admits(Plugged())
    clock.step(minutes=1)
    assert not registering.admits(Plugged())
    assert registering.admits(Plugged("0781", "5567", "4C53"))


def test_a_new_list_takes_the_place_of_the_old_one(
    registering: Registering, counter: Counter, database: Database
) -> None:
    imports(registering, counter)
    assert registering.admits(Plugged())
    imports(registering, counter, LIST.replace("60A44C41", "60A44C42"), file="a@b.jp")
    assert not registering.admits(Plugged())
    assert registering.admits(Plugged(serial="60A44C42"))
    first, second = (line for line in journal_of(database) if line.tag == "stock:list:imported")
    assert (first.facts["file"], first.facts["count"]) == ("media.csv", 2)
    assert second.facts["file"] is None
    assert first.facts["list_sha256"] != second.facts["list_sha256"]


@pytest.mark.parametrize("where", ["body", "signature", "other_key"])
def test_a_list_that_was_changed_in_the_registry_registers_nothing_and_is_journaled_once(
    registering: Registering, counter: Counter, database: Database, where: str
) -> None:
    imports(registering, counter)
    assert registering.admits(Plugged())
    signed = registering.in_force().signed()
    changes = {
        "body": {"body": signed.replace(b"60A44C41", b"60A44C49")},
        "signature": {"signature": bytes(64)},
        "other_key": {"signature": counter.signer.attest(b"something else\n" + signed)},
    }
    with database.transaction() as session:
        session.execute(update(MediaList).where(col(MediaList.pk) > 0).values(**changes[where]))
    assert not registering.admits(Plugged())
    assert not registering.admits(Plugged(serial="60A44C49"))
    with pytest.raises(MediaListBroken):
        registering.in_force()
    assert [line.tag for line in journal_of(database)].count("stock:list:broken") == 1


def test_a_broken_list_that_the_journal_cannot_take_is_refused_all_the_same_and_told_later(
    registering: Registering, counter: Counter, database: Database
) -> None:
    imports(registering, counter)
    with database.transaction() as session:
        session.execute(update(MediaList).where(col(MediaList.pk) > 0).values(signature=bytes(64)))
    with full_journal(database):
        assert not registering.admits(Plugged())
    assert not registering.admits(Plugged())
    assert not registering.admits(Plugged())
    assert [line.tag for line in journal_of(database)].count("stock:list:broken") == 1


def test_a_registry_out_of_reach_registers_nothing(
    registering: Registering, counter: Counter, database: Database
) -> None:
    imports(registering, counter)
    with out_of_reach(database):
        assert not registering.admits(Plugged())
        with pytest.raises(DatabaseUnavailable):
            registering.in_force()
    assert registering.admits(Plugged())


@pytest.mark.rule("I-12")
def test_a_list_that_the_journal_does_not_take_is_not_imported(
    registering: Registering, counter: Counter, database: Database
) -> None:
    imports(registering, counter)
    with full_journal(database), pytest.raises(JournalNotWritable):
        imports(registering, counter, LIST.replace("60A44C41", "60A44C42"))
    assert registering.admits(Plugged())


@pytest.mark.parametrize(
    ("data", "line", "column", "told"),
    [
        (LIST.replace("1666", "16"), 2, "pid", "16進数4桁"),
        (LIST.replace("融資係", "=1+1"), 3, "owner", "式"),
        (LIST.replace("4C53", "60A44C41").replace("0781,5567", "0951,1666"), 3, "serial", "同じ媒体"),
        ("vid,pid\n", 1, "", "vid,pid,serial,owner,expires"),
    ],
)
def test_a_wrong_list_changes_nothing_and_names_the_place(
    registering: Registering, counter: Counter, data: str, line: int, column: str, told: str
) -> None:
    imports(registering, counter)
    with pytest.raises(MediaListWrong) as refused:
        imports(registering, counter, data)
    assert (refused.value.file, refused.value.line, refused.value.column) == ("media.csv", line, column)
    assert told in refused.value.problem
    assert registering.admits(Plugged())


@pytest.mark.parametrize(
    ("data", "line"), [(LIST.encode("shift_jis"), 2), (b"\xef\xbb\xbf" + b"x" * BIGGEST_FILE, 1)]
)
def test_a_file_in_another_encoding_or_too_big_is_refused(
    registering: Registering, counter: Counter, data: bytes, line: int
) -> None:
    with pytest.raises(MediaListWrong) as refused:
        registering.import_list(data, file="media.csv", attest=counter.signer.attest, key_id="k")
    assert refused.value.line == line
