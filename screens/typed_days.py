"""Days as people type them."""

import re
import unicodedata
from contextlib import suppress
from datetime import date

from kiosk.errors import BadInput

NOT_A_DAY = "not_a_day"


def read_day(text: str, today: date) -> date | None:
    """The day somebody typed: `2026-11-22`, `2026/11/22`, `20261122`, or `11-22` of the year of `today`.

    None for an empty text. Full-width digits are understood. Raises `BadInput` of the field `day`.
    """
    typed = unicodedata.normalize("NFKC", text).strip()
    if not typed:
        return None
    found = re.fullmatch(r"(?:(\d{4})[-/.]?)?(\d{1,2})[-/.]?(\d{2}|(?<=[-/.])\d)", typed, re.ASCII)
    if found is not None:
        year, month, day = found.groups()
        with suppress(ValueError):
            return date(int(year or today.year), int(month), int(day))
    raise BadInput(field="day", problem=NOT_A_DAY)
