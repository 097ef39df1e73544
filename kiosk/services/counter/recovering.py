"""After a crash: every interrupted issue of this terminal becomes a state that a person can read (I-2, E-85)."""

from collections.abc import Callable
from dataclasses import dataclass

from db.queries import issues
from kiosk.audit.events import EventTag
from kiosk.pki.signer import Signer
from kiosk.rules.cases import CaseState
from kiosk.rules.verification import CodeEnd
from kiosk.services.approved.revocations import give_up
from kiosk.services.counter._leftovers import void_reserved
from kiosk.services.desk.cases import back_to_step_3, the_case
from kiosk.services.desk.codes import end_live_code
from kiosk.services.desk.guard import Desk
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
        with self.desk.unattended(EventTag.RECOVERY_CERTIFICATE_VOIDED, reception_no=reception_no) as act:
            case = the_case(act.session, reception_no, None, CaseState.ISSUING)
            void_reserved(act, case, staff_pk=None)
        return True

    def _settle_signed(self, reception_no: str) -> bool:
        key_id = self.signer.facts().key_id
        with self.desk.unattended(EventTag.RECOVERY_CERTIFICATE_REVOKED, reception_no=reception_no) as act:
            case = the_case(act.session, reception_no, None, CaseState.ISSUED)
            give_up(act, case, key_id, staff_pk=None)
        return True

    def _end_session(self, reception_no: str) -> None:
        """The password died with the program: step 4 again, with a new code."""
        with self.desk.unattended(EventTag.RECOVERY_CODE_ENDED, reception_no=reception_no) as act:
            case = the_case(act.session, reception_no, None, *_AUTHENTICATED)
            end_live_code(act.session, case, CodeEnd.SESSION_OVER, act.now)
            back_to_step_3(case, act.now)
            act.record()
