"""The shape of user IDs, passwords and codes (R-40 to R-43, R-61, E-40 to E-46).

A wrong shape is refused at the field and never counted as a wrong password (E-32). Nothing is trimmed, cut or converted
(E-40, E-42). Characters are compared with spelled-out ASCII sets, because `isdigit`, `isalnum` and `\\d` accept
full-width digits and `$` accepts a trailing line feed (E-44).
"""

import string
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

USER_ID_LENGTHS = range(6, 12 + 1)
PASSWORD_LENGTHS = range(8, 12 + 1)
CODE_LENGTHS = range(6, 6 + 1)

SYMBOLS = frozenset(string.punctuation)
"""All 32 ASCII punctuation marks; no space (E-41)."""

_UPPER = frozenset(string.ascii_uppercase)
_LOWER = frozenset(string.ascii_lowercase)
_DIGITS = frozenset(string.digits)
_LETTERS = _UPPER | _LOWER
_YEN_SIGN = "\u00a5"


class ShapeProblem(StrEnum):
    """Why a text cannot be a user ID, a password or a code; the first that applies is reported."""

    EMPTY = "empty"
    YEN_SIGN = "yen_sign"
    """The yen sign U+00A5 of some input methods; the key gives U+005C, which is accepted (E-41)."""
    FULL_WIDTH = "full_width"
    NOT_ASCII = "not_ascii"
    BAD_CHARACTER = "bad_character"
    """ASCII, but not allowed in this field."""
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    MISSING_LETTER = "missing_letter"
    MISSING_DIGIT = "missing_digit"
    MISSING_UPPER = "missing_upper"
    MISSING_LOWER = "missing_lower"
    MISSING_SYMBOL = "missing_symbol"


@dataclass(frozen=True, kw_only=True)
class PasswordKinds:
    """Which of the four required kinds of characters are there (R-43)."""

    upper: bool
    lower: bool
    digit: bool
    symbol: bool


def kinds_in(text: str) -> PasswordKinds:
    """Which kinds of password characters `text` holds; for the hints beside the field while typing."""
    return PasswordKinds(
        upper=not _UPPER.isdisjoint(text),
        lower=not _LOWER.isdisjoint(text),
        digit=not _DIGITS.isdisjoint(text),
        symbol=not SYMBOLS.isdisjoint(text),
    )


def check_user_id(text: str) -> ShapeProblem | None:
    """What keeps `text` from being a user ID: 6 to 12 ASCII letters and digits, both kinds (R-40, R-41, E-43)."""
    problem = _check_characters(text, _LETTERS | _DIGITS, USER_ID_LENGTHS)
    if problem is not None:
        return problem
    if _LETTERS.isdisjoint(text):
        return ShapeProblem.MISSING_LETTER
    if _DIGITS.isdisjoint(text):
        return ShapeProblem.MISSING_DIGIT
    return None


def check_password(text: str) -> ShapeProblem | None:
    """What keeps `text` from being a password: 8 to 12 ASCII characters of all four kinds (R-42, R-43, E-41)."""
    problem = _check_characters(text, _LETTERS | _DIGITS | SYMBOLS, PASSWORD_LENGTHS)
    if problem is not None:
        return problem
    kinds = kinds_in(text)
    if not kinds.upper:
        return ShapeProblem.MISSING_UPPER
    if not kinds.lower:
        return ShapeProblem.MISSING_LOWER
    if not kinds.digit:
        return ShapeProblem.MISSING_DIGIT
    if not kinds.symbol:
        return ShapeProblem.MISSING_SYMBOL
    return None


def check_code(text: str) -> ShapeProblem | None:
    """What keeps `text` from being a verification code: exactly 6 ASCII digits (R-61)."""
    return _check_characters(text, _DIGITS, CODE_LENGTHS)


def _check_characters(text: str, allowed: frozenset[str], lengths: range) -> ShapeProblem | None:
    if not text:
        return ShapeProblem.EMPTY
    if _YEN_SIGN in text:
        return ShapeProblem.YEN_SIGN
    if any(unicodedata.east_asian_width(character) in {"F", "W"} for character in text):
        return ShapeProblem.FULL_WIDTH
    if not text.isascii():
        return ShapeProblem.NOT_ASCII
    if not allowed.issuperset(text):
        return ShapeProblem.BAD_CHARACTER
    if len(text) < lengths.start:
        return ShapeProblem.TOO_SHORT
    if len(text) >= lengths.stop:
        return ShapeProblem.TOO_LONG
    return None
