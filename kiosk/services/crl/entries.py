"""The entries of a list as the registry orders them, and the list that was made last: one more is soon put in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from db.queries.crl import Counted, Listed
from db.tables import Certificate
from kiosk.pki.crl import entries_of
from kiosk.pki.crl_reading import ReadCrl


@dataclass(frozen=True, kw_only=True)
class Entries:
    """The entries of certificates that end at `listed_from` or later, by the moment their certificates end."""

    listed_from: datetime
    size: int
    by_expiry: Mapping[datetime, bytes] = field(repr=False)
    """In the order of time; those of one moment in the order of their octets, as the registry joins them."""

    def joined(self) -> bytes:
        """As they stand in a list."""
        return b"".join(self.by_expiry.values())

    def with_one(self, entry: bytes, not_after: datetime) -> "Entries":
        """What the registry would give after one more revocation."""
        of_that_day = sorted([*entries_of(self.by_expiry.get(not_after, b"")), entry])
        known = not_after in self.by_expiry
        by_expiry = {**self.by_expiry, not_after: b"".join(of_that_day)}
        if not known:
            by_expiry = dict(sorted(by_expiry.items()))
        return Entries(listed_from=self.listed_from, size=self.size + 1, by_expiry=by_expiry)


def entries_in(listed: Listed, listed_from: datetime) -> Entries:
    """What the registry gave."""
    return Entries(listed_from=listed_from, size=listed.size, by_expiry=listed.by_expiry)


@dataclass(frozen=True, kw_only=True)
class Taken:
    """A revocation that was stored, and the number that it took for the list that must name it."""

    state: Counted
    """How far the list was when the number was taken, under the lock of its row."""
    row: Certificate
    """What was revoked."""

    @property
    def number(self) -> int:
        """What it took."""
        return self.state.number

    @property
    def entry(self) -> bytes:
        """Its entry in DER."""
        return self.row.crl_entry or b""

    @property
    def not_after(self) -> datetime:
        """The end of its certificate."""
        return self.row.not_after


@dataclass(frozen=True, kw_only=True)
class InForce:
    """The list that is published."""

    number: int
    published_at: datetime


@dataclass(frozen=True, kw_only=True)
class Made:
    """The list that this program published last."""

    crl: ReadCrl
    entries: Entries

    def is_followed_by(self, taken: Taken, standing: ReadCrl) -> bool:
        """Whether nothing lies between this list and that revocation.

        Every revocation takes a number in its own transaction, and so does every list that was not made for one.
        When the number is the next one, and the registry that gave it and the folder hold this very list, with its
        signature, then the next list is this one and that entry. In every other case it is read from the rows.
        """
        return (
            taken.number == self.crl.number + 1
            and taken.state.published_number == self.crl.number
            and taken.state.tail == self.crl.frame.tail
            and standing == self.crl
        )
