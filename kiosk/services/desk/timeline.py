"""What happened to a user, from the records that tell it: receptions, certificates, locks."""

from collections.abc import Iterator
from typing import Final

from sqlmodel import Session

from db.queries import history
from db.tables.case import Case
from db.tables.certificate import Certificate
from db.tables.delivery import Delivery
from kiosk.audit.events import EventTag
from kiosk.rules.cases import CaseState
from kiosk.rules.revocation import RevocationReason
from kiosk.services.views import TimelineEntry

LONGEST_TIMELINE: Final = 100
"""Entries on a card; the journal holds the rest."""


def timeline_of(session: Session, user_pk: int) -> tuple[TimelineEntry, ...]:
    """The newest entries of a user, newest first."""
    entries = [
        *(
            TimelineEntry(at=row.at, tag=row.kind, detail=row.reception_no or "")
            for row in history.lock_events(session, user_pk, LONGEST_TIMELINE)
        ),
        *(entry for case in history.cases(session, user_pk, LONGEST_TIMELINE) for entry in _of_case(case)),
        *(
            entry
            for certificate, delivery in history.certificates(session, user_pk, LONGEST_TIMELINE)
            for entry in _of_certificate(certificate, delivery)
        ),
    ]
    return tuple(sorted(entries, key=lambda entry: entry.at, reverse=True)[:LONGEST_TIMELINE])


def _of_case(case: Case) -> Iterator[TimelineEntry]:
    yield TimelineEntry(at=case.opened_at, tag=EventTag.RECEPTION_OPENED, detail=case.reception_no)
    if case.closed_at is not None:
        ended = EventTag.CASE_DONE if case.state == CaseState.DONE else EventTag.RECEPTION_VOIDED
        yield TimelineEntry(at=case.closed_at, tag=ended, detail=case.reception_no)


def _of_certificate(certificate: Certificate, delivery: Delivery | None) -> Iterator[TimelineEntry]:
    serial = certificate.serial
    if certificate.issued_at is not None:
        yield TimelineEntry(at=certificate.issued_at, tag=EventTag.ISSUE_SIGNED, detail=serial)
    if delivery is not None and delivery.handed_over_at is not None:
        yield TimelineEntry(at=delivery.handed_over_at, tag=EventTag.HANDED_OVER, detail=serial)
    if certificate.revoked_at is not None:
        given_up = certificate.revocation_reason == RevocationReason.UNDELIVERED
        tag = EventTag.CERTIFICATE_ABANDONED if given_up else EventTag.CERTIFICATE_REVOKED
        yield TimelineEntry(at=certificate.revoked_at, tag=tag, detail=serial)
