"""The CRL: what makes a revocation true for the web system."""

import errno
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Final

from cryptography import x509

from db.queries import crl as crl_queries
from kiosk.audit.events import EventTag
from kiosk.audit.trail import Outcome
from kiosk.errors import CrlFolderUnusable, CrlRefused, FolderProblem, KioskError, ListProblem
from kiosk.pki.ca_files import PemAhead, new_crl, publish_crl
from kiosk.pki.crl_reading import HashAhead, ReadCrl, read_crl
from kiosk.pki.signer import AuthorityFacts, CrlOrder, Signer
from kiosk.services.crl._beside import Beside
from kiosk.services.crl._orders import (
    Ordered,
    Stands,
    keep_list,
    kept_list,
    may_follow,
    ordered,
    ordered_after,
    standing_list,
)
from kiosk.services.crl.drafts import Draft, NextList
from kiosk.services.crl.entries import InForce, Made, Taken
from kiosk.services.crl.hook import Hook
from kiosk.services.desk.guard import Act, Desk

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
    standing: Stands | None = None
    """The list in the folder that verified last."""
    made: Made | None = None
    """The list that was published last from here."""
    pem: PemAhead | None = None
    """Its text form."""


@dataclass(frozen=True, kw_only=True)
class Publishing:
    """Build, sign and publish the full CRL, and tell the web system."""

    desk: Desk
    signer: Signer
    folder: Path
    """Where relying parties read `crl.pem` and `crl.der`."""
    hook: Hook = NO_HOOK
    _latest: _Latest = field(default_factory=_Latest, init=False, repr=False)
    _beside: Beside = field(default_factory=Beside, init=False, repr=False)

    def publish(self) -> int:
        """Publish a list with a number above every earlier one, and run the hook; the number in force afterwards.

        The number is stored before the list is signed, so a crash may skip one and never uses one twice; number and
        thisUpdate never go back, whatever the clock or a restored registry says (I-14). Raises `SignerLocked`,
        `SignerUnavailable`, `CrlFolderUnusable` or `CrlRefused`, journaled: the revocation stands, the list before
        stays in force, and `publish_due` tries again. A hook that fails is journaled and shown, never raised.
        """
        return self._published(None).number

    def publish_after_revocation(self) -> None:
        """Publish, and leave a trace instead of an error: a list that is late never undoes a revocation (E-93)."""
        with suppress(KioskError):
            self.publish()

    @contextmanager
    def next_list(self) -> Iterator[NextList]:
        """For a revocation that takes a number for its list; what was drafted and not published is gone afterwards.

        The list bears that number, and when no other was taken since the last one, it is the last one and one entry
        more: nothing is read from the registry. It is drafted while the revocation is being stored, and signed when
        that has ended well. Once it lies in the folder the registry's note of it is stored in the background
        (`settle` waits for it); if that fails it is journaled, and `publish_due` finds no note and publishes the next
        list, as after a crash at that place.
        """
        made = NextList(self._beside, self._one_more, self._publish_next)
        try:
            yield made
        finally:
            made.give_up()

    def _publish_next(self, made: NextList) -> InForce | None:
        with suppress(KioskError):
            return self._published(made)
        return None

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

    def settle(self) -> None:
        """Wait until the registry has noted the list that was published last from here."""
        self._beside.settle()

    @property
    def trouble(self) -> str:
        """Message code of what kept the last `publish_due` from its end; empty when nothing did."""
        return self._latest.trouble

    def _do_due(self) -> bool:
        self.settle()
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

    def _published(self, made: NextList | None) -> InForce:
        try:
            return self._publish(made)
        except KioskError as failure:
            self._tell(failure)
            raise

    def _publish(self, made: NextList | None = None) -> InForce:
        self.settle()
        facts = self.signer.facts()
        draft = None if made is None else made.draft()
        for _ in range(ATTEMPTS):
            with draft or self._draft(facts, self._ordered(facts)) as draft:
                in_force = self._signed(facts, draft, note_later=made is not None)
            if in_force is not None:
                self._announce(facts.key_id, in_force.number)
                return in_force
            draft = None
        raise CrlRefused(why=ListProblem.OVERTAKEN)

    def _signed(self, facts: AuthorityFacts, draft: Draft, *, note_later: bool) -> InForce | None:
        order = draft.wanted.order
        der = self.signer.sign_crl(order, draft.make)
        crl = _as_ordered(der, order, facts.certificate, draft.hashed)
        draft.settle()
        return self._replace(facts, draft, crl, note_later=note_later)

    def _one_more(self, taken: Taken) -> Draft | None:
        """The list of this revocation, made from the one before; None when that is not all there is to it."""
        facts = self.signer.facts()
        made, standing = self._latest.made, self._standing(facts)
        if made is None or standing is None or not made.is_followed_by(taken, standing):
            return None
        return self._draft(facts, ordered_after(taken, made, self.desk.clock.now()))

    def _draft(self, facts: AuthorityFacts, wanted: Ordered) -> Draft:
        stands = self._latest.standing
        begin = stands.crl.entries_begin if stands else 0
        return Draft(
            self._beside, self.folder, wanted, facts.certificate, begin=begin, before=self._latest.pem
        )

    def _ordered(self, facts: AuthorityFacts) -> Ordered:
        standing = self._standing(facts)
        with self.desk.unattended(EventTag.CRL_PUBLISHED) as act:
            state = crl_queries.state_for_update(act.session, facts.key_id)
            return ordered(act.session, state, standing, act.now)

    def _replace(
        self, facts: AuthorityFacts, draft: Draft, made: ReadCrl, *, note_later: bool
    ) -> InForce | None:
        """Put the list into the folder; the one in force, or None when a newer one came in between.

        Under the row's lock, so that two publishers never swap their files.
        """
        wanted = draft.wanted
        try:
            with ExitStack() as opened:
                ready = opened.enter_context(new_crl(self.folder, made, draft.ahead))
                ready.sync()
                act = opened.enter_context(self.desk.unattended(EventTag.CRL_PUBLISHED))
                number, published_at = crl_queries.published_for_update(act.session, facts.key_id)
                if published_at is not None and (number or 0) > made.number:
                    # it was ordered later, so it holds all of this one
                    return InForce(number=number or 0, published_at=published_at)
                if not may_follow(wanted.order, self._standing(facts)):
                    return None
                ready.put_in_place()
                note = partial(_note_published, facts.key_id, wanted, made, act)
                if note_later:
                    self._beside.note(note, opened.pop_all(), self._tell)
                else:
                    note()
        except OSError as failure:
            raise self._folder_unusable(failure) from None
        if not wanted.carried:
            self._latest.made = Made(crl=made, entries=wanted.entries)
        self._latest.standing, self._latest.pem = Stands(crl=made, mark=None), draft.ahead.pem
        return InForce(number=made.number, published_at=act.now)

    def _put_back(self, facts: AuthorityFacts) -> None:
        """Give the folder the registry's list again: it was lost, or another terminal has published since."""
        try:
            with self.desk.unattended(EventTag.CRL_PUBLISHED) as act:
                state = crl_queries.state_for_update(act.session, facts.key_id)
                standing = self._standing(facts)
                kept = kept_list(act.session, state, facts.certificate)
                known = kept is not None and (standing is None or standing.number < kept.number)
                if kept is not None and known:
                    publish_crl(self.folder, kept.data)
                    act.record(number=kept.number, put_back=True)
        except OSError as failure:
            raise self._folder_unusable(failure) from None
        if kept is None or not known:
            self._publish()
        else:
            self._announce(facts.key_id, kept.number)

    def _standing(self, facts: AuthorityFacts) -> ReadCrl | None:
        stands = standing_list(self.folder, facts.certificate, self._latest.standing)
        self._latest.standing = stands
        return None if stands is None else stands.crl

    def _announce(self, key_id: str, number: int) -> bool:
        """Run the hook and store what came of it; whether there was anything to run or to tell."""
        if not self.hook.command:
            return False
        failure = self.hook.run(self.folder, number)
        self.settle()
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

    def _tell(self, failure: Exception) -> None:
        code = failure.code if isinstance(failure, KioskError) else None
        reason: str | None = type(failure).__name__ if code is None else None
        if isinstance(failure, CrlFolderUnusable | CrlRefused):
            reason = failure.why
        with suppress(KioskError):  # the registry is lost: the number that waits tells `publish_due`
            self.desk.note(None, EventTag.CRL_FAILED, outcome=Outcome.FAILED, code=code, reason=reason)


