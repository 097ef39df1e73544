"""The search keys a user is found by."""

from collections.abc import Iterator
from typing import Final

from kiosk.rules.lookup import search_key

LONGEST_KEY: Final = 200


def keys_for(*texts: str) -> tuple[str, ...]:
    """Every key under which somebody of these names is to be found: each text, and each text from a later word on.

    A query is the beginning of a key, so a given name and the second half of an organization's name get their own.
    """
    keys = (search_key(part)[:LONGEST_KEY] for text in texts for part in _from_each_word(text))
    return tuple(dict.fromkeys(key for key in keys if key))


def _from_each_word(text: str) -> Iterator[str]:
    words = text.split()
    return (" ".join(words[first:]) for first in range(len(words)))
