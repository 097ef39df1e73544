"""What a revocation stores; who may ask for one is decided by the use case."""

from collections.abc import Mapping
from datetime import datetime

from sqlmodel import Session

from db.queries import cases as case_queries
from db.queries import certificates as certificate_queries
from db.queries import crl as crl_queries
from db.queries import deliveries as delivery_queries
from db.queries import issues
from db.tables.case import Case
from db.tables.certificate import Certificate
from kiosk.pki.crl import entry_der
from kiosk.rules import deliveries
from kiosk.rules.cases import SECOND_ACT_AGAIN, CaseState
from kiosk.rules.certificates import CertificateState, may_move
from kiosk.rules.deliveries import UNDELIVERED_STATES, DeliveryState
from kiosk.rules.naming import serial_value
from kiosk.rules.notices import NoticeKind
from kiosk.rules.revocation import RevocationReason, rfc5280_code
from kiosk.services.crl.entries import Taken
from kiosk.services.desk.cases import back_to_step_3, first_act, let_go_of_medium, move
from kiosk.services.desk.guard import Act
from kiosk.services.desk.outbox import queue_notice

_ISSUED_AND_OPEN = (CaseState.ISSUED, CaseState.DELIVERED)

_DELIVERY_AFTER: Mapping[RevocationReason, DeliveryState] = {
    RevocationReason.MEDIUM_LOST: DeliveryState.LOST,
    RevocationReason.P12_UNOPENED: DeliveryState.DAMAGED,
}
"""What a reason tells about the medium."""


def revoke(
    session: Session, row: Certificate, reason: RevocationReason, key_id: str, now: datetime, revoked_in: str
) -> Taken:
    """Revoke a signed certificate in a reception; what there is to tell to whoever makes the CRL that must list it.

    State, CRL entry and the next CRL number are stored together, so that no published list can miss it (I-15). The
    caller holds the row's lock and publishes after its commit.
    """
    if not may_move(CertificateState(row.state), CertificateState.REVOKED):
        raise AssertionError("only a signed certificate that is not yet revoked is revoked")
    crl = crl_queries.take_number(session, key_id)
    certificate_queries.store_revocation(
        session,
        row,
        CertificateState.REVOKED,
        now,
        reason=reason,
        entry=entry_der(serial_value(row.serial), now, rfc5280_code(reason)),
        crl_number=crl.number,
        reception_no=revoked_in,
    )
    queue_notice(
        session,
        kind=NoticeKind.REVOKED,
        dedupe=f"revoked:{row.serial}",
        user_pk=row.user_pk,
        certificate_pk=row.pk,
        now=now,
    )
    return Taken(state=crl, row=row)


def lock_issuing_reception(act: Act, case: Case, serial: str) -> Case | None:
    """Lock the reception that issued a certificate before any user is locked: it may be at work at this moment.

    A delivery there locks its reception first and the user second; the other way round the two would wait for ever.
    Gives the reception when it is another than `case` and waits to hand the certificate over.
    """
    found = certificate_queries.issued_for_update(act.session, serial, act.scope)
    if found is None or found.certificate.case_pk == case.pk or found.case_state not in _ISSUED_AND_OPEN:
        return None
    return case_queries.by_pk_for_update(act.session, found.certificate.case_pk)


def revoke_by_serial(
    act: Act,
    case: Case,
    serial: str,
    reason: RevocationReason,
    key_id: str,
    staff_pk: int,
    waiting: Case | None,
    delivery: DeliveryState | None = None,
) -> Taken:
    """Revoke the certificate of this serial in the reception `case`, and end the delivery it was still in.

    In whatever branch its user is by now: who may revoke it was asked before. `delivery` is what became of it; without
    it the reason tells. The reception that is `waiting` to hand the certificate over, its row locked, has nothing to
    hand over any more: it ends.
    """
    row = certificate_queries.by_serial_for_update(act.session, serial, None)
    if row is None:
        raise AssertionError("what is revoked was looked at before")
    taken = revoke(act.session, row, reason, key_id, act.now, case.reception_no)
    end_delivery(act, row, delivery or _DELIVERY_AFTER.get(reason, DeliveryState.VOIDED))
    if waiting is not None:
        close_unissued(act, waiting, reason, staff_pk=staff_pk)
    return taken


def end_delivery(act: Act, row: Certificate, state: DeliveryState) -> None:
    """Note what became of a certificate's delivery, as far as its state allows; a finished one stays what it was."""
    delivery = delivery_queries.of_certificate_for_update(act.session, row.pk)
    if delivery is None:
        return
    if state is DeliveryState.VOIDED and delivery.state not in UNDELIVERED_STATES:
        return
    if deliveries.may_move(DeliveryState(delivery.state), state):
        delivery.state = state
    elif delivery.state in UNDELIVERED_STATES:
        delivery.state = DeliveryState.VOIDED


def close_unissued(act: Act, case: Case, reason: RevocationReason, *, staff_pk: int | None) -> None:
    """End a reception whose certificate is revoked before it reached its user.

    A change of PC goes back to step 3 instead: its second act is still owed (E-75).
    """
    let_go_of_medium(act.session, case, act.now, staff_pk)
    if first_act(act.session, case) is None:
        case.void_reason = reason
        move(case, CaseState.VOIDED, act.now)
    else:
        back_to_step_3(case, act.now, SECOND_ACT_AGAIN)
        case.medium_no = None


def give_up(act: Act, case: Case, key_id: str, *, staff_pk: int | None) -> None:
    """Revoke the certificate of a reception whose p12 never reached a stick, and end the reception (E-84, E-85).

    The medium may carry a part of a file, so it does not go back into the stock.
    """
    row = issues.certificate_of_for_update(act.session, case.pk)
    medium_no = case.medium_no
    if row is not None:
        act.about(serial=row.serial)
        revoke(act.session, row, RevocationReason.UNDELIVERED, key_id, act.now, case.reception_no)
        end_delivery(act, row, DeliveryState.VOIDED)
    close_unissued(act, case, RevocationReason.UNDELIVERED, staff_pk=staff_pk)
    act.record(medium_no=medium_no)
