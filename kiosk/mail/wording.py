"""Days, moments and reasons as a letter spells them, and lines short enough for every mail program."""

import unicodedata
from datetime import date, datetime
from typing import Final

from kiosk.rules.revocation import RevocationReason
from kiosk.rules.texts import displayable
from kiosk.rules.validity import JST
from kiosk.secret import Secret
from kiosk.translations.catalog import N_, Language, _, language

REASONS: Final = {
    RevocationReason.PC_CHANGE: N_("パソコンの変更"),
    RevocationReason.P12_UNOPENED: N_("p12ファイルの未開封・取込失敗"),
    RevocationReason.MEDIUM_LOST: N_("媒体の紛失"),
    RevocationReason.PC_LOST: N_("パソコンの紛失・盗難"),
    RevocationReason.LEFT: N_("利用者の変更・退職"),
    RevocationReason.REASSIGNED: N_("所属・名義の変更"),
    RevocationReason.OTHER: N_("その他"),
    RevocationReason.UNDELIVERED: N_("未交付"),
}

_MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
"""Not from `calendar`: its names change with the locale of the process."""
_NO_LINE_STARTS_WITH: Final = frozenset("、。,.)」』】ーぁぃぅぇぉっゃゅょァィゥェォッャュョ")


def in_words(value: object) -> str:
    """A fact in the current language; a stored text loses whatever cannot be shown."""
    match value:
        case Secret():
            return value.reveal()
        case RevocationReason():
            return _(REASONS[value])
        case datetime():
            return moment_in_words(value)
        case date():
            return day_in_words(value)
        case _:
            return displayable(str(value))


def branch_in_words(name: str, phone: str) -> str:
    """A branch with its telephone number when it is known."""
    return _("{branch}(電話 {phone})").format(branch=name, phone=phone) if phone else name


def day_in_words(day: date) -> str:
    """A day with its year."""
    if language() is Language.ENGLISH:
        return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"
    return f"{day.year}年{day.month}月{day.day}日"


def moment_in_words(moment: datetime) -> str:
    """Day and time in Japan. Raises ValueError for a naive moment."""
    if moment.utcoffset() is None:
        raise ValueError("a moment needs its time zone")
    there = moment.astimezone(JST)
    if language() is Language.ENGLISH:
        return f"{there.hour}:{there.minute:02} on {there.day} {_MONTHS[there.month - 1]} (Japan time)"
    return f"{there.month}月{there.day}日 {there.hour}時{there.minute:02}分"


def wrapped(text: str, columns: int) -> str:
    """`text` with long lines broken; a wide character counts two columns, punctuation never begins a line."""
    return "\n".join(part for line in text.split("\n") for part in _parts(line.rstrip(), columns))


def width(text: str) -> int:
    """Columns on a fixed-width screen; what is ambiguous counts two, as Japanese fonts draw it (UAX 11)."""
    return sum(_columns(character) for character in text)


def _columns(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WFA" else 1


def _parts(line: str, columns: int) -> list[str]:
    parts: list[str] = []
    while width(line) > columns:
        end = _break_in(line, columns)
        parts.append(line[:end].rstrip())
        line = line[end:].lstrip()
    return [*parts, line]


def _break_in(line: str, columns: int) -> int:
    """Where to break: at the last space of Latin text, else at the edge, but not before punctuation."""
    used = 0
    edge = 0
    while used + _columns(line[edge]) <= columns:
        used += _columns(line[edge])
        edge += 1
    space = line.rfind(" ", 0, edge + 1)
    if space > 0 and line[edge].isascii():
        return space
    while edge > 1 and line[edge] in _NO_LINE_STARTS_WITH:
        edge -= 1
    return edge
