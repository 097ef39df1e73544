"""Verifying the journal: what was done to it, and at which entry (I-13, I-25)."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import func, select
from sqlmodel import col

from db.database import Database
from db.queries import journal
from db.tables import JournalEntry
from kiosk.audit.chain import GENESIS
from kiosk.audit.checking import ChainCheck, Finding, Tampering, longest
from kiosk.audit.checkpoints import SignedCheckpoint
from kiosk.audit.entry import SEARCHABLE

__all__ = ["Finding", "Tampering", "verify"]

PAGE: Final = 2_000
"""Entries read in one go; between two pages writers get their turn."""
_COLUMNS: Final = ("seq", "at", "body", "previous_hash", "hash", *SEARCHABLE)


def verify(
    database: Database,
    public_key: bytes,
    kept_checkpoints: Iterable[SignedCheckpoint],
    *,
    newest: int | None = None,
) -> tuple[Finding, ...]:
    """Everything that is wrong with the journal, by chain and position; empty when it is as it was written.

    `public_key` is the raw Ed25519 key of the checkpoints, `kept_checkpoints` those from outside the database. With
    `newest`, only so many of the newest entries of each chain are read, and what stands before them is taken on trust.
    Memory stays bounded however long the journal is; the terminal may write meanwhile. Raises the database's errors.
    """
    key = Ed25519PublicKey.from_public_bytes(public_key)
    outside: dict[str, list[SignedCheckpoint]] = {}
    for checkpoint in kept_checkpoints:
        outside.setdefault(checkpoint.node, []).append(checkpoint)
    with database.reading() as session:
        nodes = {*journal.nodes(session), *outside}
    found: list[Finding] = []
    for node in sorted(nodes):
        found += _verify_chain(database, key, node, outside.get(node, []), newest)
    return tuple(found)


def _verify_chain(
    database: Database, key: Ed25519PublicKey, node: str, outside: list[SignedCheckpoint], newest: int | None
) -> list[Finding]:
    # Checkpoints before entries before the head: what is written meanwhile only ever makes the later ones longer.
    with database.reading() as session:
        inside = [SignedCheckpoint.from_row(row) for row in journal.checkpoints(session, node)]
        top = session.execute(
            select(func.max(col(JournalEntry.seq))).where(col(JournalEntry.node) == node)
        ).scalar()
        head = next((head for head in journal.heads(session) if head.node == node), None)
    good_inside, forged_inside = _sorted_out(key, inside)
    good_outside, forged_outside = _sorted_out(key, outside)
    length = head.seq if head else 0
    end = max(top or 0, length)
    start = 1 if newest is None else max(1, end - newest + 1)
    check = ChainCheck(node, length, head.hash if head else GENESIS, [*good_inside, *good_outside], start)
    for entry in _entries(database, node, start, end):
        check.see(entry)
    found = check.findings(in_database=longest(good_inside), outside=longest(good_outside))
    forged = {checkpoint.seq for checkpoint in (*forged_inside, *forged_outside)}
    return sorted([*found, *(Finding(node, seq, seq, Tampering.BAD_SIGNATURE) for seq in forged)])


def _sorted_out(
    key: Ed25519PublicKey, checkpoints: Iterable[SignedCheckpoint]
) -> tuple[list[SignedCheckpoint], list[SignedCheckpoint]]:
    good: list[SignedCheckpoint] = []
    forged: list[SignedCheckpoint] = []
    for checkpoint in checkpoints:
        (good if checkpoint.holds(key) else forged).append(checkpoint)
    return good, forged


def _entries(database: Database, node: str, start: int, end: int) -> Iterator[Any]:
    columns = [col(getattr(JournalEntry, name)) for name in _COLUMNS]
    wanted = (
        select(*columns).where(col(JournalEntry.node) == node).order_by(col(JournalEntry.seq)).limit(PAGE)
    )
    after = start - 1
    while after < end:
        in_page = wanted.where(col(JournalEntry.seq) > after, col(JournalEntry.seq) <= end)
        with database.reading() as session:
            page = session.execute(in_page).all()
        if not page:
            return
        yield from page
        after = page[-1].seq
