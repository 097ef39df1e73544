"""The registry check: every stored certificate is read again, by code that did not write it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from cryptography import x509

from db.queries import second_look as rows_of
from db.tables import Certificate
from kiosk.audit.events import EventTag
from kiosk.audit.trail import Outcome
from kiosk.services.desk.guard import Desk
from kiosk.services.upkeep._second_look import (
    Authority,
    Entry,
    Misfit,
    in_stored_entry,
    misfits_of,
    said_by,
    wanted_of,
)

PAGE: Final = 500
KEPT: Final = 1_000
"""Findings that are named; all are counted."""


@dataclass(frozen=True, kw_only=True)
class Misfitting:
    """One thing that does not fit."""

    serial: str
    """Empty where it is not about one certificate."""
    user_id: str
    """Empty where the registry does not know the serial."""
    misfit: Misfit
    fact: str
    """What was found instead, where a word says it."""


@dataclass(frozen=True, kw_only=True)
class Verification:
    """What came of a check."""

    examined: int
    list_number: int | None
    """Of the published list that states were compared with; None when there is none that verifies."""
    count: int
    named: tuple[Misfitting, ...]
    """The first thousand."""


@dataclass(frozen=True, kw_only=True)
class Verifying:
    """Read all certificates and the published list; in pages, so that a commit never waits for long."""

    desk: Desk
    ca: x509.Certificate
    published: Path
    """The list in DER that relying parties read."""

    def verify(self) -> Verification:
        """Everything that does not fit, and a journal entry about the whole; minutes with a large registry.

        What is issued or revoked meanwhile is no finding.
        """
        begun = self.desk.clock.now()
        number, listed = self._list()
        found = _Found()
        with self.desk.reaching(), self.desk.database.reading() as session:
            shared = rows_of.shared_keys(session, KEPT)
        if number is None:
            found.add("", "", Misfit.NO_LIST, self.published.name)
        unseen = dict.fromkeys(listed)
        examined = 0
        for row, user_id in self._rows():
            examined += 1
            unseen.pop(int(row.serial, 16), None)
            for misfit, fact in self._of(row, user_id, listed, begun, has_list=number is not None):
                found.add(row.serial, user_id, misfit, fact)
            if row.key_sha256 in shared and row.der is not None:
                found.add(row.serial, user_id, Misfit.KEY_TWICE, row.key_sha256)
        for serial in unseen:
            found.add(f"{serial:X}", "", Misfit.UNKNOWN_ON_LIST, "")
        self._journal(examined, found.count)
        return Verification(
            examined=examined, list_number=number, count=found.count, named=tuple(found.named)
        )

    def _rows(self) -> Iterator[tuple[Certificate, str]]:
        after = 0
        while True:
            with self.desk.reaching(), self.desk.database.reading() as session:
                page = rows_of.certificates_after(session, after, PAGE)
            yield from page
            if len(page) < PAGE:
                return
            after = page[-1][0].pk

    def _of(
        self,
        row: Certificate,
        user_id: str,
        listed: Mapping[int, Entry],
        begun: datetime,
        *,
        has_list: bool,
    ) -> Iterator[tuple[Misfit, str]]:
        if row.state in {"reserved", "voided"}:
            return
        yield from misfits_of(row, user_id, Authority(certificate=self.ca))
        entry = listed.get(int(row.serial, 16))
        if row.state != "revoked":
            if entry is not None:
                yield Misfit.LIVE_AND_LISTED, f"{entry.revoked_at:%Y-%m-%dT%H:%M:%SZ}"
            return
        yield from in_stored_entry(row)
        if entry is None:
            if has_list and row.not_after > begun and not (row.revoked_at and row.revoked_at >= begun):
                yield Misfit.NOT_LISTED, f"{row.crl_number}"
        elif entry != wanted_of(row):
            yield Misfit.LISTED_OTHERWISE, f"{entry.revoked_at:%Y-%m-%dT%H:%M:%SZ} {entry.reason}".strip()

    def _list(self) -> tuple[int | None, dict[int, Entry]]:
        try:
            crl = x509.load_der_x509_crl(self.published.read_bytes())
            number = crl.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number
            key = self.ca.public_key()
            ours = crl.issuer == self.ca.subject and crl.is_signature_valid(key)  # type: ignore[arg-type]  # a CA's key
        except (OSError, ValueError, TypeError, x509.ExtensionNotFound):
            return None, {}
        if not ours:
            return None, {}
        return number, {one.serial_number: said_by(one) for one in crl}

    def _journal(self, examined: int, findings: int) -> None:
        if findings:
            self.desk.note(
                None,
                EventTag.REGISTRY_MISFITS,
                outcome=Outcome.FAILED,
                examined=examined,
                findings=findings,
            )
        else:
            self.desk.note(None, EventTag.REGISTRY_VERIFIED, examined=examined)


class _Found:
    """Keeps the first findings, and counts all."""

    def __init__(self) -> None:
        self.count = 0
        self.named: list[Misfitting] = []

    def add(self, serial: str, user_id: str, misfit: Misfit, fact: str) -> None:
        """One more."""
        self.count += 1
        if len(self.named) < KEPT:
            self.named.append(Misfitting(serial=serial, user_id=user_id, misfit=misfit, fact=fact))
