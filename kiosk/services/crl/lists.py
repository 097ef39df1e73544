"""Looking at revocation lists: the one that is published, and what changed between two."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

from db.queries import crl as crl_queries
from kiosk.pki.ca_files import CRL_DER, CRL_PEM, crl_pem
from kiosk.pki.crl import entries_of
from kiosk.pki.crl_reading import NotACrl, ReadCrl, missing_entries, read_crl, revoked_in
from kiosk.pki.signer import AuthorityFacts
from kiosk.rules.naming import serial_text
from kiosk.rules.validity import VALIDITY_DAYS
from kiosk.services.desk.guard import Desk

ENDS_SOON = timedelta(days=3)
"""Before nextUpdate; past it relying parties refuse everybody."""


class ListFinding(StrEnum):
    """What does not fit."""

    NO_LIST = "no_list"
    """The folder holds none that can be read."""
    NOT_OURS = "not_ours"
    """Issuer or signature is not this CA's."""
    PEM_DIFFERS = "pem_differs"
    """`crl.pem` is not the same list as `crl.der`."""
    ENDED = "ended"
    """nextUpdate has passed: nobody can log in."""
    ENDS_SOON = "ends_soon"
    """Less than three days are left."""
    DATED_AHEAD = "dated_ahead"
    """thisUpdate has not come yet: nobody can log in until then. A clock that ran ahead made it so."""
    REVOCATION_WAITS = "revocation_waits"
    """Somebody who is revoked in the registry can still log in."""
    NOT_ANNOUNCED = "not_announced"
    """The command after publishing failed: the web system may read an older list."""
    ISSUER_DIFFERS = "issuer_differs"
    NUMBER_BACK = "number_back"
    DATE_BACK = "date_back"
    REMOVED_EARLY = "removed_early"
    """A certificate that has not expired is off the list."""


class Change(StrEnum):
    """What became of an entry."""

    ADDED = "added"
    REMOVED = "removed"
    REWRITTEN = "rewritten"
    """The same serial with another date or reason."""


@dataclass(frozen=True, kw_only=True)
class ListView:
    """A published list beside the registry."""

    crl: ReadCrl | None
    entries: int
    unlisted: tuple[str, ...]
    """Serials that are revoked, unexpired and not on the list."""
    announce_failure: str | None
    findings: tuple[ListFinding, ...]


@dataclass(frozen=True, kw_only=True)
class ChangedEntry:
    """One difference."""

    serial: str
    change: Change
    valid_until: datetime | None
    """Last second of the certificate; None where the registry does not know it."""


@dataclass(frozen=True, kw_only=True)
class ListDifference:
    """What changed from one list to another, and what of it must not be (I-14)."""

    changes: tuple[ChangedEntry, ...]
    findings: tuple[ListFinding, ...]


@dataclass(frozen=True, kw_only=True)
class Lists:
    """Looks; changes nothing and needs no key."""

    desk: Desk
    folder: Path
    authority: AuthorityFacts

    def published(self) -> ListView:
        """The list that relying parties read now, beside what the registry wants on it."""
        crl = self._read()
        now = self.desk.clock.now()
        with self.desk.reaching(), self.desk.database.reading() as session:
            state = crl_queries.state(session, self.authority.key_id)
            wanted = crl_queries.entries(session, now)
        listed = frozenset(_serials(crl.entries)) if crl else frozenset()
        unlisted = tuple(serial for serial in _serials(wanted.joined) if serial not in listed)
        failure = state.announce_failure if state else None
        return ListView(
            crl=crl,
            entries=len(listed),
            unlisted=unlisted,
            announce_failure=failure,
            findings=tuple(self._findings(crl, now, waits=bool(unlisted), failure=failure)),
        )

    def difference(self, old: ReadCrl, new: ReadCrl) -> ListDifference:
        """From one list to a later one."""
        added = {serial_text(revoked_in(entry).serial) for entry in missing_entries(new, old.entries)}
        removed = {
            serial_text(one.serial): one.revoked_at + timedelta(days=VALIDITY_DAYS)
            for one in map(revoked_in, missing_entries(old, new.entries))
        }
        with self.desk.reaching(), self.desk.database.reading() as session:
            known = crl_queries.standings(session, sorted(added | removed.keys()))
        changes = []
        for serial in sorted(added | removed.keys()):
            both = serial in added and serial in removed
            change = Change.REWRITTEN if both else Change.ADDED if serial in added else Change.REMOVED
            until = known[serial].not_after if serial in known else None
            changes.append(ChangedEntry(serial=serial, change=change, valid_until=until))
        early = any(
            one.change is not Change.ADDED and (one.valid_until or removed[one.serial]) >= new.this_update
            for one in changes
        )
        return ListDifference(changes=tuple(changes), findings=tuple(_steps_back(old, new, early=early)))

    def _read(self) -> ReadCrl | None:
        try:
            return read_crl((self.folder / CRL_DER).read_bytes())
        except (OSError, NotACrl):
            return None

    def _findings(
        self, crl: ReadCrl | None, now: datetime, *, waits: bool, failure: str | None
    ) -> Iterator[ListFinding]:
        if crl is None:
            yield ListFinding.NO_LIST
        else:
            if not crl.is_signed_by(self.authority.certificate):
                yield ListFinding.NOT_OURS
            if not self._pem_is_the_same():
                yield ListFinding.PEM_DIFFERS
            if crl.this_update > now:
                yield ListFinding.DATED_AHEAD
            if crl.next_update <= now:
                yield ListFinding.ENDED
            elif crl.next_update - now < ENDS_SOON:
                yield ListFinding.ENDS_SOON
        if waits:
            yield ListFinding.REVOCATION_WAITS
        if failure is not None:
            yield ListFinding.NOT_ANNOUNCED

    def _pem_is_the_same(self) -> bool:
        try:
            return (self.folder / CRL_PEM).read_bytes() == crl_pem((self.folder / CRL_DER).read_bytes())
        except OSError:
            return False


def _steps_back(old: ReadCrl, new: ReadCrl, *, early: bool) -> Iterator[ListFinding]:
    if old.issuer != new.issuer:
        yield ListFinding.ISSUER_DIFFERS
    if new.number < old.number or (new.number == old.number and new.signed != old.signed):
        yield ListFinding.NUMBER_BACK
    if new.this_update < old.this_update:
        yield ListFinding.DATE_BACK
    if early:
        yield ListFinding.REMOVED_EARLY


def _serials(joined: bytes) -> Iterator[str]:
    return (serial_text(revoked_in(entry).serial) for entry in entries_of(joined))