def _as_ordered(der: bytes, order: CrlOrder, ca: x509.Certificate, hashed: HashAhead) -> ReadCrl:
    """What leaves the house is what was ordered, and verifies; whatever the signer says."""
    made = read_crl(der)
    told = (made.number, made.this_update, made.next_update)
    as_told = told == (order.number, order.this_update, order.next_update) and made.holds(order.entries)
    if not as_told or not made.is_signed_by(ca, hashed):
        raise CrlRefused(why=ListProblem.NOT_AS_ORDERED)
    return made


def _note_published(key_id: str, wanted: Ordered, made: ReadCrl, act: Act) -> None:
    state = crl_queries.state_for_update(act.session, key_id)
    keep_list(state, wanted, made)
    state.published_number, state.published_at = made.number, act.now
    behind = int(wanted.behind.total_seconds())
    act.about(number=made.number, entries=wanted.count)
    if wanted.carried:
        act.about(carried=wanted.carried)
    if behind:
        act.about(clock_behind_seconds=behind)
    act.record()


def adopt_published(desk: Desk, key_id: str, number: int) -> None:
    """Go on above the list that was published when the CA was made or imported; a lower number changes nothing."""
    with desk.unattended(EventTag.CRL_PUBLISHED) as act:
        state = crl_queries.state_for_update(act.session, key_id)
        if number > state.number:
            state.number = state.published_number = number
            state.published_at = act.now
            act.record(number=number, adopted=True)
