"""Steps 1 to 3: the reception, whom it is about, what is to be done."""

from dataclasses import dataclass

from sqlalchemy.exc import IntegrityError

from db.database import is_unique_violation
from db.queries import approvals, cases, certificates, users
from db.queries import media as media_queries
from db.tables.branch import Branch
from db.tables.case import ONE_OPEN_CASE, Case, IdentityEvidence
from db.tables.user import User
from kiosk.audit.events import EventTag
from kiosk.errors import (
    BadInput,
    ChecksOpen,
    MediumNotInStock,
    OtherBranch,
    UserNotFound,
)
from kiosk.rules.cases import BEFORE_ISSUING, CHOOSING, CaseState
from kiosk.rules.operations import Transaction, TransactionFamily, family_of, kind_of_issue
from kiosk.rules.roles import Permission
from kiosk.rules.service_hours import ServiceHours
from kiosk.rules.texts import LONGEST_LINE, problem_in_last_four
from kiosk.rules.verification import CodeEnd
from kiosk.services.acting import Actor
from kiosk.services.approved.requests import CHANGED, put_down, withdraw_live
from kiosk.services.counter.gate import IssueGate
from kiosk.services.desk.cases import (
    case_view,
    give_back_medium,
    move,
    new_case,
    record_medium,
    require_free_choice,
    require_open,
    require_possible,
    the_case,
    the_issue,
    the_user,
)
from kiosk.services.desk.codes import end_code_of
from kiosk.services.desk.guard import Act, Desk
from kiosk.services.desk.held import HeldPasswords
from kiosk.services.desk.refusals import busy_elsewhere
from kiosk.services.desk.row_views import holdings_of
from kiosk.services.desk.typed import require_form_no, require_tellable, require_text
from kiosk.services.views import WITHOUT_NUMBER, CaseView, ReceptionCheck, ReceptionForm, VisitorKind

LONGEST_PC_ALIAS = 20
NO_NUMBER = "----"
"""Stands for the end of a number of which nothing is kept."""
NOT_KEPT = "not_kept"
"""Somebody typed the end of a number that is recorded nowhere."""


