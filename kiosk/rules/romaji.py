"""Hiragana out of Latin letters, in Hepburn and in the spelling of the school tables."""

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


def _syllables() -> dict[str, str]:
    table = {
        consonant + vowel: kana
        for consonant, row in _ROWS.items()
        for vowel, kana in zip("aiueo", row, strict=True)
    }
    for glide, kana in _GLIDES.items():
        table |= {f"{glide}{vowel}": kana + small for vowel, small in zip("aueo", "ゃゅぇょ", strict=True)}
    return table | _ODD


_SYLLABLES = _syllables()
_LONGEST = max(map(len, _SYLLABLES))
_CONSONANTS = frozenset("bcdfghjklmnpqrstvwxyz")
_DOUBLED = frozenset("bcdfghjkprstvwyz")


def from_romaji(text: str) -> str | None:
    """`text` in hiragana, or None when it is not romaji to its end.

    A doubled consonant is a small っ, `n` before a consonant or at the end is ん, and `n'` is ん before a vowel.
    """
    kana, rest = _read(text.lower())
    if rest == "n":
        return f"{kana}ん"
    return None if rest or not kana else kana


def completions(text: str) -> tuple[str, ...]:
    """Every hiragana spelling that `text` may become when its last syllable is typed to the end.

    `tanak` may become たなか, たなき and so on; what is already complete comes first. Empty when no syllable fits.
    """
    kana, rest = _read(text.lower())
    if not rest:
        return (kana,) if kana else ()
    whole = (f"{kana}ん",) if rest == "n" else ()
    doubled = "っ" if len(rest) > 1 and rest[0] == rest[1] and rest[0] in _DOUBLED else ""
    rest = rest[1:] if doubled else rest
    ends = (ending for spelling, ending in _SYLLABLES.items() if spelling.startswith(rest))
    return tuple(dict.fromkeys((*whole, *(kana + doubled + ending for ending in ends))))


def _read(text: str) -> tuple[str, str]:
    """The hiragana of all complete syllables, and what is left behind them."""
    kana = ""
    while text:
        taken, sound = _next(text)
        if not taken:
            break
        kana, text = kana + sound, text[taken:]
    return kana, text


def _next(text: str) -> tuple[int, str]:
    for length in range(min(_LONGEST, len(text)), 0, -1):
        if text[:length] in _SYLLABLES:
            return length, _SYLLABLES[text[:length]]
    if text.startswith("n'"):
        return 2, "ん"
    if text.startswith(("mb", "mm", "mp")):
        return 1, "ん"
    if text.startswith("n") and text[1:2] in _CONSONANTS and text[1:2] != "y":
        return (2, "ん") if text[1] == "n" and not _vowel_follows(text[2:]) else (1, "ん")
    if text[:1] in _DOUBLED and (text[1:2] == text[:1] or text.startswith("tch")):
        return 1, "っ"
    return 0, ""


def _vowel_follows(text: str) -> bool:
    return text.startswith(tuple("aiueoy"))
