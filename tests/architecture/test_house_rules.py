"""House rules that no linter knows: small files, one clock, no trace of anybody's machine."""

import ast
import re
from collections.abc import Iterator

from tests.support.sources import ROOT, place, python_files, tracked_files, tree_of

LONGEST_FILE = 400
"""Lines; longer than that a file has two subjects."""

MACHINE = re.compile(
    r"/home/\w|/root/|/work/|/Users/\w|[A-Z]:\\Users|/tmp/\w+/|"
    r"pypi\.org|pythonhosted\.org|(?<!-emit)-index-url|index-url\s*=|file:///|--find-links"
)
READ_AS_TEXT = {
    ".py",
    ".toml",
    ".md",
    ".lock",
    ".tcss",
    ".po",
    ".txt",
    ".yml",
    ".cfg",
    ".conf",
    ".service",
    ".ini",
    "",
}


def test_no_file_is_longer_than_a_reader_likes() -> None:
    lengths = {place(path): len(path.read_text(encoding="utf-8").splitlines()) for path in python_files()}
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_FILE} == {}


def test_no_file_speaks_of_somebodys_machine() -> None:
    found = [
        place(path, number)
        for path in tracked_files()
        if path.suffix in READ_AS_TEXT and path.name != "test_house_rules.py"
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if MACHINE.search(line)
    ]
    assert found == []


CLOCKS = {
    ROOT / "kiosk/clock.py",
    ROOT / "db/facts.py",  # compares this machine's clock with the database server's
}
READS_THE_CLOCK = {
    "datetime.now", "datetime.today", "datetime.utcnow", "datetime.fromtimestamp", "datetime.utcfromtimestamp",
    "date.today", "date.fromtimestamp", "time.time", "time.localtime", "time.gmtime",
}  # fmt: skip


def test_only_the_clock_knows_what_time_it_is() -> None:
    found = [
        place(path, call.lineno)
        for path in python_files()
        if path not in CLOCKS
        for call in calls_in(tree_of(path))
        if ".".join(ast.unparse(call.func).split(".")[-2:]) in READS_THE_CLOCK
    ]
    assert found == [], "take `now` as an argument; a use case asks its clock"


def calls_in(tree: ast.AST) -> Iterator[ast.Call]:
    """Every call in a file."""
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def test_only_the_outermost_layers_write_to_the_console() -> None:
    """On the terminal the console is the screen: one stray line destroys it."""
    found = [
        place(path, call.lineno)
        for path in python_files(
            "db", "screens", "kiosk/services", "kiosk/rules", "kiosk/audit", "kiosk/mail"
        )
        for call in calls_in(tree_of(path))
        if ast.unparse(call.func) == "print"
    ]
    assert found == []


MENTION = re.compile(r"\b([A-Z][A-Z-]+(?:\.ja)?\.md)\b")
SECTION = re.compile(r"\bDOMAIN (\d+(?:\.\d+)?)")


def test_every_document_that_is_mentioned_is_in_the_project() -> None:
    ours = {path.name for path in tracked_files() if path.suffix == ".md"}
    texts = [path for path in tracked_files() if path.suffix in {".py", ".md", ".toml"}]
    mentioned = {name for path in texts for name in MENTION.findall(path.read_text(encoding="utf-8"))}
    assert mentioned - ours == set()


def test_every_section_that_is_mentioned_is_in_docs_domain() -> None:
    headings = set(
        re.findall(
            r"^#+ (\d+(?:\.\d+)?)[. ]", (ROOT / "docs/DOMAIN.md").read_text(encoding="utf-8"), re.MULTILINE
        )
    )
    found = [
        f"{place(path)}: DOMAIN {section}"
        for path in python_files(*("kiosk", "db", "screens", "tests", "tools"))
        for section in SECTION.findall(path.read_text(encoding="utf-8"))
        if section not in headings
    ]
    assert found == []