@dataclass(frozen=True, kw_only=True)
class Casework:
    """Open a reception, say whom and what it is about, void it."""

    desk: Desk
    hours: ServiceHours
    passwords: HeldPasswords
    gate: IssueGate
    numbered_media: bool
    """Whether each stick carries a number of the bank's ledger."""

    def open(self, actor: Actor, form: ReceptionForm) -> CaseView:
        """Step 1: take a reception number for what the clerk checked on paper and in person.

        Pressing twice with one `operation_id` opens one reception. Raises `OutOfHours`, `BadInput` (naming the
        field), `ChecksOpen`.
        """
        with self.desk.acting(actor, Permission.RECEIVE, EventTag.RECEPTION_OPENED) as act:
            known = cases.by_operation(act.session, form.operation_id)
            if known is not None:
                return case_view(act.session, known, actor, self.hours, act.now)
            require_open(act, self.hours)
            _require_form(form)
            case = new_case(
                act,
                actor,
                operation_id=form.operation_id,
                form_no=form.form_no,
                channel=form.channel,
                visitor_kind=form.visitor_kind,
                visitor_name=form.visitor_name,
                begun_as=form.begun_as,
            )
            act.session.add(_evidence(case, form, actor, act))
            act.about(reception_no=case.reception_no)
            act.record(form_no=form.form_no, visitor=form.visitor_kind, channel=form.channel)
            return case_view(act.session, case, actor, self.hours, act.now)

    def choose_user(self, actor: Actor, reception_no: str, user_pk: int) -> CaseView:
        """Step 2: whom it is about; another user may still be chosen later (R-25).

        Raises `UserNotFound`, or `OtherBranch` with the branch to send the customer to (E-94).
        """
        with self.desk.acting(
            actor, Permission.RECEIVE, EventTag.USER_CHOSEN, reception_no=reception_no
        ) as act:
            case = the_case(act.session, reception_no, act.scope, *CHOOSING)
            require_free_choice(act.session, case)
            user = users.by_pk_for_update(act.session, user_pk)
            if user is None:
                raise UserNotFound
            if user.branch_pk != actor.terminal.branch_pk:
                raise OtherBranch(branch_name=act.session.get_one(Branch, user.branch_pk).name)
            if case.user_pk not in {None, user.pk}:
                _void_request(act, case)
            end_code_of(act.session, case, CodeEnd.CANCELLED, act.now)
            give_back_medium(act.session, case, act.now, actor.staff_pk)
            case.user_pk = user.pk
            case.transaction = case.family = case.issue_kind = None
            case.pc_alias = ""
            move(case, CaseState.USER_CHOSEN, act.now)
            act.record(user_id=user.user_id)
            return case_view(act.session, case, actor, self.hours, act.now)

    def choose_transaction(self, actor: Actor, reception_no: str, transaction: Transaction) -> CaseView:
        """Step 3: what is to be done, looked at once more in the registry.

        Raises the refusal that belongs to the reason (`LiveCertificate`, `ProxyCannotReceive`, ...), or
        `UserBusyElsewhere` when another reception of this user and kind is open (E-90); `IssuingClosed` or
        `NoMailServer` before a customer is asked for anything.
        """
        with self.desk.acting(
            actor,
            Permission.RECEIVE,
            EventTag.TRANSACTION_CHOSEN,
            reception_no=reception_no,
            transaction=transaction,
        ) as act:
            case = the_case(act.session, reception_no, act.scope, *CHOOSING)
            require_free_choice(act.session, case, transaction)
            user = the_user(act.session, case)
            act.about(user_id=user.user_id)
            refusal = require_possible(act, case, user, actor, self.hours, transaction)
            if refusal is None and family_of(transaction) is TransactionFamily.ISSUE:
                refusal = self.gate.refusal()
            if refusal is not None:
                raise refusal
            if case.transaction not in {None, transaction}:
                _void_request(act, case)
            self._take(act, case, user, transaction)
            act.record()
            return case_view(act.session, case, actor, self.hours, act.now)

    def set_medium(self, actor: Actor, reception_no: str, medium_no: str, pc_alias: str | None) -> CaseView:
        """Take a numbered, empty medium out of the stock and note which PC the certificate is for (E-95).

        Without an alias (None) the one that is known stays, as for another medium of the same certificate.

        Raises `MediumNotInStock` for a number that is unknown, used or of another branch, `BadInput`; `CaseNotOpen` for
        a reception that issues nothing.
        """
        if pc_alias:
            require_text("pc_alias", pc_alias, LONGEST_PC_ALIAS)
        with self.desk.acting(
            actor, Permission.RECEIVE, EventTag.MEDIUM_REGISTERED, reception_no=reception_no
        ) as act:
            case = the_issue(act.session, reception_no, act.scope, *BEFORE_ISSUING, CaseState.ISSUED)
            if pc_alias is not None:
                case.pc_alias = pc_alias
            if self.numbered_media and medium_no != case.medium_no:
                self._swap_medium(act, actor, case, medium_no)
            act.record(medium_no=case.medium_no)
            return case_view(act.session, case, actor, self.hours, act.now)

    def void(self, actor: Actor, reception_no: str, reason: str) -> None:
        """Cancel a reception before the issue: nothing is left behind but its number (取消).

        Raises `CaseNotOpen` from step 7 on: a certificate exists then, and giving it up is another act; `SecondActOpen`
        where one was revoked already, which is no cancelled reception.
        """
        require_text("reason", reason, LONGEST_LINE)
        require_tellable("reason", reason)
        self.passwords.wipe(reception_no)
        with self.desk.acting(
            actor, Permission.RECEIVE, EventTag.RECEPTION_VOIDED, reception_no=reception_no
        ) as act:
            case = the_case(act.session, reception_no, act.scope, *BEFORE_ISSUING)
            require_free_choice(act.session, case)
            withdraw_live(act, case)
            end_code_of(act.session, case, CodeEnd.SESSION_OVER, act.now)
            give_back_medium(act.session, case, act.now, actor.staff_pk)
            case.void_reason = reason
            move(case, CaseState.VOIDED, act.now)
            act.record(reason=reason)

    def case(self, actor: Actor, reception_no: str) -> CaseView:
        """How far a reception is; raises `CaseNotOpen` when it is unknown in this branch."""
        with self.desk.acting(
            actor, Permission.INQUIRE, EventTag.CASE_INQUIRED, reception_no=reception_no
        ) as act:
            case = the_case(act.session, reception_no, act.scope)
            act.record()
            return case_view(act.session, case, actor, self.hours, act.now)

    def _take(self, act: Act, case: Case, user: User, transaction: Transaction) -> None:
        family = family_of(transaction)
        kind = None
        if family is TransactionFamily.ISSUE:
            kind = kind_of_issue(holdings_of(certificates.held_by(act.session, user.pk)), act.now)
        try:
            with act.session.begin_nested():
                case.transaction, case.family, case.issue_kind = transaction, family, kind
                move(case, CaseState.TRANSACTION_CHOSEN, act.now)
                act.session.flush()
        except IntegrityError as error:
            if not is_unique_violation(error, ONE_OPEN_CASE):
                raise
            raise busy_elsewhere(act.session, user, transaction) from None

    def _swap_medium(self, act: Act, actor: Actor, case: Case, medium_no: str) -> None:
        medium = media_queries.by_number_for_update(act.session, medium_no, actor.terminal.branch_pk)
        if medium is None or medium.state != "in_stock":
            raise MediumNotInStock(medium_no=medium_no)
        give_back_medium(act.session, case, act.now, actor.staff_pk)
        record_medium(act.session, medium, "in_use", act.now, actor.staff_pk, case.reception_no)
        case.medium_no = medium.medium_no


