"""Where a program runs, the first and the last entry of its run, and the settings it ran with."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlmodel import col, select

from db.queries import branches
from db.tables.setting import SettingInForce
from kiosk import __version__
from kiosk.audit.entry import LONGEST, may_hold
from kiosk.audit.events import EventTag
from kiosk.errors import NotSetUp
from kiosk.services.acting import Terminal
from kiosk.services.desk.guard import Act, Desk

LONGEST_VALUE = 2_000


@dataclass(frozen=True, kw_only=True)
class _Changed:
    """A setting that is not as it was in the last run; None where there is none."""

    key: str
    before: str | None
    after: str | None


@dataclass(frozen=True, kw_only=True)
class Starting:
    """Tell the journal when this program begins and ends."""

    desk: Desk
    terminal: Terminal
    settings: Mapping[str, str]
    """Key and value as they stand in the settings file, without secrets."""

    def begin(self) -> None:
        """Note the start; a setting that differs from the last run is stored, and told with what it was before."""
        with self.desk.unattended(EventTag.PROGRAM_STARTED) as act:
            changed = self._store(act)
            act.record(version=__version__)
            if changed:
                named = " ".join(one.key for one in changed)
                act.record(EventTag.SETTINGS_LOADED, changed=named[:200], count=len(changed))
            for one in changed:
                if one.before is not None:
                    act.record(
                        EventTag.SETTINGS_LOADED,
                        changed=one.key,
                        before=_told(one.before),
                        after=_told(one.after),
                    )

    def end(self) -> None:
        """Note the end."""
        self.desk.note(None, EventTag.PROGRAM_STOPPED)

    def _store(self, act: Act) -> tuple[_Changed, ...]:
        """The settings that are not as they were; each terminal keeps its own, because each has a file of its own."""
        own = f"{self.terminal.branch_no}-{self.terminal.terminal_no} "
        rows = act.session.exec(select(SettingInForce).where(col(SettingInForce.key).startswith(own)))
        stored = {row.key.removeprefix(own): row for row in rows}
        changed = []
        for key, value in self.settings.items():
            row, kept = stored.pop(key, None), value[:LONGEST_VALUE]
            if row is not None and row.value == kept:
                continue
            changed.append(_Changed(key=key, before=None if row is None else row.value, after=kept))
            if row is None:
                act.session.add(SettingInForce(key=own + key, value=kept, at=act.now))
            else:
                row.value, row.at = kept, act.now
        for key, row in stored.items():
            act.session.delete(row)
            changed.append(_Changed(key=key, before=row.value, after=None))
        return tuple(changed)


def _told(value: str | None) -> str | None:
    """The beginning of a value, unless no entry may hold it: a mail address, say."""
    start = None if value is None else value[: LONGEST["before"]]
    return start if start is not None and may_hold(start) else None


def this_terminal(desk: Desk, branch_no: str, terminal_no: str) -> Terminal:
    """The counter of these numbers. Raises `NotSetUp` for one that the registry does not know."""
    with desk.reaching(), desk.database.reading() as session:
        branch = branches.by_number(session, branch_no)
        row = None if branch is None else branches.terminal_by_number(session, branch.pk, terminal_no)
    if branch is None or row is None:
        raise NotSetUp(missing=f"{branch_no}-{terminal_no}")
    return Terminal(
        branch_pk=branch.pk,
        branch_no=branch.branch_no,
        branch_name=branch.name,
        terminal_pk=row.pk,
        terminal_no=row.terminal_no,
    )
