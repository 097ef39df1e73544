"""The first and the last entry of a program's run, and the settings it ran with."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlmodel import col, select

from db.tables.setting import SettingInForce
from kiosk import __version__
from kiosk.audit.events import EventTag
from kiosk.services._guard import Act, Desk
from kiosk.services.acting import Terminal

LONGEST_VALUE = 2_000


@dataclass(frozen=True, kw_only=True)
class Starting:
    """Tell the journal when this program begins and ends."""

    desk: Desk
    terminal: Terminal
    settings: Mapping[str, str]
    """Key and value as they stand in the settings file, without secrets."""

    def begin(self) -> None:
        """Note the start; a setting that differs from the last run is stored and named, with since when."""
        with self.desk.unattended(EventTag.PROGRAM_STARTED) as act:
            changed = self._store(act)
            act.record(version=__version__)
            if changed:
                act.record(EventTag.SETTINGS_LOADED, changed=" ".join(changed)[:200], count=len(changed))

    def end(self) -> None:
        """Note the end."""
        self.desk.note(None, EventTag.PROGRAM_STOPPED)

    def _store(self, act: Act) -> tuple[str, ...]:
        """The keys that are not as they were; each terminal keeps its own, because each has a file of its own."""
        own = f"{self.terminal.branch_no}-{self.terminal.terminal_no} "
        rows = act.session.exec(select(SettingInForce).where(col(SettingInForce.key).startswith(own)))
        stored = {row.key.removeprefix(own): row for row in rows}
        changed = []
        for key, value in self.settings.items():
            row = stored.pop(key, None)
            if row is None:
                act.session.add(SettingInForce(key=own + key, value=value[:LONGEST_VALUE], at=act.now))
            elif row.value != value[:LONGEST_VALUE]:
                row.value, row.at = value[:LONGEST_VALUE], act.now
            else:
                continue
            changed.append(key)
        for key, row in stored.items():
            act.session.delete(row)
            changed.append(key)
        return tuple(changed)
