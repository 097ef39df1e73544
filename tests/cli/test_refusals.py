"""What a command meets before it can do anything: it says what is wrong and what to do, and never shows its insides."""

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from kiosk.__main__ import main
from kiosk.cli.answers import Exit
from kiosk.cli.problem_words import to_do_about
from kiosk.rules.credentials import ShapeProblem
from kiosk.rules.texts import TextProblem
from kiosk.services.desk.new_entries import DIFFERS, TAKEN, UNKNOWN
from kiosk.translations.catalog import Language, use
from tests.cli.test_commands import SETTINGS

NOBODY = 65_534
LOOKING = (
    ("verify",),
    ("crl", "show"),
    ("staff", "list"),
    ("staff", "suspend", "op001"),
    ("jobs", "run"),
    ("self-check",),
    ("audit", "verify"),
    ("init",),
)


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that every account may enter."""
    place = Path(tempfile.mkdtemp(prefix="commands-"))
    place.chmod(0o755)
    yield place
    shutil.rmtree(place)


@pytest.fixture
def settings(place: Path) -> Path:
    """A branch that was set up, in a data folder of its own account."""
    file = place / "kiosk.toml"
    file.write_text(SETTINGS)
    file.chmod(0o644)
    assert (
        main(["--settings", str(file), "init", "--branch-name", "本店", "--branch-phone", "03-0000-0000"])
        == 0
    )
    return file


@contextmanager
def another_account(data: Path) -> Iterator[None]:
    """Run as somebody who may not enter the data folder."""
    if os.geteuid() == 0:
        os.seteuid(NOBODY)
        try:
            yield
        finally:
            os.seteuid(0)
    else:
        data.chmod(0)
        try:
            yield
        finally:
            data.chmod(0o700)


@pytest.mark.parametrize("words", LOOKING, ids=" ".join)
@pytest.mark.parametrize("language", ["ja", "en"])
def test_another_account_is_told_whose_files_these_are(
    settings: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], language: str
) -> None:
    main(["--settings", str(settings), *words])  # loads what the other account might not be allowed to read
    capsys.readouterr()
    with another_account(settings.parent / "data"):
        code = main(["--settings", str(settings), "--lang", language, *words])
    use(Language.JAPANESE)
    err = capsys.readouterr().err
    assert code == Exit.REFUSED
    assert re.fullmatch(r"kiosk: ES25 .*/data.* \(?.*sudo -u \S+ kiosk.*\n", err), err


@pytest.mark.parametrize("words", LOOKING, ids=" ".join)
def test_a_registry_out_of_reach_is_told_in_one_line(
    settings: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    settings.write_text(SETTINGS + '[database]\nurl = "postgresql:///kiosk?host=/nowhere/at/all"\n')
    capsys.readouterr()
    code = main(["--settings", str(settings), *words])
    err = capsys.readouterr().err
    assert code == Exit.REFUSED
    assert err.startswith("kiosk: ES03 ")
    assert "[database]" in err
    assert err.count("\n") == 1


def test_a_ca_whose_certificate_is_damaged_is_not_to_be_made_again(
    settings: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name = ("--organization", "テスト", "--common-name", "Test CA")
    main(["--settings", str(settings), "ca", "init", *name, "--algorithm", "p-256"])
    (settings.parent / "data" / "ca" / "ca.crt").write_bytes(b"damaged")
    capsys.readouterr()
    code = main(["--settings", str(settings), "verify"])
    err = capsys.readouterr().err
    assert code == Exit.REFUSED
    assert err.startswith("kiosk: ES15 ")
    assert "ca init" not in err


@pytest.mark.parametrize(
    ("words", "field", "to_do"),
    [
        (("staff", "suspend", "nobody"), "staff_id", "kiosk staff list"),
        (("media", "add", "012-0001", "--branch", "1"), "branch_no", "店番は3桁"),
    ],
)
def test_a_value_that_does_not_hold_is_named_with_what_to_type_instead(
    settings: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], field: str, to_do: str
) -> None:
    capsys.readouterr()
    code = main(["--settings", str(settings), *words])
    err = capsys.readouterr().err
    assert code == Exit.REFUSED
    assert err.startswith(f"kiosk: EC00 {field} ")
    assert to_do in err


def test_every_problem_with_a_value_has_its_sentence() -> None:
    for problem in (*ShapeProblem, *TextProblem, TAKEN, UNKNOWN, DIFFERS):
        assert to_do_about(problem) or problem == TextProblem.NOT_LAST_FOUR, (
            problem
        )  # typed at the counter only
