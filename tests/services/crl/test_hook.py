"""The command after a publication: run word by word, ended in time, never in the way of the list."""

import os
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from sqlmodel import select

from db.database import Database
from db.tables import CrlState
from kiosk.services.crl.hook import NOT_STARTED, TIMED_OUT, Hook
from tests.support.counters import Counter
from tests.support.journal import journal_of, told
from tests.support.lists import list_in


def python(code: str) -> Hook:
    return Hook(command=(sys.executable, "-c", code), seconds=20)


def test_a_hook_learns_folder_and_number_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("A_SECRET", "Kunren#2026")
    note = tmp_path / "note"
    code = f"import os; open({str(note)!r}, 'w').write(repr(sorted(os.environ.items())))"
    assert python(code).run(tmp_path, 7) is None
    told_to_it = note.read_text()
    assert f"('MADOGUCHI_CRL_FOLDER', '{tmp_path}'), ('MADOGUCHI_CRL_NUMBER', '7')" in told_to_it
    assert "A_SECRET" not in told_to_it


def test_words_reach_the_command_as_they_are(tmp_path: Path) -> None:
    """No shell looks at them."""
    note = tmp_path / "note"
    words = ("$(id)", "a b", "; touch x", "*")
    code = "import sys; open(sys.argv[1], 'w').write(repr(sys.argv[2:]))"
    assert Hook(command=(sys.executable, "-c", code, str(note), *words)).run(tmp_path, 1) is None
    assert note.read_text() == repr(list(words))


@pytest.mark.parametrize(
    ("hook", "failure"),
    [
        (python("raise SystemExit(3)"), "exit_3"),
        (python("import os; os.kill(os.getpid(), 9)"), "signal_9"),
        (Hook(command=("/no/such/program",)), NOT_STARTED),
        (Hook(command=("/etc/hostname",)), NOT_STARTED),
        (Hook(command=("/bin/true\0",)), NOT_STARTED),
    ],
)
def test_a_hook_that_fails_says_how(tmp_path: Path, hook: Hook, failure: str) -> None:
    assert hook.run(tmp_path, 1) == failure


def test_a_hook_that_hangs_is_ended_with_everything_it_started(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    code = (
        "import subprocess, sys, time;"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']);"
        f"open({str(pid)!r}, 'w').write(str(child.pid)); time.sleep(600)"
    )
    begun = time.monotonic()
    assert replace(python(code), seconds=4).run(tmp_path, 1) == TIMED_OUT
    assert time.monotonic() - begun < 60
    child = Path("/proc") / pid.read_text()
    for _ in range(100):
        if not child.exists() or "\nState:\tZ" in (child / "status").read_text():
            return
        time.sleep(0.05)
    os.kill(int(pid.read_text()), 9)
    pytest.fail("the hook's own child went on")


@pytest.mark.rule("E-93")
def test_a_failed_hook_is_told_once_and_run_again_until_it_succeeds(
    counter: Counter, database: Database, tmp_path: Path
) -> None:
    """The list is published all the same."""
    wants = tmp_path / "server-is-up"
    code = f"import os, sys; sys.exit(not os.path.exists({str(wants)!r}))"
    publishing = replace(counter.publishing, hook=python(code))
    number = publishing.publish()
    assert list_in(counter.crl).number == number
    assert publishing.publish_due()
    assert publishing.publish_due()
    assert told(database).count(("ca:crl:not_announced", "failed")) == 1
    last = [line for line in journal_of(database) if line.tag == "ca:crl:not_announced"][-1]
    assert last.facts == {"number": number, "reason": "exit_1"}
    with database.reading() as session:
        state = session.exec(select(CrlState)).one()
    assert (state.announced_number, state.announce_failure) == (None, "exit_1")

    wants.touch()
    assert publishing.publish_due()
    assert told(database)[-1] == ("ca:crl:announced", "done")
    with database.reading() as session:
        state = session.exec(select(CrlState)).one()
    assert (state.announced_number, state.announce_failure) == (number, None)
    assert not publishing.publish_due()
