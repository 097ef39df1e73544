"""Keep the English catalogue in step with the texts in the code.

    python tools/translations.py update [--merge FILE ...] [--prune]
    python tools/translations.py check

`update` reads every `_` and `N_` in the sources, keeps the English that is there, fills gaps from FILE (one
`text<TAB>English` per line, `\\n` for a line break), writes kiosk.po and kiosk.mo and names what is missing
or unused. `check` writes nothing and ends with 1 when a text is missing or unused.
"""

import argparse
import ast
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("kiosk", "screens")
MARKS = {"_", "N_"}
PO = Path("kiosk/translations/en/LC_MESSAGES/kiosk.po")
ENGLISH_PO = ROOT / PO
HEADER = "# English texts of the certificate counter. The Japanese text is the message id."
NO_DATE = datetime(2026, 1, 1, tzinfo=UTC)
"""Stands where gettext wants dates: a catalogue that is written again unchanged shows no difference."""


def texts_in_sources(root: Path) -> dict[str, list[str]]:
    """Every marked text with the files it stands in, both in a steady order."""
    found: dict[str, list[str]] = {}
    for package in PACKAGES:
        for source in sorted((root / package).rglob("*.py")):
            place = source.relative_to(root).as_posix()
            for text in marked_texts(source.read_text(encoding="utf-8")):
                places = found.setdefault(text, [])
                if place not in places:
                    places.append(place)
    return found


def marked_texts(source: str) -> Iterator[str]:
    """The literal arguments of `_` and `N_`, one inside the other as well, which Babel's own extractor mixes up."""
    for node in ast.walk(ast.parse(source)):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in MARKS
            and node.args
        ):
            text = node.args[0]
            if isinstance(text, ast.Constant) and isinstance(text.value, str) and text.value:
                yield text.value


def english_in(po: Path) -> dict[str, str]:
    """The translations of a catalogue file; empty ones are left out. None when there is no file yet."""
    if not po.exists():
        return {}
    with po.open("rb") as stream:
        return {str(entry.id): str(entry.string) for entry in read_po(stream) if entry.id and entry.string}


def merged_from(file: Path) -> Iterator[tuple[str, str]]:
    """The `text<TAB>English` lines of a hand-written file. Raises ValueError naming a line without a tab."""
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip():
            continue
        text, tab, english = line.partition("\t")
        if not tab:
            raise ValueError(f"{file}:{number}: no tab between the text and its English")
        yield text.replace("\\n", "\n"), english.replace("\\n", "\n")


def catalogue(texts: dict[str, list[str]], english: dict[str, str]) -> Catalog:
    """The catalogue to write: texts of the code in file order, then translations nothing uses."""
    made = Catalog(
        locale="en",
        project="madoguchi",
        version="1",
        msgid_bugs_address="see README",
        language_team="en",
        header_comment=HEADER,
        creation_date=NO_DATE,
        revision_date=NO_DATE,
        last_translator="madoguchi",
        fuzzy=False,
    )
    for text, places in sorted(texts.items(), key=lambda item: (item[1][0], item[0])):
        made.add(text, english.get(text, ""), locations=[(place, 0) for place in places], flags=flags(text))
    for text in sorted(english.keys() - texts.keys()):
        made.add(text, english[text], flags=flags(text))
    return made


def flags(text: str) -> Iterable[str]:
    """Texts with placeholders carry the flag that lets other tools check them."""
    return ("python-brace-format",) if "{" in text else ()


def write(made: Catalog, po: Path) -> None:
    """Write the .po and, beside it, the .mo that the counter loads."""
    po.parent.mkdir(parents=True, exist_ok=True)
    with po.open("wb") as stream:
        write_po(stream, made, width=0, include_lineno=False)
    with po.with_suffix(".mo").open("wb") as stream:
        write_mo(stream, made)


def report(texts: dict[str, list[str]], english: dict[str, str]) -> int:
    """Name missing and unused translations on stdout; how many there are."""
    missing = [text for text in texts if text not in english]
    unused = sorted(english.keys() - texts.keys())
    for text in missing:
        print(f"no English: {texts[text][0]}: {text!r}")
    for text in unused:
        print(f"not used:   {text!r}")
    print(f"{len(texts)} texts, {len(missing)} without English, {len(unused)} unused")
    return len(missing) + len(unused)


def main(arguments: list[str] | None = None, root: Path = ROOT) -> int:
    """The command; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("check", help="name missing and unused texts, write nothing")
    update = commands.add_parser("update", help="rewrite kiosk.po and kiosk.mo")
    update.add_argument("--merge", type=Path, nargs="*", default=[], help="files of text<TAB>English lines")
    update.add_argument("--prune", action="store_true", help="drop translations that no code uses")
    chosen = parser.parse_args(arguments)
    texts = texts_in_sources(root)
    english = english_in(root / PO)
    if chosen.command == "check":
        return 1 if report(texts, english) else 0
    for file in chosen.merge:
        english.update(merged_from(file))
    if chosen.prune:
        english = {text: translation for text, translation in english.items() if text in texts}
    write(catalogue(texts, english), root / PO)
    report(texts, english)
    return 0


if __name__ == "__main__":
    sys.exit(main())
