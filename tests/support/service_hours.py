"""Opening hours for tests."""

from dataclasses import replace
from datetime import time
from typing import Final

from kiosk.rules.service_hours import ServiceHours

WEEKDAYS: Final = ServiceHours(
    opens=time(8),
    closes=time(20),
    closed_weekdays=frozenset({5, 6}),
    closed_days=frozenset(),
    closed_yearly=frozenset({(12, 31), (1, 1), (1, 2), (1, 3)}),
    enforced=True,
)
"""As the manual has them."""
ALWAYS_OPEN: Final = replace(WEEKDAYS, enforced=False)
"""As in training."""
