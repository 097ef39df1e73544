"""Steps 4 and 5: the customer's own password, then the code from the customer's own mailbox."""

import hmac
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from secrets import randbelow

from db.queries import codes, users
from db.tables.case import Case
from db.tables.user import User
from db.tables.verification_code import VerificationCode
from kiosk.audit.events import EventTag
from kiosk.errors import (
    BadInput,
    CannotCheckNow,
    CaseNotOpen,
    CodeDead,
    CodeExpired,
    CodeMailFailed,
    KioskError,
    TooManyCodes,
    WrongCode,
)
from kiosk.rules import verification
from kiosk.rules.approvals import ApprovalSubject
from kiosk.rules.cases import CaseState
from kiosk.rules.credentials import check_code, check_password, check_user_id
from kiosk.rules.lockout import Charged, Refused, after_right, charge, take_back
from kiosk.rules.notices import NoticeKind
from kiosk.rules.roles import Permission
from kiosk.rules.service_hours import ServiceHours
from kiosk.rules.texts import mask_email
from kiosk.rules.verification import CODE_DIGITS, CodeEnd
from kiosk.secret import Secret
from kiosk.services.acting import Actor
from kiosk.services.approved.requests import approved
from kiosk.services.counter._parked import code_state, waiting_code
from kiosk.services.desk.cases import back_to_step_3, move, require_possible, the_issue, the_user
from kiosk.services.desk.codes import end_live_code, keyed_digest
from kiosk.services.desk.guard import Act, Desk, partly_stored
from kiosk.services.desk.held import HeldPasswords
from kiosk.services.desk.locks import (
    queue_lock_notice,
    record_lock_event,
    standing_refusal,
    wrong_password_refusal,
)
from kiosk.services.desk.outbox import CodeVault, queue_notice
from kiosk.services.desk.row_views import lock_state_of, store_lock_state
from kiosk.services.staff.passwords import PasswordHasher
from kiosk.services.views import CodeSent

_BEFORE_THE_ISSUE = (CaseState.TRANSACTION_CHOSEN, CaseState.PASSWORD_OK, CaseState.CODE_OK)


@dataclass(frozen=True, kw_only=True)
class _Try:
    """A password try that was counted and may now be compared; None stands for an ID of somebody else."""

    user_pk: int
    """Of the reception's user when it was counted."""
    stored_hash: str | None
    charged: Charged | None


