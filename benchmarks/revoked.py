"""Revoked certificates as a real registry has them, for us and for `openssl ca` alike.

In the order in which they were issued, some on every day of a year; their serials are random, so neither side gets
them sorted. Revoked at any moment after that for any of our reasons, which openssl knows by names of its own.
"""

import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from kiosk.pki.crl import entry_der
from kiosk.pki.serials import fresh_serial
from kiosk.rules.naming import serial_text
from kiosk.rules.revocation import RevocationReason, rfc5280_code
from kiosk.rules.validity import VALIDITY_DAYS, Window, window_for
from kiosk.training.people import ORGANIZATIONS

_REASON_NAMES: Final = {
    0: "",
    1: ",keyCompromise",
    3: ",affiliationChanged",
    4: ",superseded",
    5: ",cessationOfOperation",
}
"""As `openssl ca -revoke -crl_reason` writes them into its index."""
_REASONS: Final = tuple(RevocationReason)
_DATE: Final = "%y%m%d%H%M%SZ"


@dataclass(frozen=True, kw_only=True)
class Revoked:
    """One of them."""

    serial: int
    issued_at: datetime
    window: Window
    revoked_at: datetime
    reason: RevocationReason

    @property
    def entry(self) -> bytes:
        """Its element of `revokedCertificates`."""
        return entry_der(self.serial, self.revoked_at, rfc5280_code(self.reason))

    def row(self, pk: int) -> dict[str, Any]:
        """As SQLite keeps it; its user and case are none."""
        return {
            "pk": pk,
            "serial": serial_text(self.serial),
            "operation_id": f"bench-{pk}",
            "user_pk": 1,
            "case_pk": 1,
            "state": "revoked",
            "key_sha256": f"{pk:064x}",
            "tbs_sha256": f"{pk:064x}",
            "subject": "計測",
            "profile": "client-1",
            "not_before": _stored(self.window.not_before),
            "not_after": _stored(self.window.not_after),
            "issue_date": f"{self.window.issue_date}",
            "last_valid_date": f"{self.window.last_valid_date}",
            "reserved_at": _stored(self.issued_at),
            "issued_at": _stored(self.issued_at),
            "der": bytes(1_000),
            "pc_alias": "",
            "revoked_at": _stored(self.revoked_at),
            "revocation_reason": self.reason.value,
            "crl_entry": self.entry,
            "crl_number": 1,
        }

    def openssl_line(self, number: int) -> str:
        """As the index of `openssl ca` has it."""
        organization = ORGANIZATIONS[number % len(ORGANIZATIONS)]
        name = "".join(f"\\x{octet:02X}" for octet in organization.name.encode())
        subject = f"/C=JP/O={name}/OU={organization.code}/CN=user{number:07}"
        revoked = f"{self.revoked_at:{_DATE}}{_REASON_NAMES[rfc5280_code(self.reason)]}"
        serial = serial_text(self.serial)
        return f"R\t{self.window.not_after:{_DATE}}\t{revoked}\t{serial}\tunknown\t{subject}\n"


def revoked_certificates(count: int) -> list[Revoked]:
    """So many, none of which has expired by now; the same dates and reasons in every run."""
    now = datetime.now(UTC).replace(microsecond=0)
    life = timedelta(days=VALIDITY_DAYS - 1)
    chance = random.Random(count)  # noqa: S311  # dates and reasons, nothing that must not be foreseen
    found = []
    for number in range(count):
        issued_at = now - life * (1 - number / count)
        found.append(
            Revoked(
                serial=fresh_serial(),
                issued_at=issued_at.replace(microsecond=0),
                window=window_for(issued_at),
                revoked_at=(issued_at + (now - issued_at) * chance.random()).replace(microsecond=0),
                reason=chance.choice(_REASONS),
            )
        )
    return found


def insert(file: Path, rows: Iterator[dict[str, Any]]) -> None:
    """Put certificates into a registry on SQLite, without their users."""
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("PRAGMA synchronous=OFF")
        first = next(rows)
        names = ", ".join(first)
        places = ", ".join(f":{name}" for name in first)
        statement = f"INSERT INTO certificates ({names}) VALUES ({places})"  # noqa: S608  # names of columns
        connection.execute(statement, first)
        connection.executemany(statement, rows)


def _stored(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S}.000000"
