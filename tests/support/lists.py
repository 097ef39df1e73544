"""Published lists as a test makes and reads them."""

from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from sqlmodel import col, select

from db.tables import Certificate
from kiosk.audit.events import EventTag
from kiosk.pki.ca_files import PublishedCrl, published_crl
from kiosk.rules.naming import serial_value
from kiosk.rules.revocation import RevocationReason
from kiosk.services.approved.revocations import revoke
from kiosk.services.crl.entries import Taken
from kiosk.services.desk.guard import Desk
from tests.support.builders import a_certificate, a_user


def a_revoked(desk: Desk, key_id: str) -> int:
    """The serial of a certificate that is issued and revoked now; no list names it yet."""
    row = a_certificate(desk.database, a_user(desk.database), issued_at=desk.clock.now())
    revoke_serial(desk, key_id, row.serial)
    return serial_value(row.serial)


def a_revoked_of(desk: Desk, key_id: str, issued_at: datetime) -> Taken:
    """A certificate that was issued at that moment and is revoked now; what it took for its list."""
    row = a_certificate(desk.database, a_user(desk.database), issued_at=issued_at)
    return revoke_serial(desk, key_id, row.serial)


def revoke_serial(desk: Desk, key_id: str, serial: str) -> Taken:
    """Revoke a certificate of the registry in one transaction, with no list behind it."""
    with desk.unattended(EventTag.CERTIFICATE_REVOKED) as act:
        row = act.session.exec(select(Certificate).where(col(Certificate.serial) == serial)).one()
        return revoke(act.session, row, RevocationReason.PC_LOST, key_id, act.now, "20260302-012-01-9999")


def list_in(folder: Path) -> PublishedCrl:
    """What relying parties read, which must be whole and the same in both forms."""
    der = (folder / "crl.der").read_bytes()
    assert x509.load_pem_x509_crl((folder / "crl.pem").read_bytes()).public_bytes(Encoding.DER) == der
    return published_crl(folder)
