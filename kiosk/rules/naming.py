"""Names and numbers as they are written: p12 files, receptions, serials (R-84, E-81, E-82)."""

import re
from datetime import UTC, date, datetime

from kiosk.rules.credentials import check_user_id
from kiosk.rules.validity import JST, jst_date

_P12_NAME = re.compile(r"(?P<user_id>[A-Za-z0-9]{6,12})(?P<stamp>[0-9]{14})\.p12")
_BRANCH_NO = re.compile(r"[0-9]{3}")
_TERMINAL_NO = re.compile(r"[0-9]{2}")
_SERIAL = re.compile(r"(?:[0-9A-Fa-f]{2})+")

MOST_RECEPTIONS = 9999
"""Of one terminal on one day: the number has four digits."""


def p12_file_name(user_id: str, issued_at: datetime) -> str:
    """User ID, then date and time of issue in Japan, then `.p12` (R-84, E-81).

    Raises ValueError for anything but a user ID, so that no path can be built from one (I-20), and for a naive moment.
    """
    if check_user_id(user_id) is not None:
        raise ValueError("not a user ID")
    day = jst_date(issued_at)
    moment = issued_at.astimezone(JST)
    return f"{user_id}{day:%Y%m%d}{moment:%H%M%S}.p12"


def parse_p12_file_name(name: str) -> tuple[str, datetime]:
    """User ID and moment of issue, in UTC, out of a p12 file name.

    Read from the right, because a user ID may end in digits (E-82). Raises ValueError for any other name.
    """
    found = _P12_NAME.fullmatch(name)
    if found is None or check_user_id(found["user_id"]) is not None:
        raise ValueError("not the name of a p12 file")
    moment = datetime.strptime(found["stamp"], "%Y%m%d%H%M%S").replace(tzinfo=JST)
    return found["user_id"], moment.astimezone(UTC)


def reception_no(business_date: date, branch_no: str, terminal_no: str, number: int) -> str:
    """A reception number, as in `20260302-012-01-0007`.

    Raises ValueError unless the branch has three digits, the terminal two, and the number is from 1 to 9999.
    """
    if _BRANCH_NO.fullmatch(branch_no) is None or _TERMINAL_NO.fullmatch(terminal_no) is None:
        raise ValueError("a branch number has three digits, a terminal number two")
    if not 1 <= number <= MOST_RECEPTIONS:
        raise ValueError("a terminal counts from 1 to 9999 a day")
    return f"{business_date:%Y%m%d}-{branch_no}-{terminal_no}-{number:04d}"


def serial_text(serial: int) -> str:
    """A serial number as the counter reads it: upper-case hexadecimal, whole bytes, no separators.

    Raises ValueError for a negative number.
    """
    if serial < 0:
        raise ValueError("a serial number is not negative")
    digits = f"{serial:X}"
    return digits if len(digits) % 2 == 0 else f"0{digits}"


def serial_value(text: str) -> int:
    """The serial number behind its text, in either case; raises ValueError for anything else."""
    if _SERIAL.fullmatch(text) is None:
        raise ValueError("not a serial number")
    return int(text, 16)
