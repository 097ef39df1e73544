"""What a revocation stores; who may ask for one is decided by the use case."""

from datetime import datetime

from sqlmodel import Session

from db.queries import crl as crl_queries
from db.queries import issues
from db.queries import media as media_queries
from db.tables.case import Case
from db.tables.certificate import Certificate
from kiosk.pki.crl import entry_der
from kiosk.rules.cases import CaseState
from kiosk.rules.certificates import CertificateState, may_move
from kiosk.rules.deliveries import DeliveryState
from kiosk.rules.naming import serial_value
from kiosk.rules.notices import NoticeKind
from kiosk.rules.revocation import RevocationReason, rfc5280_code
from kiosk.services._cases import move, record_medium
from kiosk.services._guard import Act
from kiosk.services._outbox import queue_notice


def revoke(session: Session, row: Certificate, reason: RevocationReason, key_id: str, now: datetime) -> int:
    """Revoke a signed certificate; the number of the CRL that must list it.

    State, CRL entry and the next CRL number are stored together, so that no published list can miss it (I-15). The
    caller holds the row's lock and publishes after its commit.
    """
    if not may_move(CertificateState(row.state), CertificateState.REVOKED):
        raise AssertionError("only a signed certificate that is not yet revoked is revoked")
    number = crl_queries.next_number(session, key_id)
    row.state = CertificateState.REVOKED
    row.slot = None
    row.revoked_at = now
    row.revocation_reason = reason
    row.crl_entry = entry_der(serial_value(row.serial), now, rfc5280_code(reason))
    row.crl_number = number
    queue_notice(
        session,
        kind=NoticeKind.REVOKED,
        dedupe=f"revoked:{row.serial}",
        user_pk=row.user_pk,
        certificate_pk=row.pk,
        now=now,
    )
    return number


def give_up(act: Act, case: Case, key_id: str, *, staff_pk: int | None) -> None:
    """Revoke the certificate of a reception whose p12 never reached a stick, and close the reception (E-84, E-85).

    The medium may carry a part of a file, so it does not go back into the stock.
    """
    delivery = issues.delivery_of_for_update(act.session, case.pk)
    row = issues.certificate_of_for_update(act.session, case.pk)
    if delivery is not None:
        delivery.state = DeliveryState.VOIDED
    if row is not None:
        act.about(serial=row.serial)
        revoke(act.session, row, RevocationReason.UNDELIVERED, key_id, act.now)
    if case.medium_no is not None:
        medium = media_queries.by_number_for_update(act.session, case.medium_no, case.branch_pk)
        if medium is not None and medium.state == "in_use":
            untouched = delivery is None or delivery.tries == 0
            record_medium(
                act.session,
                medium,
                "in_stock" if untouched else "damaged",
                act.now,
                staff_pk,
                case.reception_no,
            )
    case.void_reason = RevocationReason.UNDELIVERED
    move(case, CaseState.VOIDED, act.now)
    act.record(medium_no=case.medium_no)
