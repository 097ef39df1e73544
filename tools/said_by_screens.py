"""Finds the messages that screens say by themselves, with a code of their own, in the sources of the screens."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tools.translations import ROOT, marked_texts

SCREENS: Final = ROOT / "screens"
CODE: Final = re.compile(r"[EIW][A-Z]\d\d")
MAKERS: Final = {
    "check": ("code", "happened", "to_do"),
    "done": ("code", "happened", "to_do"),
    "CounterMessage": (),
}
"""What makes a message, with the names of its positional arguments."""


@dataclass(frozen=True)
class Said:
    """One message as it stands in the code, in Japanese, its facts still in braces."""

    code: str
    happened: str
    to_do: str
    done: bool
    """Told as 【完了】."""


def said_by_screens(folder: Path = SCREENS) -> Iterator[Said]:
    """Every message with a literal code; a text that is put together at run time is left out of its message."""
    for source in sorted(folder.rglob("*.py")):
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MAKERS:
                yield from _messages_of(node, node.func.id)


def codes_in(folder: Path = SCREENS) -> set[str]:
    """Every literal that looks like a code."""
    return {
        node.value
        for source in folder.rglob("*.py")
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and CODE.fullmatch(node.value)
    }


def _messages_of(call: ast.Call, maker: str) -> Iterator[Said]:
    arguments = dict(zip(MAKERS[maker], call.args, strict=False))
    arguments |= {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg is not None}
    code = arguments.get("code")
    if not isinstance(code, ast.Constant) or not CODE.fullmatch(str(code.value)):
        return
    for happened in _texts(arguments.get("happened")):
        for to_do in _texts(arguments.get("to_do")):
            yield Said(str(code.value), happened, to_do, done=maker == "done")


def _texts(node: ast.expr | None) -> list[str]:
    """The marked text of an argument; both of a choice."""
    if node is None:
        return [""]
    if isinstance(node, ast.IfExp):
        return _texts(node.body) + _texts(node.orelse)
    return ["".join(marked_texts(ast.unparse(node)))]
