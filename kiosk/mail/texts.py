"""What letters say: the texts of the program, or an organization's own in files, checked before the first letter.

A folder of one's own holds `ja/NAME.txt` and `en/NAME.txt`, any of those in `kiosk/mail/templates`: the subject in the
first line, an empty line, the body. A word such as `$last_valid_date` stands for a fact.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path
from string import Template
from types import MappingProxyType
from typing import Final

from kiosk.errors import SettingsWrong
from kiosk.mail.message import LONGEST_SUBJECT
from kiosk.rules.texts import TextProblem, problem_in
from kiosk.translations.catalog import Language, _
from kiosk.translations.system_errors import why

FRAME: Final = "frame"
"""Greeting and tail around every body, itself without a subject."""
KEY: Final = "mail.texts"
MOST_BYTES: Final = 10_000
ENDING: Final = ".txt"

_THRESHOLDS: Final = frozenset({"code_minutes", "lock_minutes", "wrong_tries", "locks", "renewal_days"})
_ALWAYS: Final = _THRESHOLDS | {"user_id", "branch", "branch_name", "branch_phone"}
_CERTIFICATE: Final = frozenset({"issue_date", "last_valid_date", "serial_tail"})

NEEDED: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        FRAME: frozenset({"body", "branch"}),
        "code": frozenset({"code", "valid_until"}),
        "issued": frozenset({"last_valid_date"}),
        "expiring": frozenset({"last_valid_date"}),
        "expired": frozenset({"last_valid_date"}),
        "locked": frozenset({"until"}),
        "blocked_master": frozenset(),
        "blocked_general": frozenset(),
        "unblocked": frozenset({"at"}),
        "revoked": frozenset({"serial_tail", "revoked_at"}),
    }
)
"""Every text there is, and the facts without which it would not say what it is for."""

_POSSIBLE: Final[Mapping[str, frozenset[str]]] = {
    name: needed
    | _ALWAYS
    | (_CERTIFICATE if name in {"issued", "expiring", "expired", "revoked"} else frozenset())
    | ({"reason"} if name == "revoked" else frozenset())
    for name, needed in NEEDED.items()
}
_LINK: Final = re.compile(r"https?:|www\.|mailto:|ftp:|<a\b", re.IGNORECASE)


@dataclass(frozen=True)
class LetterText:
    """A text with its words for facts still in it."""

    subject: str
    """Empty for the frame."""
    body: str


@dataclass(frozen=True)
class LetterTexts:
    """The texts letters are made of."""

    own: Mapping[tuple[Language, str], LetterText] = field(default_factory=dict)
    """Those of the organization; every other one comes with the program."""

    def of(self, language: Language, name: str) -> LetterText:
        """The text of this name, one of `NEEDED`."""
        return self.own.get((language, name)) or _built_in(language, name)

    def frame(self, language: Language) -> str:
        """What stands around every body; `$body` is in it."""
        return self.of(language, FRAME).body


BUILT_IN: Final = LetterTexts()


def load_texts(folder: Path | None) -> LetterTexts:
    """The texts of an organization, each checked; those of the program without a folder.

    Raises `SettingsWrong` naming the file and what is wrong with it.
    """
    if folder is None:
        return BUILT_IN
    return LetterTexts({key: _checked(key[1], file) for key, file in _found(folder)})


@cache
def _built_in(language: Language, name: str) -> LetterText:
    file = files("kiosk.mail") / "templates" / language.value / f"{name}{ENDING}"
    return _parted(name, file.read_text(encoding="utf-8"))


def _parted(name: str, text: str) -> LetterText:
    if name == FRAME:
        return LetterText("", text)
    subject, _, body = text.partition("\n\n")
    return LetterText(subject, body.rstrip("\n"))


def _found(folder: Path) -> Iterator[tuple[tuple[Language, str], Path]]:
    """Every file that is meant as a text; one that is misspelt must not be passed over in silence."""
    languages = {language.value: language for language in Language}
    try:
        for place in sorted(folder.iterdir()):
            if place.name.startswith("."):
                continue
            if place.name not in languages or not place.is_dir():
                raise _wrong(place, _("ja または en のフォルダーだけを置いてください。"))
            for file in sorted(place.iterdir()):
                if file.name.startswith("."):
                    continue
                if file.suffix != ENDING or file.stem not in NEEDED:
                    names = ", ".join(f"{name}{ENDING}" for name in NEEDED)
                    raise _wrong(
                        file, _("この名前の文面はありません。使える名前: {names}").format(names=names)
                    )
                yield (languages[place.name], file.stem), file
    except OSError as error:
        raise _wrong(folder, _("ファイルを読めません: {why}").format(why=why(error))) from None


def _checked(name: str, file: Path) -> LetterText:
    content = file.read_bytes()
    if len(content) > MOST_BYTES:
        raise _wrong(file, _("ファイルが大きすぎます({limit} バイトまで)。").format(limit=MOST_BYTES))
    try:
        text = content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise _wrong(file, _("UTF-8 の文字列ではありません。")) from None
    for problem in (
        *_problems_of_lines(text),
        *_problems_of_parts(name, text),
        *_problems_of_words(name, text),
    ):
        raise _wrong(file, problem)
    return _parted(name, text)


def _problems_of_lines(text: str) -> Iterator[str]:
    for number, line in enumerate(text.split("\n"), 1):
        problem = problem_in(line, MOST_BYTES)
        if problem not in (None, TextProblem.EMPTY):
            yield _("{line} 行目: 使えない文字があります({problem})。").format(line=number, problem=problem)
        if _LINK.search(line):
            yield _("{line} 行目: リンクは書けません。").format(line=number)


def _problems_of_parts(name: str, text: str) -> Iterator[str]:
    if name == FRAME:
        return
    subject, blank, body = text.partition("\n\n")
    if not blank or "\n" in subject or not subject.strip() or not body.strip():
        yield _("1行目に件名、2行目は空行、3行目から本文を書いてください。")
    elif len(subject) > LONGEST_SUBJECT // 2:
        yield _("件名は {limit} 文字以下にしてください。").format(limit=LONGEST_SUBJECT // 2)
    elif set(Template(subject).get_identifiers()) - _THRESHOLDS:
        yield _("件名には、認証コードやお客様ごとの項目を書けません。")


def _problems_of_words(name: str, text: str) -> Iterator[str]:
    template = Template(text)
    if not template.is_valid():
        yield _("「$」は項目の前にだけ使えます。「$」そのものは「$$」と書いてください。")
    asked = set(template.get_identifiers())
    unknown, lacking = sorted(asked - _POSSIBLE[name]), sorted(NEEDED[name] - asked)
    if unknown:
        yield _("${word} という項目は、この文面では使えません。").format(word=unknown[0])
    if lacking:
        yield _("${word} が必要です。").format(word=lacking[0])
    if name == FRAME and "$body" not in text:
        yield _("${word} が必要です。").format(word="body")


def _wrong(place: Path, problem: str) -> SettingsWrong:
    return SettingsWrong(str(place), KEY, problem)
