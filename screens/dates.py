"""Days and times as the counter reads them: always Japan time."""

from datetime import date, datetime

from kiosk.rules.validity import JST
from kiosk.translations.catalog import N_, _

CLOCK_CELLS = 24
"""Cells of the widest `clock_text`, in either language."""
WEEKDAYS = (N_("月"), N_("火"), N_("水"), N_("木"), N_("金"), N_("土"), N_("日"))


def day_text(day: date) -> str:
    """`2027年1月1日`."""
    return _("{year}年{month}月{day}日").format(year=day.year, month=day.month, day=day.day)


def short_day_text(day: date) -> str:
    """`1月1日`, for a day less than a year away."""
    return _("{month}月{day}日").format(month=day.month, day=day.day)


def time_text(moment: datetime) -> str:
    """`10時15分`, the time of day in Japan. `moment` is aware."""
    there = moment.astimezone(JST)
    return _("{hour}時{minute:02}分").format(hour=there.hour, minute=there.minute)


def moment_text(moment: datetime) -> str:
    """`2027年1月1日 10時15分` in Japan. `moment` is aware."""
    return f"{day_text(moment.astimezone(JST).date())} {time_text(moment)}"


def clock_text(moment: datetime, *, year: bool = True) -> str:
    """`2026-11-22(日) 10:15:32` in Japan, or without the year. `moment` is aware."""
    there = moment.astimezone(JST)
    day = there.strftime("%Y-%m-%d" if year else "%m-%d")
    return f"{day}({_(WEEKDAYS[there.weekday()])}) {there:%H:%M:%S}"


def hours_text(clock: str) -> str:
    """`8時` of "08:00", `8時30分` of "08:30"."""
    hour, _colon, minute = clock.partition(":")
    if minute in {"", "00"}:
        return _("{hour}時").format(hour=int(hour))
    return _("{hour}時{minute:02}分").format(hour=int(hour), minute=int(minute))