@dataclass(frozen=True, kw_only=True)
class Authenticating:
    """Check the password that the customer typed, mail a code, check the code."""

    desk: Desk
    hasher: PasswordHasher
    vault: CodeVault
    passwords: HeldPasswords
    hours: ServiceHours
    code_key: bytes
    """Keys the digest of the codes; never in the database."""
    get_ready: Callable[[Secret], None]
    """Tell the signer that a certificate under this password is about to be issued."""
    send_now: Callable[[int], bool]
    """Send one queued letter in the foreground; False when it could not be sent."""
    needs_approval: bool = False
    """Whether a supervisor agrees to an issue before the password is typed (DOMAIN 3.2.5)."""

    def submit_password(
        self, actor: Actor, reception_no: str, typed_user_id: str, password: Secret
    ) -> CodeSent:
        """Step 4: count the try, compare, and mail a code when it was right (R-44, R-47).

        The try is stored before the password is compared, so no number of terminals and no power cut gives a try
        back (I-9). A right password clears the count even when a certificate in force closes the door (E-29).

        Raises `BadInput` for a wrong shape, which counts as nothing (E-32); `WrongCredentials`, `LockedNow`,
        `StillLocked`, `MasterBlocked`, `GeneralBlocked`; after a right password the refusals of the door,
        `TooManyCodes` and `CodeMailFailed`;
        where the settings want an approval, `ApprovalNeeded`, `ApprovalExpired` or `ApprovalStale` before all that;
        `CannotCheckNow` when the machine has no memory left for the hash, with
        the try taken back; `OutcomeUnknown` when the registry is lost after the try was counted.
        """
        _require_shapes(typed_user_id, password)
        counted = self._count(actor, reception_no, typed_user_id)
        with partly_stored():
            return self._judge_password(actor, reception_no, counted, password)

    def _judge_password(self, actor: Actor, reception_no: str, counted: _Try, password: Secret) -> CodeSent:
        try:
            right = self.hasher.matches(password, counted.stored_hash)
        except CannotCheckNow:
            self._take_back(actor, reception_no, counted)
            raise
        if counted.charged is None or not right:
            self._refuse_wrong(actor, reception_no, counted)
        notice_pk, code_sent = self._accept(actor, reception_no, counted, password)
        if notice_pk is not None and not self.send_now(notice_pk):
            self._end_unsent_code(actor, reception_no)
            raise CodeMailFailed
        return code_sent

    def submit_code(self, actor: Actor, reception_no: str, code: Secret) -> None:
        """Step 5: accept the mailed code once, for this reception and session only (R-60, R-61, I-7).

        Raises `BadInput` for a wrong shape, `WrongCode`, `CodeExpired`, or `CodeDead` at the sixth wrong one, which
        never counts towards a lock (E-55); the refusal of a lock or block that came from elsewhere (E-57).
        """
        problem = check_code(code.reveal())
        if problem is not None:
            raise BadInput(field="code", problem=problem)
        try:
            now = self._try_code(actor, reception_no, code)
        except CodeDead:
            self.passwords.wipe(
                reception_no
            )  # tells the signer, which may be busy, so not inside the transaction
            raise
        password = self.passwords.of(reception_no, now)
        if password is not None:
            with suppress(KioskError):  # a signer that is away is told when it is needed
                self.get_ready(password)

    def cancel_to_password(self, actor: Actor, reception_no: str) -> None:
        """[キャンセル] on step 5: the code is spent and step 4 comes back (R-65, E-54)."""
        self._cancel(actor, reception_no, EventTag.CODE_CANCELLED)

    def cancel_to_menu(self, actor: Actor, reception_no: str) -> None:
        """[キャンセル] on steps 4 and 6: nothing was issued, the code is spent (R-45, R-71, E-54)."""
        self._cancel(actor, reception_no, EventTag.AUTHENTICATION_CANCELLED)

    def forget_passwords(self) -> None:
        """Wipe what waits for an issue: the screen was locked or the operator signed off (DOMAIN 3.5)."""
        self.passwords.wipe_all()

    def _cancel(self, actor: Actor, reception_no: str, tag: EventTag) -> None:
        self.passwords.wipe(reception_no)
        with self.desk.acting(actor, Permission.ISSUE, tag, reception_no=reception_no) as act:
            case = the_issue(act.session, reception_no, act.scope, *_BEFORE_THE_ISSUE)
            end_live_code(act.session, case, CodeEnd.CANCELLED, act.now)
            back_to_step_3(case, act.now)
            act.record()

    def _count(self, actor: Actor, reception_no: str, typed_user_id: str) -> _Try:
        """Store the try before it is compared. An ID that is not this reception's counts for nobody (E-31)."""
        with self.desk.acting(
            actor, Permission.ISSUE, EventTag.PASSWORD_REFUSED, reception_no=reception_no
        ) as act:
            case = the_issue(act.session, reception_no, act.scope, *_BEFORE_THE_ISSUE)
            user = the_user(act.session, case)
            act.about(user_id=user.user_id)
            counted = _Try(user_pk=user.pk, stored_hash=None, charged=None)
            before = lock_state_of(user)
            refusal = standing_refusal(user.role, before, act.now)
            if refusal is not None:
                act.refuse(refusal)
            elif self.needs_approval and approved(act, case, actor, ApprovalSubject.ISSUE) is None:
                return counted  # refused: no password is looked at
            elif typed_user_id == user.user_id:
                charged = charge(before, act.now)
                if isinstance(charged, Refused):
                    raise AssertionError("a try that the standing allows is not refused")
                store_lock_state(user, charged.state)
                user.charged_at = act.now
                if waiting_code(act.session, case, actor.session, act.now) is None:
                    end_live_code(act.session, case, CodeEnd.REPLACED, act.now)
                back_to_step_3(case, act.now)  # what an earlier password opened is closed again
                case.session = actor.session
                case.terminal_pk = actor.terminal.terminal_pk  # whoever goes on with it settles it (E-85)
                counted = replace(counted, stored_hash=user.password_hash, charged=charged)
        return counted

    def _take_back(self, actor: Actor, reception_no: str, counted: _Try) -> None:
        """The hash could not be computed: that is nobody's wrong password."""
        with self.desk.acting(
            actor, Permission.ISSUE, EventTag.PASSWORD_NOT_CHECKED, finishing=True, reception_no=reception_no
        ) as act:
            user = _who_tried(act, counted)
            before = take_back(lock_state_of(user), counted.charged) if counted.charged else None
            if before is not None:
                store_lock_state(user, before)
            act.refuse(CannotCheckNow(), user_id=user.user_id)

    def _refuse_wrong(self, actor: Actor, reception_no: str, counted: _Try) -> None:
        with self.desk.acting(
            actor, Permission.ISSUE, EventTag.PASSWORD_WRONG, finishing=True, reception_no=reception_no
        ) as act:
            case = _still_theirs(act, reception_no, counted)
            user = _who_tried(act, counted)
            state = lock_state_of(user)
            event = counted.charged.event if counted.charged else None
            if counted.charged is not None:
                if isinstance(case, Case):
                    end_live_code(act.session, case, CodeEnd.REPLACED, act.now)  # of a parked reception
                    case.parked_at = None
                state = counted.charged.state
                kind = event or "failed"
                record_lock_event(act.session, user, kind, state, act.now, actor, reception_no)
            if event is not None:
                queue_lock_notice(act.session, user, state, act.now)
            refusal = wrong_password_refusal(user.role, state, event, act.now)
            act.refuse(refusal if isinstance(case, Case) else case, _TAG_OF[event], user_id=user.user_id)

    def _accept(
        self, actor: Actor, reception_no: str, counted: _Try, password: Secret
    ) -> tuple[int | None, CodeSent]:
        """Clear the count, look through the door once more, make the code and its letter in one transaction.

        Without a letter where the customer of a parked reception has read the code meanwhile (E-59).
        """
        with self.desk.acting(
            actor, Permission.ISSUE, EventTag.PASSWORD_OK, finishing=True, reception_no=reception_no
        ) as act:
            case = _still_theirs(act, reception_no, counted, *_BEFORE_THE_ISSUE)
            user = _who_tried(act, counted)
            act.about(user_id=user.user_id)
            made = self._clear_and_make_code(act, case, user, counted, actor, reception_no)
        if made is None:
            raise AssertionError("a refusal is raised when its transaction ends")
        self.passwords.hold(reception_no, password, act.now)
        if isinstance(made, CodeSent):
            return None, made
        notice_pk, made_code, sent = made
        with made_code as code:
            self.vault.put(notice_pk, code, act.now)
        return notice_pk, sent

    def _clear_and_make_code(
        self,
        act: Act,
        case: Case | CaseNotOpen,
        user: User,
        counted: _Try,
        actor: Actor,
        reception_no: str,
    ) -> tuple[int, Secret, CodeSent] | CodeSent | None:
        state = lock_state_of(user)
        cleared = after_right(state, counted.charged) if counted.charged else None
        if cleared is None:
            act.refuse(standing_refusal(user.role, state, act.now) or CodeExpired())
            return None
        store_lock_state(user, cleared)
        record_lock_event(act.session, user, "cleared", cleared, act.now, actor, reception_no)
        if isinstance(case, CaseNotOpen):
            act.refuse(case)  # the password was right all the same (E-21)
            return None
        refusal = require_possible(act, case, user, actor, self.hours)
        kept = waiting_code(act.session, case, actor.session, act.now)
        case.parked_at = None
        if refusal is None and kept is not None:
            move(case, CaseState.PASSWORD_OK, act.now)
            act.record()
            return CodeSent(masked_email=mask_email(user.email), valid_until=kept.expires_at)
        if refusal is None:
            day = codes.created_since(act.session, user.pk, act.now - timedelta(days=1))
            again_at = verification.next_code_at(day, act.now)
            refusal = TooManyCodes(again_at=again_at) if again_at else None
        if refusal is not None:
            act.refuse(refusal)
            return None
        return self._make_code(act, case, user)

    def _make_code(self, act: Act, case: Case, user: User) -> tuple[int, Secret, CodeSent]:
        code = Secret(f"{randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}")
        end_live_code(act.session, case, CodeEnd.REPLACED, act.now)
        act.session.flush()  # the index allows one live code: the old one ends before the new one begins
        valid_until = verification.valid_until(act.now)
        row = VerificationCode(
            case_pk=case.pk,
            user_pk=user.pk,
            session=case.session,
            code_hmac=keyed_digest(self.code_key, case.session, user.pk, code),
            created_at=act.now,
            expires_at=valid_until,
        )
        act.session.add(row)
        act.session.flush()  # for its number
        notice_pk = queue_notice(
            act.session,
            kind=NoticeKind.CODE,
            dedupe=f"code:{row.pk}",
            user_pk=user.pk,
            now=act.now,
            facts={"valid_until": valid_until},
        )
        back_to_step_3(case, act.now)
        move(case, CaseState.PASSWORD_OK, act.now)
        act.record()
        return notice_pk, code, CodeSent(masked_email=mask_email(user.email), valid_until=valid_until)

    def _end_unsent_code(self, actor: Actor, reception_no: str) -> None:
        """The password was right and the counters are clear; only the letter did not go out (E-58)."""
        self.passwords.wipe(reception_no)
        with self.desk.acting(
            actor, Permission.ISSUE, EventTag.CODE_MAIL_FAILED, finishing=True, reception_no=reception_no
        ) as act:
            case = the_issue(act.session, reception_no, act.scope)
            end_live_code(act.session, case, CodeEnd.MAIL_FAILED, act.now)
            back_to_step_3(case, act.now)
            act.refuse(CodeMailFailed())

    def _try_code(self, actor: Actor, reception_no: str, code: Secret) -> datetime:
        with self.desk.acting(
            actor, Permission.ISSUE, EventTag.CODE_REFUSED, reception_no=reception_no
        ) as act:
            case = the_issue(act.session, reception_no, act.scope, CaseState.PASSWORD_OK)
            user = the_user(act.session, case)
            act.about(user_id=user.user_id)
            refusal = standing_refusal(user.role, lock_state_of(user), act.now)
            if refusal is None:
                self._judge_code(act, case, user, actor, code)
            else:
                act.refuse(refusal)
        return act.now

    def _judge_code(self, act: Act, case: Case, user: User, actor: Actor, code: Secret) -> None:
        """One transaction charges and compares: the digest takes microseconds, the row stays locked."""
        row = codes.live_of_case_for_update(act.session, case.pk)
        ended = None if row is None else verification.may_try(code_state(row), act.now)
        if row is None or ended is not None or row.session != actor.session:
            end_live_code(act.session, case, CodeEnd.EXPIRED, act.now)
            act.refuse(CodeExpired(), EventTag.CODE_EXPIRED)
            return
        digest = keyed_digest(self.code_key, case.session, user.pk, code)
        if hmac.compare_digest(digest, row.code_hmac):
            row.ended, row.ended_at = CodeEnd.USED, act.now
            case.verified_at = act.now
            move(case, CaseState.CODE_OK, act.now)
            act.record(EventTag.CODE_OK)
            return
        charged = verification.charge(code_state(row))
        row.wrong_tries = charged.wrong_tries
        if charged.ended is None:
            act.refuse(WrongCode(tries_left=verification.tries_left(charged)), EventTag.CODE_WRONG)
            return
        row.ended, row.ended_at = charged.ended, act.now
        back_to_step_3(case, act.now)
        act.refuse(CodeDead(), EventTag.CODE_DEAD)


