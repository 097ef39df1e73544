"""After a crash: every interrupted issue of this terminal becomes a state that a person can read (I-2, E-85)."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from db.queries import issues
from db.tables.case import Case
from kiosk.audit.events import EventTag
from kiosk.pki.signer import Signer
from kiosk.rules.cases import CaseState
from kiosk.rules.verification import CodeEnd
from kiosk.services.approved.revocations import give_up
from kiosk.services.counter._leftovers import void_reserved
from kiosk.services.desk.cases import back_to_step_3, the_case
from kiosk.services.desk.codes import end_live_code
from kiosk.services.desk.guard import Act, Desk
from kiosk.services.desk.locks import catch_up_lock_letters

_AUTHENTICATED = (CaseState.PASSWORD_OK, CaseState.CODE_OK)


@dataclass(frozen=True, kw_only=True)
class RecoveryReport:
    """What start-up found, by reception number."""

    voided: tuple[str, ...]
    """Reserved and never signed: nothing was issued."""
    revoked: tuple[str, ...]
    """Signed, and its key died with the program."""
    waiting: tuple[str, ...]
    """Verified on a medium and not handed over: a person decides."""


@dataclass(frozen=True, kw_only=True)
class Recovering:
    """Run once at start-up, before anybody signs on."""

    desk: Desk
    signer: Signer
    terminal_pk: int
    """One program runs on a terminal, so what is unfinished here belongs to a program that is gone."""
    publish_crl: Callable[[], None]

    def recover(self) -> RecoveryReport:
        """Settle what the last run left behind; running it again changes nothing.

        What another terminal ends or takes up at this moment is left to it.

        Raises `SignerUnavailable` when the CA's facts cannot be read, `JournalNotWritable`, `DatabaseUnavailable`.
        """
        with self.desk.database.reading() as session:
            found = issues.open_on_terminal(session, self.terminal_pk)
            left = [(case.reception_no, CaseState(case.state)) for case in found]
        voided = [
            number for number, state in left if state is CaseState.ISSUING and self._settle_reserved(number)
        ]
        revoked = [
            number for number, state in left if state is CaseState.ISSUED and self._settle_signed(number)
        ]
        for number, state in left:
            if state in _AUTHENTICATED:
                self._end_session(number)
        catch_up_lock_letters(self.desk)
        if revoked:
            self.publish_crl()
        waiting = tuple(number for number, state in left if state is CaseState.DELIVERED)
        report = RecoveryReport(voided=tuple(voided), revoked=tuple(revoked), waiting=waiting)
        if left:
            self.desk.note(
                None,
                EventTag.RECOVERY_FINISHED,
                voided=len(report.voided),
                revoked=len(report.revoked),
                waiting=len(report.waiting),
            )
        return report

    def _settle_reserved(self, reception_no: str) -> bool:
        with self._settling(EventTag.RECOVERY_CERTIFICATE_VOIDED, reception_no, CaseState.ISSUING) as left:
            if left is not None:
                void_reserved(left.act, left.case, staff_pk=None)
        return left is not None

    def _settle_signed(self, reception_no: str) -> bool:
        key_id = self.signer.facts().key_id
        with self._settling(EventTag.RECOVERY_CERTIFICATE_REVOKED, reception_no, CaseState.ISSUED) as left:
            if left is not None:
                give_up(left.act, left.case, key_id, staff_pk=None)
        return left is not None

    def _end_session(self, reception_no: str) -> None:
        """The password died with the program: step 4 again, with a new code."""
        with self._settling(EventTag.RECOVERY_CODE_ENDED, reception_no, *_AUTHENTICATED) as left:
            if left is not None:
                end_live_code(left.act.session, left.case, CodeEnd.SESSION_OVER, left.act.now)
                back_to_step_3(left.case, left.act.now)
                left.act.record()

    @contextmanager
    def _settling(self, tag: EventTag, reception_no: str, *states: CaseState) -> Iterator["_Left | None"]:
        """The reception, its row locked, when it is still this terminal's and in one of `states`."""
        with self.desk.unattended(tag, reception_no=reception_no) as act:
            case = the_case(act.session, reception_no, None)
            still_ours = case.terminal_pk == self.terminal_pk and case.state in states
            yield _Left(act=act, case=case) if still_ours else None


@dataclass(frozen=True, kw_only=True)
class _Left:
    """A reception that the last run left behind, in the transaction that settles it."""

    act: Act
    case: Case
