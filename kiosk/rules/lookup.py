"""Finding a user without an input method: search keys, and kana typed as romaji."""

import unicodedata

from kiosk.rules.romaji import completions, from_romaji
from kiosk.rules.texts import is_variation_selector

__all__ = ["from_romaji", "prefixes", "search_key"]

_KATAKANA_TO_HIRAGANA = {code: code - 0x60 for code in range(ord("ァ"), ord("ヶ") + 1)}
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−－ー"), "-")
_UNIFIED = _KATAKANA_TO_HIRAGANA | _DASHES


def search_key(text: str) -> str:
    """One spelling for all ways to type a name: `ﾛｳｷﾝ ﾀﾛｳ`, `ロウキンタロウ` and `ろうきん　たろう` are equal.

    Width, case, kana, spaces, dashes and the chosen form of a character do not matter. Never raises.
    """
    composed = unicodedata.normalize("NFKC", text).casefold().translate(_UNIFIED)
    return "".join(character for character in composed if not _ignored(character))


def prefixes(query: str) -> tuple[str, ...]:
    """The search keys of which a user's key must begin with one; empty when there is nothing to look for.

    Latin letters are tried as they stand and as romaji, also while a syllable is still being typed.
    """
    key = search_key(query)
    if not key:
        return ()
    return tuple(dict.fromkeys((key, *map(search_key, completions(key)))))


def _ignored(character: str) -> bool:
    return (
        character.isspace()
        or is_variation_selector(character)
        or unicodedata.category(character).startswith("C")
    )
