"""What is changed of a file, and what is left alone."""

from tools.mutants import changes

SOURCE = b'''
"""A comment."""
from enum import StrEnum

__all__ = ["a"]
MINUTES: "int" = 10
"""Another one."""
STATES = frozenset({Word.A, Word.B})


@dataclass(frozen=True)
class Word(StrEnum):
    A = "a"


class Limits:
    open: bool = True


def function(number=1):
    return number + 1
'''


def test_what_stands_outside_functions_is_changed_one_at_a_time() -> None:
    assert [(change.line, change.old.decode(), change.new.decode()) for change in changes(SOURCE)] == [
        (6, "10", "11"),
        (6, "10", "9"),
        (8, "{Word.A, Word.B}", "{Word.B, }"),
        (8, "{Word.A, Word.B}", "{Word.A, }"),
        (17, "True", "False"),
    ]


def test_only_the_one_place_is_changed() -> None:
    source = "名前 = 1\n時間 = 5\n".encode()
    changed = [change.of(source).decode() for change in changes(source)]
    assert changed == [
        "名前 = 2\n時間 = 5\n",
        "名前 = 0\n時間 = 5\n",
        "名前 = 1\n時間 = 6\n",
        "名前 = 1\n時間 = 4\n",
    ]