def _void_request(act: Act, case: Case) -> None:
    """What was asked of a supervisor is about somebody or something else: it waits in no inbox any more (I-17)."""
    row = approvals.live_of_case_for_update(act.session, case.pk)
    if row is not None:
        put_down(row, CHANGED)
        act.record(EventTag.APPROVAL_VOIDED, approval_of=row.subject, cause=CHANGED)


def _require_form(form: ReceptionForm) -> None:
    require_form_no(form.form_no)
    require_text("visitor_name", form.visitor_name, LONGEST_LINE)
    _require_end_of_number(form)
    needed = {ReceptionCheck.FORM, ReceptionCheck.SEAL, ReceptionCheck.IDENTITY}
    if form.visitor_kind is VisitorKind.PROXY:
        needed.add(ReceptionCheck.AUTHORITY)
    missing = needed - form.checks
    if missing:
        raise ChecksOpen(missing=tuple(check for check in ReceptionCheck if check in missing))


def _require_end_of_number(form: ReceptionForm) -> None:
    problem: str | None = problem_in_last_four(form.document_last4)
    if form.document_type in WITHOUT_NUMBER:
        problem = NOT_KEPT if form.document_last4 else None
    if problem is not None:
        raise BadInput(field="document_last4", problem=problem)


def _evidence(case: Case, form: ReceptionForm, actor: Actor, act: Act) -> IdentityEvidence:
    def checked(check: ReceptionCheck) -> str | None:
        return actor.staff_id if check in form.checks else None

    return IdentityEvidence(
        case_pk=case.pk,
        document_type=form.document_type,
        document_last4=form.document_last4 or NO_NUMBER,
        form_checked_by=checked(ReceptionCheck.FORM),
        seal_checked_by=checked(ReceptionCheck.SEAL),
        identity_checked_by=checked(ReceptionCheck.IDENTITY),
        authority_checked_by=checked(ReceptionCheck.AUTHORITY),
        checked_at=act.now,
    )
