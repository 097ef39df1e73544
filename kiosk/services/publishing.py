"""The CRL: what makes a revocation true for the web system."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from db.queries import certificates as certificate_queries
from db.queries import crl as crl_queries
from kiosk.audit.events import EventTag
from kiosk.audit.trail import Outcome
from kiosk.errors import KioskError
from kiosk.pki.ca_files import publish_crl
from kiosk.pki.crl import BACKDATED, LIFE, crl_window
from kiosk.pki.signer import CrlOrder, Signer
from kiosk.services._guard import Desk

KEPT_AFTER_EXPIRY = LIFE + BACKDATED
"""An entry stays until one list after its certificate expired (RFC 5280 3.3, I-14)."""

REISSUED_AFTER = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Publishing:
    """Build, sign and publish the full CRL."""

    desk: Desk
    signer: Signer
    folder: Path
    """Where relying parties read `crl.pem` and `crl.der`."""

    def publish(self) -> int:
        """Publish a list with a number above every earlier one; that number.

        The number is stored before the list is signed, so a crash may skip one and never uses one twice (I-14).
        Raises `SignerLocked`, `SignerUnavailable`, or OSError when the folder cannot be written: the revocation
        stands, and `publish_due` tries again.
        """
        key_id = self.signer.facts().key_id
        with self.desk.unattended(EventTag.CRL_PUBLISHED) as act:
            number = crl_queries.next_number(act.session, key_id)
            this_update, next_update = crl_window(act.now)
            order = CrlOrder(
                number=number,
                this_update=this_update,
                next_update=next_update,
                entries=certificate_queries.crl_entries(act.session, act.now - KEPT_AFTER_EXPIRY),
            )
        der = self.signer.sign_crl(order)
        with self.desk.unattended(EventTag.CRL_PUBLISHED) as act:
            state = crl_queries.state_for_update(act.session, key_id)
            if (state.published_number or 0) > number:
                return state.published_number or 0  # a later list, published meanwhile, holds all of this one
            publish_crl(self.folder, der)  # under the row's lock: two publishers never swap their files
            state.published_number, state.published_at = number, act.now
            state.this_update, state.next_update, state.der = this_update, next_update, der
            act.record(number=number, entries=len(order.entries))
        return number

    def publish_after_revocation(self) -> None:
        """Publish, and leave a trace instead of an error: a list that is late never undoes a revocation (E-93)."""
        try:
            self.publish()
        except (KioskError, OSError) as failure:
            code = failure.code if isinstance(failure, KioskError) else type(failure).__name__
            with suppress(KioskError):  # the registry is lost: the number that waits tells `publish_due`
                self.desk.note(None, EventTag.CRL_FAILED, outcome=Outcome.FAILED, code=code)

    def publish_due(self) -> bool:
        """Publish when a revocation waits for its list, or the last one is a day old; whether it did."""
        key_id = self.signer.facts().key_id
        now = self.desk.clock.now()
        with self.desk.database.reading() as session:
            state = crl_queries.state(session, key_id)
        if state is not None and state.published_at is not None:
            waits = (state.published_number or 0) < state.number
            if not waits and now - state.published_at < REISSUED_AFTER:
                return False
        self.publish_after_revocation()
        return True


def adopt_published(desk: Desk, key_id: str, number: int) -> None:
    """Go on above the list that was published when the CA was made or imported; a lower number changes nothing."""
    with desk.unattended(EventTag.CRL_PUBLISHED) as act:
        state = crl_queries.state_for_update(act.session, key_id)
        if number > state.number:
            state.number = state.published_number = number
            state.published_at = act.now
            act.record(number=number, adopted=True)
