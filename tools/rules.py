"""Tie the rules of docs/rules.toml to the code that implements them and the tests that prove them.

    python tools/rules.py            writes docs/RULES.md and lists the rules that no test names
    python tools/rules.py --check    writes nothing; ends with 1 when the document is behind

Code implements a rule where a docstring or a comment names it (R-47, or R-40 to R-43). A test proves a rule with
`@pytest.mark.rule("R-47", "E-20")` on a function, on a class, on one parameter or for a whole module.
"""

import argparse
import ast
import io
import re
import sys
import tokenize
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCE = "docs/rules.toml"
DOCUMENT = "docs/RULES.md"
PACKAGES = ("kiosk", "db", "screens")
TESTS = ("tests",)
NAMES_SHOWN = 4
"""Names in one cell before the rest is only counted."""

NUMBER = re.compile(
    r"(?<![\w-])([REI])-(\d{1,3})(?:\s*(?:–|-|to|through|…|\.{2,3})\s*\1-(\d{1,3}))?(?![\w-])"
)

MESSAGE_CODE = re.compile(r"[EIW][A-Z]\d\d")
"""A test may name the message it proves beside the rule; those stand in docs/MESSAGES.md."""

Places = dict[str, dict[str, list[str]]]
"""Rule number, file, names in that file."""


@dataclass(frozen=True)
class Rule:
    """One sentence the counter lives by."""

    number: str
    japanese: str
    english: str


@dataclass(frozen=True)
class Chapter:
    """Rules about one thing, in the order of the counter."""

    japanese: str
    english: str
    rules: tuple[Rule, ...]


def chapters_of(path: Path) -> tuple[Chapter, ...]:
    """The rules as the project carries them."""
    read = tomllib.loads(path.read_text(encoding="utf-8"))
    return tuple(
        Chapter(chapter["ja"], chapter["en"], tuple(Rule(*rule) for rule in chapter["rules"]))
        for chapter in read["chapter"]
    )


def numbers_in(text: str) -> list[str]:
    """Every rule a text names; a range names all between its ends."""
    return [
        _spelled(letter, number)
        for letter, first, last in NUMBER.findall(text)
        for number in range(int(first), int(last or first) + 1)
    ]


def _spelled(letter: str, number: int) -> str:
    return f"I-{number}" if letter == "I" else f"{letter}-{number:02d}"


# --- where the code implements a rule --------------------------------------------------------------------------------


def places_in(source: str) -> Iterator[tuple[str, str]]:
    """Each rule a module names, with the class or function that names it ("" for the module itself)."""
    tree = ast.parse(source)
    scopes = sorted(_scopes(tree), key=lambda scope: scope[0])
    for line, text in sorted(_prose(tree, source)):
        inside = [name for first, last, name in scopes if first <= line <= last]
        for number in numbers_in(text):
            yield number, inside[-1] if inside else ""


def _scopes(tree: ast.AST, above: str = "") -> Iterator[tuple[int, int, str]]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            name = f"{above}.{node.name}" if above else node.name
            first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
            yield first, node.end_lineno or node.lineno, name
            yield from _scopes(node, name)
        else:
            yield from _scopes(node, above)


def _prose(tree: ast.AST, source: str) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        match node:
            case ast.Expr(value=ast.Constant(value=str(text))):
                yield node.lineno, text
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


# --- which tests prove a rule ----------------------------------------------------------------------------------------


def proofs_in(source: str) -> Iterator[tuple[str, str]]:
    """Each rule a test module proves, with the test that does ("" for the whole module)."""
    yield from _marked(ast.parse(source), "")


def _marked(node: ast.AST, test: str) -> Iterator[tuple[str, str]]:
    if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        test = f"{test}.{node.name}" if test else node.name
    if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.rule":
        for argument in node.args:
            if not isinstance(argument, ast.Constant):
                raise ValueError(f"line {node.lineno}: a rule is named in full, not computed")
            yield str(argument.value), test
    for below in ast.iter_child_nodes(node):
        yield from _marked(below, test)


