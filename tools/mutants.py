"""Mutants of what stands outside functions: named numbers, tables, sets of characters; mutmut changes only functions.

    python -m tools.mutants kiosk/rules/approvals.py [MORE...] --tests tests/rules

Each change is made in a copy of the tree, one at a time, and only the tests that name the module are run against it.
What no test noticed is printed, and the command ends with 1. The words of an enumeration are left alone: the registry
holds them.
"""

import argparse
import ast
import multiprocessing
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

TREES = ("db", "docs", "kiosk", "screens", "tests", "tools", "pyproject.toml")
MOST_SECONDS = 120
Position = tuple[int, int, int, int]


@dataclass(frozen=True)
class Change:
    """One piece of a file and what stands there instead."""

    line: int
    start: int
    end: int
    old: bytes
    new: bytes

    def of(self, source: bytes) -> bytes:
        """The changed file."""
        return source[: self.start] + self.new + source[self.end :]

    def __str__(self) -> str:
        return f"{self.line}: {self.old.decode()} -> {self.new.decode() or 'nothing'}"


class Outside(ast.NodeVisitor):
    """Finds everything outside functions that can be changed."""

    def __init__(self, source: bytes) -> None:
        self.source = source
        self.starts = [0]
        for line in source.splitlines(keepends=True):
            self.starts.append(self.starts[-1] + len(line))
        self.found: list[Change] = []

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        """Functions are mutmut's."""

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        """The words of an enumeration are stored; CHECKs and their tests hold them."""
        if not any(isinstance(base, ast.Name) and base.id.endswith("Enum") for base in node.bases):
            for statement in node.body:
                self.visit(statement)

    def visit_Expr(self, node: ast.Expr) -> None:
        """A text that stands alone is a comment."""

    def visit_Assign(self, node: ast.Assign) -> None:
        """What a module offers is read by tools only."""
        if not any(isinstance(target, ast.Name) and target.id == "__all__" for target in node.targets):
            self.visit(node.value)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        """A type says nothing when the program runs."""
        if node.value is not None:
            self.visit(node.value)

    def visit_Constant(self, node: ast.Constant) -> None:
        """A number one more and one less, a text a letter more and a letter less, a truth turned round."""
        match node.value:
            case bool() as truth:
                self.note(node, repr(not truth))
            case int() | float() as number:
                self.note(node, repr(number + 1))
                self.note(node, repr(number - 1))
            case str() as text if text:
                self.note(node, repr(text[:-1]))
                self.note(node, repr(f"{text}q"))
            case bytes() as octets if octets:
                self.note(node, repr(octets[:-1]))
                self.note(node, repr(octets + b"q"))
            case _:
                pass

    def visit_Set(self, node: ast.Set) -> None:
        """One element less."""
        self.without_one(node, node.elts)

    def visit_Tuple(self, node: ast.Tuple) -> None:
        """One element less."""
        self.without_one(node, node.elts)

    def visit_List(self, node: ast.List) -> None:
        """One element less."""
        self.without_one(node, node.elts)

    def without_one(self, node: ast.expr, elements: list[ast.expr]) -> None:
        """Each element left out; a comma stays behind each one that is kept, so that a tuple remains one."""
        opening, closing = {ast.Set: ("{", "}"), ast.Tuple: ("(", ")"), ast.List: ("[", "]")}[type(node)]
        texts = [ast.unparse(one) for one in elements]
        for left_out in range(len(texts)):
            kept = "".join(f"{text}, " for at, text in enumerate(texts) if at != left_out)
            empty = "set()" if isinstance(node, ast.Set) else opening + closing
            self.note(node, f"{opening}{kept}{closing}" if kept else empty)
        self.generic_visit(node)

    def note(self, node: ast.expr, new: str) -> None:
        """One change more."""
        assert node.end_lineno is not None  # noqa: S101  a tree that was parsed has positions
        assert node.end_col_offset is not None  # noqa: S101
        start = self.starts[node.lineno - 1] + node.col_offset
        end = self.starts[node.end_lineno - 1] + node.end_col_offset
        self.found.append(Change(node.lineno, start, end, self.source[start:end], new.encode()))


def changes(source: bytes) -> Iterator[Change]:
    """Every change of one file."""
    outside = Outside(source)
    outside.visit(ast.parse(source))
    yield from outside.found


def tests_that_name(module: str, tests: Path) -> list[str]:
    """The test files that import a module."""
    return sorted(str(file) for file in tests.rglob("test_*.py") if module in file.read_text("utf-8"))


def run_tests(tests: Path, files: list[str]) -> None:
    """In a process of its own: ends with 0 when no test noticed anything."""
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        os.dup2(nowhere.fileno(), 1)
        os.dup2(nowhere.fileno(), 2)
    sys.dont_write_bytecode = True
    # what the whole suite prepares further up takes longer than the tests of a rule
    alone = ["-x", "-q", "-p", "no:cacheprovider", f"--confcutdir={tests}", "--hypothesis-seed=0"]
    os._exit(int(pytest.main([*alone, *files])))


def survives(tests: Path, files: list[str]) -> bool:
    """Whether all tests pass. One that never ends has noticed."""
    child = multiprocessing.get_context("fork").Process(target=run_tests, args=(tests, files))
    child.start()
    child.join(MOST_SECONDS)
    if child.is_alive():
        child.kill()
        child.join()
    return child.exitcode == 0


def main() -> int:
    """Changes the named files in a copy of the tree; returns 1 when something survived."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--tests", type=Path, default=Path("tests/rules"))
    asked = parser.parse_args()
    survivors = 0
    with tempfile.TemporaryDirectory() as folder:
        for tree in map(Path, TREES):
            (shutil.copytree if tree.is_dir() else shutil.copy)(tree, Path(folder, tree))
        os.chdir(folder)
        for file in asked.files:
            source = file.read_bytes()
            files = tests_that_name(".".join(file.with_suffix("").parts), asked.tests)
            if not survives(asked.tests, files):
                raise SystemExit(f"{file}: the tests fail before anything is changed: {files}")
            made = list(changes(source))
            kept = []
            for change in made:
                file.write_bytes(change.of(source))
                if survives(asked.tests, files):
                    kept.append(change)
            file.write_bytes(source)
            survivors += len(kept)
            print(f"{file}: {len(made)} changes, {len(kept)} survived", flush=True)
            for change in kept:
                print(f"  {file}:{change}", flush=True)
    return int(survivors > 0)


if __name__ == "__main__":
    sys.exit(main())
