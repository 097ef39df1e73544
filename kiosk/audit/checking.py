"""Telling from one chain what was done to it: pure, one entry at a time, in bounded memory."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from operator import attrgetter
from typing import Any, Protocol

from kiosk.audit.chain import GENESIS, link
from kiosk.audit.checkpoints import SignedCheckpoint
from kiosk.audit.entry import SEARCHABLE, jst_text

_columns_of = attrgetter(*SEARCHABLE)


class Tampering(StrEnum):
    """What a finding means."""

    EDITED = "edited"
    """An entry is not what it was when the next one was written, or its columns differ from its body."""
    MISSING = "missing"
    """Entries in the middle are gone."""
    REORDERED = "reordered"
    """An entry stands in another place than it was written in."""
    CUT = "cut"
    """The newest entries are gone; the head or a checkpoint in the database still knows of them."""
    ADDED = "added"
    """Entries behind the head: not written by the program."""
    REWRITTEN = "rewritten"
    """The chain is whole but not the one that was signed."""
    ROLLED_BACK = "rolled_back"
    """Only the checkpoints kept outside know of newer entries: an old backup was restored (I-25)."""
    BAD_SIGNATURE = "bad_signature"
    """A checkpoint that was not signed with the key of the journal."""


@dataclass(frozen=True, order=True)
class Finding:
    """What is wrong, and where: from entry `seq` to entry `last` of the chain `node`."""

    node: str
    seq: int
    last: int
    kind: Tampering


class StoredEntry(Protocol):
    """A row of the journal, as far as checking needs it."""

    seq: int
    at: datetime
    body: bytes
    previous_hash: bytes
    hash: bytes


@dataclass
class ChainCheck:
    """`see` every entry in the order of its number, then ask `findings`."""

    node: str
    length: int
    """Number of the newest entry as the head says."""
    head: bytes
    checkpoints: Sequence[SignedCheckpoint]
    """Those of this chain whose signature is good, the database's and the kept ones."""
    start: int = 1
    """Number of the first entry that will be seen; what stands before it is taken on trust."""
    _last: int = field(init=False)
    _before: bytes | None = field(init=False)
    """The hash the next entry must name; None when it cannot be known."""
    _signed: dict[int, set[bytes]] = field(init=False)
    _good: int = field(init=False)
    _rewritten: bool = field(default=False, init=False)
    _found: list[Finding] = field(default_factory=list, init=False)

    def __post_init__(self) -> None:
        self._last = self._good = self.start - 1
        self._before = GENESIS if self.start == 1 else None
        self._signed = {}
        for checkpoint in self.checkpoints:
            self._signed.setdefault(checkpoint.seq, set()).add(checkpoint.head)

    def see(self, entry: StoredEntry) -> None:
        """The next entry."""
        if entry.seq > self._last + 1:
            self._report(Tampering.MISSING, self._last + 1, entry.seq - 1)
            self._before = None
        place = self._problem_of(entry)
        if place is None and self._before is not None and entry.previous_hash != self._before:
            self._report(Tampering.EDITED, max(entry.seq - 1, 1))
        elif place is not None:
            self._report(place, entry.seq)
        self._before = None if place is Tampering.REORDERED else entry.hash
        self._last = entry.seq
        self._compare_with_checkpoints(entry)

    def findings(self, *, in_database: int, outside: int) -> tuple[Finding, ...]:
        """Everything found, in order, once all entries were seen.

        `in_database` and `outside` are the longest lengths that checkpoints in the database and outside speak of.
        """
        claimed = max(self.length, in_database)
        if claimed > self._last:
            self._report(Tampering.CUT, self._last + 1, max(claimed, outside))
        elif outside > self._last:
            self._report(Tampering.ROLLED_BACK, self._last + 1, outside)
        if self.length < self._last:
            self._report(Tampering.ADDED, self.length + 1, self._last)
        elif self.length == self._last and self._before not in {None, self.head}:
            self._report(Tampering.EDITED, max(self._last, 1))
        return tuple(sorted(set(self._found)))

    def _problem_of(self, entry: StoredEntry) -> Tampering | None:
        """What is wrong with an entry by itself."""
        if link(entry.previous_hash, entry.body) != entry.hash:
            return Tampering.EDITED
        told = _told_by(entry.body)
        if not {"node", "seq"} <= told.keys():
            return Tampering.EDITED
        if told["node"] != self.node or told["seq"] != entry.seq:
            return Tampering.REORDERED
        return Tampering.EDITED if _columns_differ(entry, told) else None

    def _compare_with_checkpoints(self, entry: StoredEntry) -> None:
        heads = self._signed.get(entry.seq)
        if heads is None or self._rewritten:
            return
        if heads == {entry.hash}:
            self._good = entry.seq
        else:
            self._rewritten = True  # every later checkpoint differs as well, and says nothing more
            self._report(Tampering.REWRITTEN, self._good + 1, entry.seq)

    def _report(self, kind: Tampering, first: int, last: int | None = None) -> None:
        """Neighbours of one kind are one finding, so that a thousand edited entries do not fill the screen."""
        last = first if last is None else last
        if self._found and self._found[-1].kind is kind and first - 1 <= self._found[-1].last <= last:
            first = self._found.pop().seq
        self._found.append(Finding(self.node, first, last, kind))


def longest(checkpoints: Iterable[SignedCheckpoint]) -> int:
    """The greatest length any of them speaks of; 0 without one."""
    return max((checkpoint.seq for checkpoint in checkpoints), default=0)


def _told_by(body: bytes) -> dict[str, Any]:
    try:
        told = json.loads(body.decode())
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def _columns_differ(entry: StoredEntry, told: dict[str, Any]) -> bool:
    if told.get("time") != jst_text(entry.at):
        return True
    return _columns_of(entry) != tuple(map(told.get, SEARCHABLE))
