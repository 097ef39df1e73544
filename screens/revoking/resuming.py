"""Taking up a revocation that was left, waits for an approval, or was approved and not executed."""

from kiosk.rules.operations import Transaction
from screens.app import KioskApp
from screens.issuing.journey import begin
from screens.revoking.by_phone import PhoneJourney
from screens.revoking.draft import RevokeDraft
from screens.revoking.journey import RevokeJourney


def resume_revocation(app: KioskApp, reception_no: str, by: Transaction) -> None:
    """Go on where the reception stands; what cannot be gone on with is told."""
    way = PhoneJourney if by is Transaction.EMERGENCY_REVOKE else RevokeJourney
    journey = way(app, RevokeDraft(by=by))
    begin(app, lambda: journey.resume(reception_no))
