"""`kiosk --help`, in the language of whoever asks."""

import re
from collections.abc import Mapping

import pytest
from rich.cells import cell_len

from kiosk.cli.arguments import parsed
from kiosk.cli.usage import language_of
from kiosk.translations.catalog import Language, language

COMMANDS: tuple[list[str], ...] = (
    [],
    ["demo"],
    ["staff", "add"],
    ["users"],
    ["crl", "diff"],
    ["jobs", "run"],
)


def said(capsys: pytest.CaptureFixture[str], *argv: str) -> str:
    """What the terminal shows when the command line ends the process."""
    with pytest.raises(SystemExit) as ended:
        parsed(argv)
    assert ended.value.code == (0 if "--help" in argv else 2)
    shown = capsys.readouterr()
    return shown.out + shown.err


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_japanese_terminal_explains_itself_in_japanese(
    command: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    before = language()
    text = said(capsys, "--lang", "ja", *command, "--help")
    assert text.startswith("使い方: kiosk")
    assert "オプション:" in text
    assert not re.search(r"\b(the|and|of)\b", text)
    assert max(map(cell_len, text.splitlines())) <= 80
    assert language() is before, "only the answer decides what the program speaks later"


def test_wrong_usage_is_told_in_the_same_language(capsys: pytest.CaptureFixture[str]) -> None:
    assert "使い方が正しくありません。" in said(capsys, "--lang=ja", "staff", "suspend")
    assert "wrong usage: the following arguments are required: staff_id" in said(
        capsys, "--lang=en", "staff", "suspend"
    )


@pytest.mark.parametrize(
    ("argv", "environment", "expected"),
    [
        (["--lang", "ja"], {"LANG": "en_US.UTF-8"}, Language.JAPANESE),
        (["--lang=en"], {"LANG": "ja_JP.UTF-8"}, Language.ENGLISH),
        (["--help"], {"LANG": "ja_JP.UTF-8"}, Language.JAPANESE),
        (["--help"], {"LANG": "ja_JP.UTF-8", "LC_ALL": "C"}, Language.ENGLISH),
        (["--lang"], {}, Language.ENGLISH),
        (["--lang", "fr"], {}, Language.ENGLISH),
    ],
)
def test_the_language_is_the_one_asked_for_or_that_of_the_terminal(
    argv: list[str], environment: Mapping[str, str], expected: Language
) -> None:
    assert language_of(argv, environment) is expected
