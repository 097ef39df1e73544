"""Days as the counter types them."""

from datetime import date

import pytest

from kiosk.errors import BadInput
from screens.typed_days import read_day

TODAY = date(2026, 3, 2)


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("", None),
        ("  ", None),
        ("2026-11-22", date(2026, 11, 22)),
        ("2026/11/22", date(2026, 11, 22)),
        ("2026-1-2", date(2026, 1, 2)),
        ("20261122", date(2026, 11, 22)),
        ("２０２６１１２２", date(2026, 11, 22)),
        ("11-22", date(2026, 11, 22)),
        ("1122", date(2026, 11, 22)),
    ],
)
def test_a_day_is_read_as_it_is_written(typed: str, day: date | None) -> None:
    assert read_day(typed, TODAY) == day


@pytest.mark.parametrize(
    "typed", ["abc", "2026-99-01", "20261", "2026-11", "0000-01-01", "11/22/2026", "１一"]
)
def test_anything_else_is_refused(typed: str) -> None:
    with pytest.raises(BadInput) as refused:
        read_day(typed, TODAY)
    assert refused.value.field == "day"
