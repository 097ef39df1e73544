"""Texts from outside: what may be stored, what may be shown, and what is masked (I-19)."""

import re
import unicodedata
from enum import StrEnum

_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_BLANK_LETTERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u3164\uffa0")
"""Invisible, though Unicode calls them letters and marks."""

_GETA = "\u3013"
"""The printer's mark for a character that cannot be set."""

_NEVER_FROM_A_DEVICE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_MARKS_IN_A_ROW = 2
"""More than any script needs on one letter; a device may send hundreds."""

_LAST_FOUR = re.compile(r"[0-9A-Za-z]{4}")
_STARS = "*" * 4
_MORE_STARS = "*" * 6
_SHOWN_OF_USER_ID = 2

LONGEST_LINE = 60
"""Characters of a name, a note or a reason that is typed at the counter."""


class TextProblem(StrEnum):
    """Why a text from outside is refused; the first that applies is reported."""

    EMPTY = "empty"
    TOO_LONG = "too_long"
    SURROGATE = "surrogate"
    """Half of a character: bytes that were not UTF-8."""
    CONTROL = "control"
    BIDI = "bidi"
    """Turns the reading direction."""
    INVISIBLE = "invisible"
    PRIVATE_USE = "private_use"
    """A character of some other system's own; nobody else can read it."""
    HEADER_ENCODED = "header_encoded"
    """`=?` could be read as a mail header of its own."""
    NOT_LAST_FOUR = "not_last_four"
    """Not the last four characters of a document number."""


def problem_in(text: str, limit: int) -> TextProblem | None:
    """What keeps `text` from being stored, with at most `limit` characters; None when nothing does.

    Variation selectors are kept: they tell the forms of a name's character apart.
    """
    if not text.strip():
        return TextProblem.EMPTY
    if len(text) > limit:
        return TextProblem.TOO_LONG
    for character in text:
        problem = _problem_of(character)
        if problem is not None:
            return problem
    return TextProblem.HEADER_ENCODED if "=?" in text else None


def problem_in_last_four(text: str) -> TextProblem | None:
    """Whether `text` is what may be kept of a document number: exactly four ASCII letters or digits."""
    return None if _LAST_FOUR.fullmatch(text) else TextProblem.NOT_LAST_FOUR


def displayable(text: str) -> str:
    """`text` as it may go to a terminal: composed, without control, bidi, invisible or variation characters.

    Characters that nobody can draw become 〓. Never raises.
    """
    return unicodedata.normalize("NFC", "".join(map(_shown, text)))


def device_text(text: str, columns: int = 32) -> str:
    """What a device, a label or a file system calls itself, as it may go to a terminal: one line of so many columns.

    Drops everything that is no character to look at, private and unassigned ones included, composes, and closes gaps
    up. Never raises.
    """
    kept = "".join(
        character for character in text if unicodedata.category(character) not in _NEVER_FROM_A_DEVICE
    )
    return _cut(" ".join(displayable(kept).split()), columns).rstrip()


def mask_email(address: str) -> str:
    """An address its owner recognises and nobody else learns, as in `t****@e******.jp` (R-63)."""
    local, at, domain = displayable(address).rpartition("@")
    if not at:
        return _STARS
    name, dot, top = domain.rpartition(".")
    if not dot:
        name, top = domain, ""
    return f"{local[:1]}{_STARS}@{name[:1]}{_MORE_STARS}{dot}{top}"


def mask_user_id(user_id: str) -> str:
    """A user ID for a mail, as in `ta******`; the stars do not tell its length."""
    return f"{displayable(user_id)[:_SHOWN_OF_USER_ID]}{_MORE_STARS}"


def _problem_of(character: str) -> TextProblem | None:
    if character in _BIDI:
        return TextProblem.BIDI
    if character in _BLANK_LETTERS:
        return TextProblem.INVISIBLE
    match unicodedata.category(character):
        case "Cs":
            return TextProblem.SURROGATE
        case "Cc" | "Zl" | "Zp":
            return TextProblem.CONTROL
        case "Cf":
            return TextProblem.INVISIBLE
        case "Co":
            return TextProblem.PRIVATE_USE
    return None


def _cut(text: str, columns: int) -> str:
    """The beginning that fits; what may be drawn one or two columns wide counts two (UAX 11)."""
    used = marks = 0
    kept = []
    for character in text:
        is_mark = unicodedata.category(character) in {"Mn", "Me"}
        marks = marks + 1 if is_mark else 0
        used += 0 if is_mark else 2 if unicodedata.east_asian_width(character) in {"W", "F", "A"} else 1
        if used > columns:
            break
        if marks <= _MARKS_IN_A_ROW:
            kept.append(character)
    return "".join(kept)


def is_variation_selector(character: str) -> bool:
    """Whether a character only chooses the form of the one before it."""
    return "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef"


def _shown(character: str) -> str:
    if is_variation_selector(character):
        return ""
    match _problem_of(character):
        case None:
            return character
        case TextProblem.SURROGATE | TextProblem.PRIVATE_USE:
            return _GETA
        case _:
            return ""
