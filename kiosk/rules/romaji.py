"""Hiragana out of Latin letters, in Hepburn and in the spelling of the school tables."""

from collections.abc import Iterator
from itertools import islice

_ROWS = {
    "": "あいうえお",
    "k": "かきくけこ",
    "s": "さしすせそ",
    "t": "たちつてと",
    "n": "なにぬねの",
    "h": "はひふへほ",
    "m": "まみむめも",
    "r": "らりるれろ",
    "g": "がぎぐげご",
    "z": "ざじずぜぞ",
    "d": "だぢづでど",
    "b": "ばびぶべぼ",
    "p": "ぱぴぷぺぽ",
}
_GLIDES = {
    "ky": "き", "gy": "ぎ", "sy": "し", "sh": "し", "zy": "じ", "jy": "じ", "j": "じ", "ty": "ち", "ch": "ち",
    "cy": "ち", "dy": "ぢ", "ny": "に", "hy": "ひ", "by": "び", "py": "ぴ", "my": "み", "ry": "り",
}  # fmt: skip
_ODD = {
    "ya": "や", "yu": "ゆ", "yo": "よ", "wa": "わ", "wi": "うぃ", "we": "うぇ", "wo": "を",
    "shi": "し", "chi": "ち", "tsu": "つ", "fu": "ふ", "ji": "じ", "vu": "ゔ",
    "fa": "ふぁ", "fi": "ふぃ", "fe": "ふぇ", "fo": "ふぉ", "va": "ゔぁ", "vi": "ゔぃ", "ve": "ゔぇ", "vo": "ゔぉ",
    "thi": "てぃ", "dhi": "でぃ", "tsa": "つぁ", "tse": "つぇ", "tso": "つぉ", "-": "ー",
}  # fmt: skip


_SYLLABLES = {
    **{
        consonant + vowel: kana
        for consonant, row in _ROWS.items()
        for vowel, kana in zip("aiueo", row, strict=True)
    },
    **{
        glide + vowel: kana + small
        for glide, kana in _GLIDES.items()
        for vowel, small in zip("aueo", "ゃゅぇょ", strict=True)
    },
    **_ODD,
}
_LONGEST = max(map(len, _SYLLABLES))
_VOWELS = frozenset("aiueo")
_CONSONANTS = frozenset("bcdfghjkmnprstvwyz")
_DOUBLED = _CONSONANTS - {"m", "n"}

MOST_LETTERS = 40
"""Longer texts are not read as romaji; no name needs more."""

_MOST_READINGS = 8


def from_romaji(text: str) -> str | None:
    """`text` in hiragana, or None when it is not romaji to its end.

    A doubled consonant is a small っ; `n` before a consonant or at the end is ん, as are `n'` and `n-` before a vowel.
    """
    if len(text) > MOST_LETTERS:
        return None
    kana, rest = next(_readings(text.lower()))
    if rest == "n":
        return f"{kana}ん"
    return None if rest or not kana else kana


def completions(text: str) -> tuple[str, ...]:
    """Hiragana with which everything begins that `text` may become when its last syllable is typed to the end.

    `tanak` may become たなか, たなき and so on; `kenichi` may be けにち or けんいち, the likelier reading being first.
    Empty when no syllable fits.
    """
    if len(text) > MOST_LETTERS:
        return ()
    readings = islice(_readings(text.lower()), _MOST_READINGS)
    found = dict.fromkeys(kana + ending for kana, rest in readings for ending in _endings(kana, rest))
    return tuple(kana for kana in found if kana and not any(_begins(kana, other) for other in found))


def _begins(kana: str, other: str) -> bool:
    return kana != other and kana.startswith(other)


def _endings(kana: str, rest: str) -> Iterator[str]:
    """How a word that begins with `kana` may go on, when `rest` is typed of its next syllable."""
    if not rest:
        yield ""
        return
    if rest == "n" or (kana and rest == "m"):
        yield "ん"
    yield from (syllable for spelling, syllable in _SYLLABLES.items() if spelling.startswith(rest))
    if rest == "ny" and kana[-1:] not in {"", "ん"}:  # しんや, without the apostrophe
        yield from ("んや", "んゆ", "んよ")
    if kana[-1:] not in {"", "っ"} and (rest == "tc" or rest in _DOUBLED):
        yield "っ"


def _readings(text: str, before: str = "") -> Iterator[tuple[str, str]]:
    """All hiragana of the complete syllables of `text`, each with what is left behind them; the likeliest first."""
    steps = _steps(text, before)
    if not steps:
        yield "", text
    for taken, sound in steps:
        for kana, rest in _readings(text[taken:], sound):
            yield sound + kana, rest


def _steps(text: str, before: str) -> tuple[tuple[int, str], ...]:
    """The sounds with which `text` may go on after the sound `before`, each with the number of letters it takes."""
    for length in range(min(_LONGEST, len(text)), 0, -1):
        syllable = _SYLLABLES.get(text[:length])
        if syllable is not None:
            spelled = ((length, syllable),)
            # けんいち is often written without the apostrophe; no word begins with ん or holds two
            return (*spelled, (1, "ん")) if text.startswith("n") and before not in {"", "ん"} else spelled
    if text.startswith(("n'", "n-")):
        return ((2, "ん"),)
    if text.startswith("nn"):
        # konnichi, but an input method wants kennichi for けんいち
        return ((1, "ん"), (2, "ん")) if text[2:3] in _VOWELS | {"y"} else ((2, "ん"),)
    if text.startswith(("mb", "mm", "mp")) or (text.startswith("n") and text[1:2] in _CONSONANTS - {"y"}):
        return ((1, "ん"),)
    if text[:1] in _DOUBLED and (text[1:2] == text[:1] or text.startswith("tch")):
        return ((1, "っ"),)
    return ()
