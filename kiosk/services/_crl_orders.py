"""What the next list must say beside the one in the folder: number and date never go back, nobody is lost (I-14)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from sqlmodel import Session

from db.queries import crl as crl_queries
from db.tables import CrlState
from kiosk.errors import CrlFolderUnusable, CrlRefused, FolderProblem, ListProblem
from kiosk.pki.ca_files import CRL_DER
from kiosk.pki.crl import BACKDATED, LIFE, crl_window, entries_of
from kiosk.pki.crl_reading import NotACrl, ReadCrl, missing_entries, read_crl, revoked_in
from kiosk.pki.signer import CrlOrder
from kiosk.rules.naming import serial_text
from kiosk.rules.validity import VALIDITY_DAYS

KEPT_AFTER_EXPIRY = LIFE + BACKDATED
"""An entry stays until one list after its certificate expired (RFC 5280 3.3, I-14)."""

_LONGEST_LIFE = timedelta(days=VALIDITY_DAYS)


@dataclass(frozen=True, kw_only=True)
class Ordered:
    """A list to sign, and what there is to tell about it."""

    order: CrlOrder
    count: int
    carried: int
    """Entries that only the list in the folder knows: a registry put back from yesterday must let nobody in again."""
    behind: timedelta
    """How far the clock stands before the date that the list must bear; zero when it runs well."""


def standing_list(folder: Path, ca: x509.Certificate, known: ReadCrl | None = None) -> ReadCrl | None:
    """The list of this CA that relying parties read now; None when there is none that verifies.

    `known` is a list that verified before: the same one is not verified again. Raises `CrlFolderUnusable` for a folder
    that is gone, and `CrlRefused` when another CA's list lies there.
    """
    if not folder.is_dir():
        raise CrlFolderUnusable(folder=str(folder), why=FolderProblem.MISSING)
    try:
        found = read_crl((folder / CRL_DER).read_bytes())
    except (OSError, NotACrl):
        return None
    if found.issuer != ca.subject.public_bytes():
        raise CrlRefused(why=ListProblem.OTHER_ISSUER)
    return found if found == known or found.is_signed_by(ca) else None


def ordered(session: Session, state: CrlState, standing: ReadCrl | None, now: datetime) -> Ordered:
    """Take the next number and say what its list holds; in the caller's transaction, which holds the row's lock."""
    dates = [
        one for one in (state.this_update, standing.this_update if standing else None) if one is not None
    ]
    moment = max(now, *(date + BACKDATED for date in dates)) if dates else now
    state.number = max(state.number, standing.number if standing else 0) + 1
    session.flush()
    kept_from = min(moment - KEPT_AFTER_EXPIRY, *dates) if dates else moment - KEPT_AFTER_EXPIRY
    listed = crl_queries.entries(session, kept_from)
    missing = missing_entries(standing, listed.joined) if standing else ()
    joined, carried = _with_those_of(session, listed.joined, missing, kept_from)
    this_update, next_update = crl_window(moment)
    order = CrlOrder(number=state.number, this_update=this_update, next_update=next_update, entries=joined)
    return Ordered(order=order, count=listed.size + carried, carried=carried, behind=moment - now)


def may_follow(order: CrlOrder, standing: ReadCrl | None) -> bool:
    """Whether the list may take the place of the one that stands there now, after it was signed."""
    if standing is None:
        return True
    return standing.number < order.number and standing.this_update <= order.this_update


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
