"""Every text a person reads passes through `_`: the Japanese text is the message id, English is a catalogue.

The counter stands at one terminal, so the current language belongs to the process and can be switched while
it runs. A letter may need another language than the screen: `in_language` is for one thread or task only.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from enum import StrEnum
from functools import cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path


class Language(StrEnum):
    """The languages the counter speaks."""

    JAPANESE = "ja"
    ENGLISH = "en"


_in_force = Language.JAPANESE
_here: ContextVar[Language | None] = ContextVar("language of this task", default=None)


def use(language: Language | str) -> None:
    """Switch the whole process; texts asked for from now on come in this language.

    Raises ValueError for a language there is no catalogue of.
    """
    global _in_force  # noqa: PLW0603  # one terminal, one language: this is the place that holds it
    _in_force = Language(language)


def language() -> Language:
    """The language `_` answers in, here and now."""
    return _here.get() or _in_force


@contextmanager
def in_language(language: Language | str) -> Iterator[None]:
    """Speak another language inside the block, in this thread or task only.

    Raises ValueError for a language there is no catalogue of.
    """
    token = _here.set(Language(language))
    try:
        yield
    finally:
        _here.reset(token)


def _(text: str) -> str:
    """`text` in the current language; the Japanese text itself where a translation is missing."""
    return _catalogue(language()).gettext(text) if text else ""


def N_(text: str) -> str:  # noqa: N802  # the name every gettext tool knows
    """Mark a text that stands at module or class level; `_` translates it where it is shown."""
    return text


@cache
def _catalogue(language: Language) -> NullTranslations:
    """Loaded on first use, so that a Japanese counter never reads the English file."""
    if language is Language.JAPANESE:
        return NullTranslations()
    compiled = Path(__file__).parent / language / "LC_MESSAGES" / "kiosk.mo"
    with compiled.open("rb") as stream:
        return GNUTranslations(stream)
