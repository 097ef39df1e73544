"""The CRL: what makes a revocation true for the web system."""

import errno
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Final

from cryptography import x509

from db.queries import crl as crl_queries
from kiosk.audit.events import EventTag
from kiosk.audit.trail import Outcome
from kiosk.errors import CrlFolderUnusable, CrlRefused, FolderProblem, KioskError, ListProblem
from kiosk.pki.ca_files import publish_crl
from kiosk.pki.crl_reading import ReadCrl, read_crl
from kiosk.pki.signer import AuthorityFacts, CrlOrder, Signer
from kiosk.services._crl_orders import Ordered, may_follow, ordered, standing_list
from kiosk.services._guard import Desk
from kiosk.services._hook import Hook

REISSUED_AFTER: Final = timedelta(days=1)
NO_HOOK: Final = Hook()
ATTEMPTS: Final = 5
"""Against others who publish at the same time."""

_FULL: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_GONE: Final = (errno.ENOENT, errno.ENOTDIR, errno.ESTALE, errno.ENODEV)


@dataclass
class _Latest:
    """What need not be told or verified again."""

    trouble: str = ""
    standing: ReadCrl | None = None
    """The list in the folder that verified last."""


@dataclass(frozen=True, kw_only=True)
class Publishing:
    """Build, sign and publish the full CRL, and tell the web system."""

    desk: Desk
    signer: Signer
    folder: Path
    """Where relying parties read `crl.pem` and `crl.der`."""
    hook: Hook = NO_HOOK
    _latest: _Latest = field(default_factory=_Latest, init=False, repr=False)

    def publish(self) -> int:
        """Publish a list with a number above every earlier one, and run the hook; the number in force afterwards.

        The number is stored before the list is signed, so a crash may skip one and never uses one twice; number and
        thisUpdate never go back, whatever the clock or a restored registry says (I-14). Raises `SignerLocked`,
        `SignerUnavailable`, `CrlFolderUnusable` or `CrlRefused`, journaled: the revocation stands, the list before
        stays in force, and `publish_due` tries again. A hook that fails is journaled and shown, never raised.
        """
        try:
            return self._publish()
        except KioskError as failure:
            self._tell(failure)
            raise

    def publish_after_revocation(self) -> None:
        """Publish, and leave a trace instead of an error: a list that is late never undoes a revocation (E-93)."""
        with suppress(KioskError):
            self.publish()

    def publish_due(self) -> bool:
        """Do what is due, and whether anything was: a list for a revocation that waits, or for a new day; the list
        of the registry into a folder that lost it; the hook that failed."""
        try:
            done = self._do_due()
        except KioskError as failure:
            if failure.code != self._latest.trouble:  # a lasting trouble is told once
                self._tell(failure)
            self._latest.trouble = failure.code
            return True
        self._latest.trouble = ""
        return done

    @property
    def trouble(self) -> str:
        """Message code of what kept the last `publish_due` from its end; empty when nothing did."""
        return self._latest.trouble

    def _do_due(self) -> bool:
        facts = self.signer.facts()
        now = self.desk.clock.now()
        with self.desk.database.reading() as session:
            state = crl_queries.state(session, facts.key_id)
        if state is None or state.published_number is None or state.published_at is None:
            self._publish()
            return True
        if state.published_number < state.number or now - state.published_at >= REISSUED_AFTER:
            self._publish()
            return True
        standing = self._standing(facts)
        if standing is None or standing.number < state.published_number:
            self._put_back(facts)
            return True
        if self.hook.command and state.announced_number != state.published_number:
            return self._announce(facts.key_id, state.published_number)
        return False

    def _publish(self) -> int:
        facts = self.signer.facts()
        for _ in range(ATTEMPTS):
            wanted = self._ordered(facts)
            der = self.signer.sign_crl(wanted.order)
            _require_as_ordered(der, wanted.order, _certificate(facts))
            number = self._replace(facts, wanted, der)
            if number is not None:
                self._announce(facts.key_id, number)
                return number
        raise CrlRefused(why=ListProblem.OVERTAKEN)

    def _ordered(self, facts: AuthorityFacts) -> Ordered:
        standing = self._standing(facts)
        with self.desk.unattended(EventTag.CRL_PUBLISHED) as act:
            state = crl_queries.state_for_update(act.session, facts.key_id)
            return ordered(act.session, state, standing, act.now)

    def _replace(self, facts: AuthorityFacts, wanted: Ordered, der: bytes) -> int | None:
        """Put the list into the folder; the number in force, or None when a newer one came in between.

        Under the row's lock, so that two publishers never swap their files.
        """
        order = wanted.order
        try:
            with self.desk.unattended(EventTag.CRL_PUBLISHED) as act:
                state = crl_queries.state_for_update(act.session, facts.key_id)
                if (state.published_number or 0) > order.number:
                    return state.published_number  # it was ordered later, so it holds all of this one
                if not may_follow(order, self._standing(facts)):
                    return None
                publish_crl(self.folder, der)
                state.published_number, state.published_at = order.number, act.now
                state.this_update, state.next_update, state.der = order.this_update, order.next_update, der
                behind = int(wanted.behind.total_seconds())
                act.about(number=order.number, entries=wanted.count)
                if wanted.carried:
                    act.about(carried=wanted.carried)
                if behind:
                    act.about(clock_behind_seconds=behind)
                act.record()
        except OSError as failure:
            raise self._folder_unusable(failure) from None
        return order.number

    def _put_back(self, facts: AuthorityFacts) -> None:
        """Put the list that the registry keeps into a folder that has an older one or none; no key is needed."""
        try:
            with self.desk.unattended(EventTag.CRL_PUBLISHED) as act:
                state = crl_queries.state_for_update(act.session, facts.key_id)
                standing = self._standing(facts)
                kept, number = state.der, state.published_number
                known = kept is not None and (standing is None or standing.number < read_crl(kept).number)
                if kept is not None and known:
                    publish_crl(self.folder, kept)
                    act.record(number=number, put_back=True)
        except OSError as failure:
            raise self._folder_unusable(failure) from None
        if not known or number is None:
            self._publish()
        else:
            self._announce(facts.key_id, number)

    def _standing(self, facts: AuthorityFacts) -> ReadCrl | None:
        self._latest.standing = standing_list(self.folder, _certificate(facts), self._latest.standing)
        return self._latest.standing

    def _announce(self, key_id: str, number: int) -> bool:
        """Run the hook and store what came of it; whether there was anything to run or to tell."""
        if not self.hook.command:
            return False
        failure = self.hook.run(self.folder, number)
        with self.desk.unattended(EventTag.CRL_ANNOUNCED) as act:
            state = crl_queries.state_for_update(act.session, key_id)
            news = failure != state.announce_failure
            state.announce_failure = failure
            if failure is None:
                state.announced_number = number
                act.record(number=number)
        if failure is not None and news:
            self.desk.note(
                None, EventTag.CRL_NOT_ANNOUNCED, outcome=Outcome.FAILED, number=number, reason=failure
            )
        return True

    def _folder_unusable(self, failure: OSError) -> CrlFolderUnusable:
        if failure.errno in _FULL:
            why = FolderProblem.FULL
        elif failure.errno in _GONE:
            why = FolderProblem.MISSING
        else:
            why = FolderProblem.NOT_WRITABLE
        return CrlFolderUnusable(folder=str(self.folder), why=why)

    def _tell(self, failure: KioskError) -> None:
        why = failure.why if isinstance(failure, CrlFolderUnusable | CrlRefused) else None
        with suppress(KioskError):  # the registry is lost: the number that waits tells `publish_due`
            self.desk.note(None, EventTag.CRL_FAILED, outcome=Outcome.FAILED, code=failure.code, reason=why)


def _certificate(facts: AuthorityFacts) -> x509.Certificate:
    return x509.load_der_x509_certificate(facts.certificate_der)


def _require_as_ordered(der: bytes, order: CrlOrder, ca: x509.Certificate) -> None:
    """What leaves the house is what was ordered, and verifies; whatever the signer says."""
    made = read_crl(der)
    told = (made.number, made.this_update, made.next_update)
    as_told = told == (order.number, order.this_update, order.next_update) and made.holds(order.entries)
    if not as_told or not made.is_signed_by(ca):
        raise CrlRefused(why=ListProblem.NOT_AS_ORDERED)


def adopt_published(desk: Desk, key_id: str, number: int) -> None:
    """Go on above the list that was published when the CA was made or imported; a lower number changes nothing."""
    with desk.unattended(EventTag.CRL_PUBLISHED) as act:
        state = crl_queries.state_for_update(act.session, key_id)
        if number > state.number:
            state.number = state.published_number = number
            state.published_at = act.now
            act.record(number=number, adopted=True)
