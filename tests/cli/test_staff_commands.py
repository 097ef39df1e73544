"""`kiosk staff`: from the first day of a colleague to the last one, with commands alone."""

import os
import pwd
from pathlib import Path

import pytest

from kiosk.bootstrap import open_registry
from kiosk.cli.answers import Exit
from kiosk.config import load_settings
from tests.cli.test_commands import Shell, settings, shell
from tests.support.journal import journal_of

__all__ = ["settings", "shell"]

HANAKO = (
    *("staff", "add", "op001", "--person-number", "P1", "--name", "窓口 花子"),
    *("--role", "clerk", "--branch", "012"),
)


@pytest.fixture
def with_hanako(shell: Shell) -> Shell:
    """A branch with one clerk."""
    shell.types("init", "--branch-name", "本店営業部")
    assert shell.types(*HANAKO, secret="Kunren#01")[0] == Exit.DONE
    return shell


def line_of(shell: Shell) -> dict[str, object]:
    rows = shell.json("staff", "list")
    assert isinstance(rows, list)
    (line,) = rows
    assert isinstance(line, dict)
    return line


def test_the_list_names_everybody_and_nothing_of_a_password(with_hanako: Shell) -> None:
    assert line_of(with_hanako) == {
        "staff_id": "op001",
        "person_number": "P1",
        "name": "窓口 花子",
        "role": "clerk",
        "branch": "012",
        "active": True,
        "paused_until": None,
    }


def test_a_colleague_is_promoted_shut_out_and_let_in_again(with_hanako: Shell) -> None:
    with_hanako.json("staff", "assign", "op001", "--role", "supervisor", "--branch", "012")
    assert line_of(with_hanako)["role"] == "supervisor"
    with_hanako.json("staff", "suspend", "op001")
    assert line_of(with_hanako)["active"] is False
    with_hanako.json("staff", "readmit", "op001")
    assert line_of(with_hanako)["active"] is True


def test_a_new_password_is_asked_for_and_stands_nowhere_in_clear(with_hanako: Shell, settings: Path) -> None:
    with_hanako.json("staff", "password", "op001", secret="Atarashii#02")
    stored = b"".join(path.read_bytes() for path in settings.parent.rglob("*") if path.is_file())
    assert b"Atarashii#02" not in stored


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("staff", "suspend", "op009"), "staff_id"),
        (("staff", "password", "op009"), "staff_id"),
        (("staff", "assign", "op001", "--role", "clerk", "--branch", "099"), "branch_no"),
    ],
)
def test_what_nobody_has_is_named_and_changes_nothing(
    with_hanako: Shell, words: tuple[str, ...], named: str
) -> None:
    before = line_of(with_hanako)
    code, _ = with_hanako.types(*words, secret="Atarashii#02")
    assert code == Exit.REFUSED
    assert named in with_hanako.err
    assert line_of(with_hanako) == before


@pytest.mark.parametrize("words", [("audit", "verify"), ("verify",), ("crl", "show"), ("self-check",)])
def test_before_there_is_a_ca_each_command_says_how_to_get_one(
    with_hanako: Shell, words: tuple[str, ...]
) -> None:
    code, _ = with_hanako.types(*words)
    assert code == Exit.REFUSED
    assert "kiosk ca init" in with_hanako.err


@pytest.mark.rule("I-12")
def test_the_journal_names_the_account_that_ran_the_command(with_hanako: Shell, settings: Path) -> None:
    added = [
        line for line in journal_of(open_registry(load_settings(settings).database)) if "added" in line.tag
    ]
    account = pwd.getpwuid(os.getuid()).pw_name
    assert [line.facts["run_by"].split("/")[0] for line in added] == [account]
