"""What the screens of an unblocking share."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from kiosk.rules.unblocking import REPEAT_DAYS
from kiosk.translations.catalog import N_, _
from screens.dates import clock_text
from screens.messages import joined

if TYPE_CHECKING:
    from kiosk.rules.unblocking import LockCycle

STEPS: tuple[str, ...] = (N_("受付"), N_("対象選択"), N_("閉塞の経過"), N_("役席承認"), N_("解除結果"))
"""Of 301."""

_ENDS: Mapping[str, str] = {"locked": N_("60分間のロック"), "blocked": N_("閉塞")}


@dataclass(frozen=True)
class TimelineRow:
    """One line of how the block came."""

    at: datetime
    cycle: int
    what: str


def timeline_of(cycles: "Iterable[LockCycle]") -> tuple[TimelineRow, ...]:
    """Every wrong password, and the lock or block each series ended in; newest first."""
    rows = []
    for cycle in cycles:
        rows += [
            TimelineRow(at, cycle.number, _("パスワードの誤り {count}回目").format(count=count))
            for count, at in enumerate(cycle.failures, start=1)
        ]
        if cycle.ended is not None and cycle.ended_at is not None:
            rows.append(TimelineRow(cycle.ended_at, cycle.number, _(_ENDS[cycle.ended])))
    return tuple(reversed(rows))


def repeats_text(recent: tuple[datetime, ...]) -> str:
    """That the user was unblocked before, for the clerk and for the supervisor; empty when not."""
    if not recent:
        return ""
    return joined(
        _("【要確認】この{days}日間に{count}回、閉塞を解除しています。").format(
            days=REPEAT_DAYS, count=len(recent)
        ),
        _("(直近 {moment})").format(moment=clock_text(recent[0])),
    )
