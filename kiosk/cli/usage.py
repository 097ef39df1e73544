"""How the command line explains itself, in the reader's language; Japanese is broken where its columns end."""

import argparse
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NoReturn

from kiosk.translations.catalog import Language, _

NOT_FIRST: Final = "、。」)"
"""Do not begin a line."""


def language_of(argv: Sequence[str], environment: Mapping[str, str]) -> Language:
    """The language asked for with `--lang`, else that of the terminal; English where neither is Japanese."""
    for place, word in enumerate(argv):
        given = argv[place + 1 : place + 2] if word == "--lang" else [word.removeprefix("--lang=")]
        if word.startswith("--lang") and given and given[0] in set(Language):
            return Language(given[0])
    locale = next(filter(None, map(environment.get, ("LC_ALL", "LC_MESSAGES", "LANG"))), "")
    return Language.JAPANESE if locale.startswith("ja") else Language.ENGLISH


class Parser(argparse.ArgumentParser):
    """Says its own words in the language in force when it is made; its sub-parsers are of this class, too."""

    def __init__(self, **how: Any) -> None:
        super().__init__(**{"formatter_class": InCells, "add_help": False, **how})
        self._positionals.title = _("引数")
        self._optionals.title = _("オプション")
        self.add_argument("-h", "--help", action="help", help=_("この説明を表示して終わる"))

    def error(self, message: str) -> NoReturn:
        """Wrong usage: two lines on standard error, and exit code 2."""
        self.print_usage()
        self.exit(2, f"{self.prog}: {_('使い方が正しくありません。({message})').format(message=message)}\n")


class InCells(argparse.HelpFormatter):
    """Counts cells, of which a Japanese character takes two."""

    def add_usage(
        self,
        usage: str | None,
        actions: Iterable[argparse.Action],
        groups: Iterable[argparse._MutuallyExclusiveGroup],
        prefix: str | None = None,
    ) -> None:
        """With our word for it."""
        super().add_usage(usage, actions, groups, _("使い方: ") if prefix is None else prefix)

    def _split_lines(self, text: str, width: int) -> list[str]:
        return list(_broken(text, width))

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        return "\n".join(indent + line for line in _broken(text, width - len(indent)))


def _broken(text: str, width: int) -> Iterator[str]:
    line = ""
    for piece in _pieces(text):
        if _cells(line + piece.rstrip()) > width and line.strip() and piece not in NOT_FIRST:
            yield line.rstrip()
            line = ""
        line += piece if line or piece.strip() else ""
    yield line.rstrip()


def _pieces(text: str) -> Iterator[str]:
    """What stays together: a word of letters with the blank after it, or one Japanese character."""
    word = ""
    for character in text:
        if _cells(character) == 2:
            yield from filter(None, (word, character))
            word = ""
        else:
            word += character
            if character == " ":
                yield word
                word = ""
    if word:
        yield word


def _cells(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)