_TAG_OF = {
    None: EventTag.PASSWORD_WRONG,
    "locked": EventTag.PASSWORD_LOCKED,
    "blocked": EventTag.PASSWORD_BLOCKED,
}


def _still_theirs(act: Act, reception_no: str, counted: _Try, *states: CaseState) -> Case | CaseNotOpen:
    """The reception, unless it was ended, or given to another user, while the password was compared (R-25).

    The try is judged in either case: what became of the reception makes no password right or wrong.
    """
    try:
        case = the_issue(act.session, reception_no, act.scope, *states)
    except CaseNotOpen as over:
        return over
    if case.user_pk != counted.user_pk:
        return CaseNotOpen(reception_no=reception_no, state=case.state)
    return case


def _who_tried(act: Act, counted: _Try) -> User:
    """The user whose password was compared, the row locked: after the reception, as everywhere."""
    user = users.by_pk_for_update(act.session, counted.user_pk)
    if user is None:
        raise AssertionError("nobody is ever deleted")
    return user


def _require_shapes(user_id: str, password: Secret) -> None:
    problem = check_user_id(user_id)
    if problem is not None:
        raise BadInput(field="user_id", problem=problem)
    problem = check_password(password.reveal())
    if problem is not None:
        raise BadInput(field="password", problem=problem)
