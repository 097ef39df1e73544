"""What a document sends its reader to is there: files, headings, commands."""

import re
from collections.abc import Iterator
from pathlib import Path

from kiosk.cli.running import COMMANDS
from tests.support.sources import ROOT, place, python_files, tracked_files

DOCUMENTS = [path for path in tracked_files() if path.suffix == ".md"]
LINK = re.compile(r"\]\((?!https?:|mailto:)([^)#]*)#?([^)]*)\)")
COMMAND = re.compile(r"`kiosk ([a-z][a-z-]*(?: [a-z]+)?)\b[^`]*`")
TARGET = re.compile(r"`make ([a-z-]+)\b[^`]*`")
FRONT_ENDS = {"demo"}
"""Opens the terminal; every other word is a command of its own."""


def lines_of(paths: list[Path]) -> Iterator[tuple[Path, int, str]]:
    for path in paths:
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            yield path, number, line


def anchors_of(path: Path) -> set[str]:
    """The headings as a browser of the repository names them."""
    headings = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_link_leads_somewhere() -> None:
    broken = []
    for path, number, line in lines_of(DOCUMENTS):
        for file, anchor in LINK.findall(line):
            target = path.parent / file if file else path
            if not target.exists() or (anchor and anchor not in anchors_of(target)):
                broken.append(f"{place(path, number)}: {file}#{anchor}")
    assert broken == []


def is_a_command(words: str) -> bool:
    return words in COMMANDS or words.split(maxsplit=1)[0] in COMMANDS.keys() | FRONT_ENDS


def test_every_command_that_is_written_down_exists() -> None:
    named = [
        (place(path, number), words)
        for path, number, line in lines_of(DOCUMENTS)
        for words in COMMAND.findall(line)
    ]
    assert [(where, words) for where, words in named if not is_a_command(words)] == []
    assert len(named) > 40


def test_every_target_of_make_that_is_written_down_exists() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    named = {word for _, _, line in lines_of(DOCUMENTS) for word in TARGET.findall(line)}
    assert named - targets == set()
    assert {"demo", "check", "rules"} <= named


def test_every_name_of_the_glossary_is_one_of_the_code() -> None:
    glossary = (ROOT / "docs/DOMAIN.md").read_text(encoding="utf-8").split("\n## 4. Glossary")[1]
    lines = [line.split("|") for line in glossary.split("\n## ")[0].splitlines() if line.startswith("| ")]
    names = {name for cells in lines for name in re.findall(r"`([^`]+)`", cells[2])}
    code = "\n".join(path.read_text(encoding="utf-8") for path in python_files())
    assert {name for name in names if name not in code} == set()
    assert len(names) > 30


def test_the_readme_says_what_was_never_run() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "**Windows, not once.**" in readme
    assert "(docs/WINDOWS.md)" in readme
    assert "**Nothing described here was ever run on Windows.**" in (ROOT / "docs/WINDOWS.md").read_text(
        "utf-8"
    )