# --- the document ----------------------------------------------------------------------------------------------------


def survey(root: Path, folders: Sequence[str], read: str = "code") -> Places:
    """For each rule, the files that name it and the names inside them, both in reading order."""
    found: Places = defaultdict(lambda: defaultdict(list))
    for folder in folders:
        for path in sorted((root / folder).rglob("*.py")):
            place = path.relative_to(root).as_posix()
            source = path.read_text(encoding="utf-8")
            for number, name in places_in(source) if read == "code" else proofs_in(source):
                names = found[number][place]
                if name not in names:
                    names.append(name)
    return found


def unknown(found: Iterable[str], chapters: Sequence[Chapter]) -> list[str]:
    """Numbers that are named somewhere and are neither a rule nor a message."""
    known = {rule.number for chapter in chapters for rule in chapter.rules}
    return sorted(name for name in set(found) - known if not MESSAGE_CODE.fullmatch(name))


def unproven(chapters: Sequence[Chapter], proofs: Mapping[str, object]) -> list[Rule]:
    """Rules that no test names."""
    return [rule for chapter in chapters for rule in chapter.rules if rule.number not in proofs]


def document(chapters: Sequence[Chapter], code: Places, proofs: Places) -> str:
    """docs/RULES.md in full."""
    lines = [
        "# 窓口のきまり / The rules of the counter",
        "",
        "Written by `make rules` from [rules.toml](rules.toml), the code and the tests; changes belong there.",
        "R: from the customers' manual of the system. E: what it leaves open, decided here. I: true at every moment.",
    ]
    for chapter in chapters:
        lines += ["", f"## {chapter.japanese} / {chapter.english}", ""]
        lines += ["| | きまり | Rule | Implemented in | Proven by |", "| --- | --- | --- | --- | --- |"]
        for rule in chapter.rules:
            cells = [_cell(code.get(rule.number, {})), _cell(proofs.get(rule.number, {}))]
            lines.append(f"| {rule.number} | {rule.japanese} | {rule.english} | {cells[0]} | {cells[1]} |")
    open_rules = unproven(chapters, proofs)
    lines += ["", "## Rules that no test names yet", ""]
    lines += [f"- {rule.number} {rule.english}" for rule in open_rules] or ["None."]
    return "\n".join(lines) + "\n"


def _cell(places: Mapping[str, Sequence[str]]) -> str:
    return "<br>".join(f"[{place}](../{place}){_names(names)}" for place, names in places.items()) or "—"


def _names(names: Sequence[str]) -> str:
    shown = [f"`{name}`" for name in names if name]
    if len(shown) > NAMES_SHOWN:
        shown[NAMES_SHOWN:] = [f"and {len(shown) - NAMES_SHOWN} more"]
    return " " + ", ".join(shown) if shown else ""


def main(arguments: Sequence[str] | None = None, root: Path = ROOT) -> int:
    """Write or check the document; the exit code."""
    parser = argparse.ArgumentParser(description="Tie the rules to code and tests.")
    parser.add_argument(
        "--check", action="store_true", help="write nothing; end with 1 when the document is behind"
    )
    checking = parser.parse_args(arguments).check

    chapters = chapters_of(root / SOURCE)
    code, proofs = survey(root, PACKAGES), survey(root, TESTS, read="tests")
    if strangers := unknown(proofs, chapters):
        print(f"named by a test and not in {SOURCE}: {', '.join(strangers)}", file=sys.stderr)
        return 1
    written = document(chapters, code, proofs)
    target = root / DOCUMENT
    if checking:
        behind = not target.exists() or target.read_text(encoding="utf-8") != written
        print(f"{DOCUMENT} is behind: run make rules" if behind else f"{DOCUMENT} is up to date")
        return int(behind)
    target.write_text(written, encoding="utf-8")
    for rule in unproven(chapters, proofs):
        print(f"no test names {rule.number}  {rule.english}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
