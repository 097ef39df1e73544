"""A stick that was lost, not opened or damaged: the report is taken down, and what follows from it is told (R-85)."""

from db.queries import certificates as certificate_queries
from db.tables.case import Case
from db.tables.certificate import Certificate
from db.tables.user import User
from kiosk.errors import NothingSelected
from kiosk.rules.cases import CaseState
from kiosk.rules.certificates import CertificateState
from kiosk.rules.deliveries import StickReport, consequence, reported_as
from kiosk.rules.operations import LIVE_STANDINGS
from kiosk.rules.revocation import RevocationReason
from kiosk.rules.validity import standing
from kiosk.services.acting import Actor
from kiosk.services.approved.asking import Askable
from kiosk.services.approved.revocations import end_delivery
from kiosk.services.approved.views import GiveUpRequest, RevokeRequest, StickReported
from kiosk.services.desk.guard import Act

REPORTABLE = (
    CaseState.USER_CHOSEN,
    CaseState.TRANSACTION_CHOSEN,
    CaseState.ISSUED,
    CaseState.DELIVERED,
)
"""States of a reception in which a customer, or the clerk, can tell about a stick."""


def take_down(
    act: Act, case: Case, user: User, actor: Actor, serial: str, report: StickReport, askable: Askable
) -> StickReported:
    """Note a report and say what to ask for next; raises `NothingSelected` for a certificate of nobody here."""
    row = certificate_queries.by_serial_for_update(act.session, serial, act.scope)
    if row is None or row.user_pk != user.pk or row.state == CertificateState.RESERVED:
        raise NothingSelected
    act.record(serial=serial, report=report)
    if row.state == CertificateState.SIGNED:  # it was never verified on a stick: nobody holds the key
        return _reported(case, row, report, give_up_at_once=True)
    end_delivery(act, row, reported_as(report))
    if not _is_live(act, row):
        return _reported(case, row, report)
    issued_by = act.session.get_one(Case, row.case_pk)
    if issued_by.state == CaseState.DELIVERED:
        return _reported(issued_by, row, report, GiveUpRequest(outcome=reported_as(report)))
    can_go_on = askable.second_act_refusal(act, case, user, actor, row) is None
    request = RevokeRequest(
        serial=serial,
        reason=consequence(reported_as(report)).reason or RevocationReason.OTHER,
        then_reissue=consequence(reported_as(report)).reissue and can_go_on,
    )
    return _reported(case, row, report, request)


def _reported(
    case: Case,
    row: Certificate,
    report: StickReport,
    request: RevokeRequest | GiveUpRequest | None = None,
    *,
    give_up_at_once: bool = False,
) -> StickReported:
    return StickReported(
        serial=row.serial,
        request=request,
        ask_in=case.reception_no,
        reissue=consequence(reported_as(report)).reissue,
        give_up_at_once=give_up_at_once,
    )


def _is_live(act: Act, row: Certificate) -> bool:
    revoked = row.state == CertificateState.REVOKED
    return standing(row.last_valid_date, revoked, act.now) in LIVE_STANDINGS
