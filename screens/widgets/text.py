"""Text on its way to the screen: never read as markup, measured in cells, broken where Japanese may break.

Which type where: `plain` for Static, Label, Button, OptionList, Select, Checkbox, TabPane and titles;
`plain_rich` for DataTable and Tree, which show nothing or fail with the other.
"""

import re
import unicodedata

from rich.cells import cell_len, set_cell_size
from rich.text import Text
from textual.content import Content

NOT_AT_START = frozenset(
    "、。，．・：；？！）］｝」』】〉》〕ー～々ゝゞぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ,.:;?!)]}%"
)
"""Kinsoku: no line begins with one of these."""
NOT_AT_END = frozenset("（［｛「『【〈《〔([{")
"""Kinsoku: no line ends with one of these."""

_WORD_CHARACTERS = frozenset(map(chr, range(0x21, 0x7F)))
_DAY_OR_TIME = r"(?:[0-9]+年)?[0-9]+月[0-9]+日(?:\([月火水木金土日]\))?|[0-9]+時[0-9]+分"
_RUNS = re.compile(rf"{_DAY_OR_TIME}|(?:(?!{_DAY_OR_TIME})[!-~])+|[^!-~]+")


def plain(text: str) -> Content:
    """`text` as it is, for a Textual widget."""
    return Content(text)


def plain_rich(text: str) -> Text:
    """`text` as it is, for DataTable and Tree."""
    return Text(text, no_wrap=True)


def cut(text: str, cells: int) -> str:
    """At most `cells` wide, never through the middle of a character; what was cut ends in `~`."""
    if cell_len(text) <= cells:
        return text
    return set_cell_size(text, max(0, cells - 1)).rstrip() + "~" if cells > 0 else ""


def pad(text: str, cells: int) -> str:
    """Exactly `cells` wide."""
    return set_cell_size(cut(text, cells), cells)


def wrap(text: str, cells: int) -> list[str]:
    """Lines of at most `cells`, broken as Japanese typesetting does: kinsoku kept, Latin words, days and times whole.

    A line break in `text` stays one. A word longer than a line is broken anyway.
    """
    lines: list[str] = []
    for paragraph in text.split("\n"):
        lines.extend(_wrap_paragraph(_pieces(paragraph, cells), cells))
    return lines


def sentences(text: str) -> list[str]:
    """The sentences of a message, each with its full stop."""
    return [part.strip() for part in re.split(r"(?<=。)(?!\))|(?<=\. )", text) if part.strip()]


def _pieces(paragraph: str, cells: int) -> list[str]:
    """What must stay together: words and days that fit on a line, and combining marks with their base."""
    pieces: list[str] = []
    for run in _RUNS.findall(paragraph):
        if run[0] in _WORD_CHARACTERS and cell_len(run) <= cells:
            pieces.append(run)
            continue
        for character in run:
            if pieces and unicodedata.combining(character):
                pieces[-1] += character
            else:
                pieces.append(character)
    return pieces


def _wrap_paragraph(pieces: list[str], cells: int) -> list[str]:
    lines: list[str] = []
    line: list[str] = []
    for piece in pieces:
        if cell_len("".join(line)) + cell_len(piece) > cells and line:
            carried = _carry(line, piece, cells)
            lines.append("".join(line).rstrip())
            line = carried
        if line or piece != " ":
            line.append(piece)
    lines.append("".join(line).rstrip())
    return lines


def _carry(line: list[str], coming: str, cells: int) -> list[str]:
    """Take from the end of `line` what must go on together with `coming`, where the next line has room for both."""
    carried: list[str] = []
    while len(line) > 1 and (
        (coming if not carried else carried[0])[0] in NOT_AT_START or line[-1][-1] in NOT_AT_END
    ):
        carried.insert(0, line.pop())
    if cell_len("".join(carried)) + cell_len(coming) <= cells:
        return carried
    line.extend(carried)
    return []
