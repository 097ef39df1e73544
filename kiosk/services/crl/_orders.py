"""What the next list must say beside the one in the folder: number and date never go back, nobody is lost (I-14)."""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from sqlmodel import Session

from db.queries import crl as crl_queries
from db.queries.crl import Counted
from db.tables import CrlState
from kiosk.errors import CrlFolderUnusable, CrlRefused, FolderProblem, ListProblem
from kiosk.pki.ca_files import CRL_DER
from kiosk.pki.crl import BACKDATED, LIFE, CrlFrame, crl_window, entries_of
from kiosk.pki.crl_reading import NotACrl, ReadCrl, missing_entries, read_crl, revoked_in
from kiosk.pki.signer import CrlOrder
from kiosk.rules.naming import serial_text
from kiosk.rules.validity import VALIDITY_DAYS
from kiosk.services.crl.entries import Entries, Made, Taken, entries_in

KEPT_AFTER_EXPIRY = LIFE + BACKDATED
"""An entry stays until one list after its certificate expired (RFC 5280 3.3, I-14)."""

_LONGEST_LIFE = timedelta(days=VALIDITY_DAYS)
_TICKS_NS = 50_000_000
"""Longer than a file system takes from one time of change to the next."""


@dataclass(frozen=True, kw_only=True)
class Ordered:
    """A list to sign, and what there is to tell about it."""

    order: CrlOrder
    entries: Entries
    carried: int
    """Entries that only the list in the folder knows: a registry put back from yesterday must let nobody in again."""
    behind: timedelta
    """How far the clock stands before the date that the list must bear; zero when it runs well."""

    @property
    def count(self) -> int:
        """How many entries it has."""
        return self.entries.size + self.carried


@dataclass(frozen=True, kw_only=True)
class Stands:
    """The list in the folder, and the mark of its file by which it is known again."""

    crl: ReadCrl
    mark: tuple[int, ...] | None
    """None as long as the file is so new that another could have taken its place under the same mark."""


def standing_list(folder: Path, ca: x509.Certificate, known: Stands | None = None) -> Stands | None:
    """The list of this CA that relying parties read now; None when there is none that verifies.

    `known` is a list that verified before: the same file is not read again, the same list not verified again. Raises
    `CrlFolderUnusable` for a folder that is gone, and `CrlRefused` when another CA's list lies there.
    """
    if not folder.is_dir():
        raise CrlFolderUnusable(folder=str(folder), why=FolderProblem.MISSING)
    file = folder / CRL_DER
    try:
        mark = _mark_of(file)
        if known is not None and known.mark is not None and known.mark == mark:
            return known
        data = file.read_bytes()
        if known is not None and known.crl.data == data:
            return Stands(crl=known.crl, mark=mark)
        found = read_crl(data)
    except (OSError, NotACrl):
        return None
    if found.issuer != ca.subject.public_bytes():
        raise CrlRefused(why=ListProblem.OTHER_ISSUER)
    return Stands(crl=found, mark=mark) if found.is_signed_by(ca) else None


def _mark_of(file: Path) -> tuple[int, ...] | None:
    told = file.stat()
    if time.time_ns() - told.st_ctime_ns < _TICKS_NS:
        return None
    return (told.st_dev, told.st_ino, told.st_size, told.st_mtime_ns, told.st_ctime_ns)


def ordered(session: Session, state: CrlState, standing: ReadCrl | None, now: datetime) -> Ordered:
    """Take the next number and say what its list holds; in the caller's transaction, which holds the row's lock."""
    moment, dates = _dated(state, standing, now)
    state.number = max(state.number, standing.number if standing else 0) + 1
    session.flush()
    listed_from = min(moment - KEPT_AFTER_EXPIRY, *dates) if dates else moment - KEPT_AFTER_EXPIRY
    entries = entries_in(crl_queries.entries(session, listed_from), listed_from)
    listed = entries.joined()
    missing = missing_entries(standing, listed) if standing else ()
    joined, carried = _with_those_of(session, listed, missing, listed_from)
    return _ordered(state.number, entries, joined, carried, moment, now)


def ordered_after(taken: Taken, made: Made, now: datetime) -> Ordered:
    """The list that `taken` has a number for, when `made` is followed by it."""
    moment, _ = _dated(taken.state, made.crl, now)
    entries = made.entries.with_one(taken.entry, taken.not_after)
    return _ordered(taken.number, entries, entries.joined(), 0, moment, now)


def _dated(
    state: CrlState | Counted, standing: ReadCrl | None, now: datetime
) -> tuple[datetime, tuple[datetime, ...]]:
    """The moment that the next list is made at, and the dates before which it must not be dated."""
    dates = (state.this_update, standing.this_update if standing else None)
    known = tuple(date for date in dates if date is not None)
    return max(now, *(date + BACKDATED for date in known)) if known else now, known


def _ordered(
    number: int, entries: Entries, joined: bytes, carried: int, moment: datetime, now: datetime
) -> Ordered:
    this_update, next_update = crl_window(moment)
    order = CrlOrder(number=number, this_update=this_update, next_update=next_update, entries=joined)
    return Ordered(order=order, entries=entries, carried=carried, behind=moment - now)


def may_follow(order: CrlOrder, standing: ReadCrl | None) -> bool:
    """Whether the list may take the place of the one that stands there now, after it was signed."""
    if standing is None:
        return True
    return standing.number < order.number and standing.this_update <= order.this_update


def keep_list(state: CrlState, wanted: Ordered, made: ReadCrl) -> None:
    """Note what `kept_list` makes the list from again; entries that the registry has are not kept a second time."""
    frame = made.frame
    state.this_update, state.next_update = made.this_update, made.next_update
    if wanted.carried:
        state.head, state.tail, state.listed_from = made.data, None, None
    else:
        state.head, state.tail, state.listed_from = frame.head, frame.tail, wanted.entries.listed_from


def kept_list(session: Session, state: CrlState, ca: x509.Certificate) -> ReadCrl | None:
    """The list that was published last, to the octet; None when it cannot be made again from the registry."""
    if state.head is None:
        return None
    entries = b""
    if state.listed_from is not None:
        entries = crl_queries.entries(session, state.listed_from, up_to_number=state.published_number).joined
    try:
        made = read_crl(CrlFrame(state.head, state.tail or b"").around(entries))
    except NotACrl:
        return None
    return made if made.number == state.published_number and made.is_signed_by(ca) else None


def _with_those_of(
    session: Session, joined: bytes, missing: Iterable[bytes], kept_from: datetime
) -> tuple[bytes, int]:
    """Put back what the folder's list holds and the registry does not, unless it has expired; and how many those were.

    An entry that the registry has with another date gives way: a revocation keeps its first (I-15).
    """
    lost = {serial_text(revoked_in(entry).serial): entry for entry in missing}
    if not lost:
        return joined, 0
    standings = crl_queries.standings(session, lost)
    entries = set(entries_of(joined))
    carried = 0
    for serial, entry in lost.items():
        known = standings.get(serial)
        ends = known.not_after if known else revoked_in(entry).revoked_at + _LONGEST_LIFE
        if ends < kept_from:
            continue
        carried += known is None or known.crl_entry not in entries
        if known and known.crl_entry is not None:
            entries.discard(known.crl_entry)
        entries.add(entry)
    return b"".join(sorted(entries)), carried
