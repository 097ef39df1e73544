"""Times of day as people type them."""

import re
import unicodedata
from contextlib import suppress
from datetime import datetime, time, timedelta

from kiosk.errors import BadInput
from kiosk.rules.validity import JST

NOT_A_TIME = "not_a_time"


def read_time(text: str, now: datetime, field: str) -> datetime:
    """The last moment before `now` at the time of day in Japan that somebody typed: `10:15`, `1015`, `9:05`.

    Nothing typed is now. Full-width digits are understood. Just after midnight a time of the evening before is meant.
    Raises `BadInput` for anything else.
    """
    typed = unicodedata.normalize("NFKC", text).strip()
    if not typed:
        return now
    found = re.fullmatch(r"(\d{1,2})[:.]?(\d{2})", typed, re.ASCII)
    if found is not None:
        with suppress(ValueError):
            there = now.astimezone(JST)
            moment = datetime.combine(there.date(), time(int(found[1]), int(found[2])), JST)
            return moment if moment <= now else moment - timedelta(days=1)
    raise BadInput(field=field, problem=NOT_A_TIME)
