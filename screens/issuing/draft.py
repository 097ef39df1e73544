"""What one journey has gathered so far. It asks the rules and knows no widget."""

import secrets
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from kiosk.errors import BadInput, NothingSelected
from kiosk.rules.credentials import ShapeProblem
from kiosk.rules.next_actions import NextAction, Reason
from kiosk.rules.operations import LIVE_STANDINGS, IssueKind, Transaction
from kiosk.services.views import (
    WITHOUT_NUMBER,
    CaseView,
    CertificateView,
    Channel,
    CodeSent,
    Delivered,
    DocumentType,
    Ready,
    Receipt,
    ReceptionCheck,
    ReceptionForm,
    Undelivered,
    UserCard,
    VisitorKind,
)
from screens.field_problems import NOT_CHOSEN

if TYPE_CHECKING:
    from kiosk.services.counter.delivering import StickRef

ISSUE_TRANSACTIONS = tuple(kind.transaction for kind in IssueKind)
OTHER_KIND = {Reason.FIRST_ISSUE_INSTEAD, Reason.RENEW_INSTEAD, Reason.REISSUE_INSTEAD}
"""Another kind of issue would be right (E-73)."""


def fresh_operation_id() -> str:
    """Names one press, so that the registry takes it once."""
    return secrets.token_hex(16)


def checks_for(visitor: VisitorKind) -> tuple[ReceptionCheck, ...]:
    """The checklist of step 1: the authority of a proxy is looked at only when a proxy came."""
    proxy = visitor is VisitorKind.PROXY
    return tuple(check for check in ReceptionCheck if proxy or check is not ReceptionCheck.AUTHORITY)


@dataclass(kw_only=True)
class ReceptionDraft:
    """Step 1 as it was filled in."""

    form_no: str
    channel: Channel
    visitor_kind: VisitorKind
    visitor_name: str
    document_type: DocumentType | None
    document_last4: str
    checks: frozenset[ReceptionCheck]
    begun_as: Transaction | None = None

    def form(self, operation_id: str) -> ReceptionForm:
        """The form for the use case, which looks at every field; raises `BadInput` for the first one left open."""
        for name, typed in (("form_no", self.form_no), ("visitor_name", self.visitor_name)):
            if not typed.strip():
                raise BadInput(field=name, problem=ShapeProblem.EMPTY)
        if self.document_type is None:
            raise BadInput(field="document_type", problem=NOT_CHOSEN)
        return ReceptionForm(
            form_no=self.form_no,
            channel=self.channel,
            visitor_kind=self.visitor_kind,
            visitor_name=self.visitor_name,
            document_type=self.document_type,
            document_last4="" if self.document_type in WITHOUT_NUMBER else self.document_last4,
            checks=self.checks & frozenset(checks_for(self.visitor_kind)),
            operation_id=operation_id,
            begun_as=self.begun_as,
        )


@dataclass(kw_only=True)
class IssueDraft:
    """One issue from the paper to the receipt. Holds no secret but the p12 of `ready`, and that not in its repr."""

    user_pk: int | None = None
    """Whom the clerk came from, when the journey began on a card."""
    transaction: Transaction | None = None
    """The same for the transaction: it is proposed, the registry decides."""
    case: CaseView | None = None
    serial: str | None = None
    """The certificate chosen at step 2."""
    stick: "StickRef | None" = None
    code: CodeSent | None = None
    password_wiped: bool = False
    """The screen was locked after step 4: the password is no longer held, and step 4 must be repeated."""
    issue_date: date | None = None
    """The issue day that step 6 showed: no other is signed (E-08)."""
    ready: Ready | None = field(default=None, repr=False)
    unseen: bool = False
    """Nobody saw how a write ended: the whole p12 may lie on a stick that can be asked."""
    delivered: Delivered | None = None
    waiting: Undelivered | None = None
    """What is handed over of an earlier day or run, as the registry knows it."""
    receipt: Receipt | None = None

    @property
    def at_hand(self) -> CaseView:
        """The reception. Raises RuntimeError before step 1 is done; no later step opens without it."""
        if self.case is None:
            raise RuntimeError("no reception is open")
        return self.case

    @property
    def begun_as(self) -> Transaction | None:
        """What the reception is opened for, so that it can be taken up there."""
        return self.transaction

    @property
    def reception_no(self) -> str:
        """Its number."""
        return self.at_hand.reception_no

    @property
    def card(self) -> UserCard | None:
        """The customer, once chosen."""
        return None if self.case is None else self.case.card

    @property
    def live(self) -> tuple[CertificateView, ...]:
        """The certificates that can be renewed or still close the door; what step 2 lets choose from."""
        card = self.card
        return (
            () if card is None else tuple(one for one in card.certificates if one.standing in LIVE_STANDINGS)
        )

    def choose_single(self) -> None:
        """A single live certificate is chosen by itself; of several, none is (R-22, R-24)."""
        self.serial = self.live[0].serial if len(self.live) == 1 else None

    def require_selection(self) -> None:
        """Raise `NothingSelected` when there is something to choose and nothing was (R-20, R-22, R-26)."""
        if self.live and self.serial not in {one.serial for one in self.live}:
            raise NothingSelected

    @property
    def actions(self) -> tuple[NextAction, ...]:
        """What may be done for the customer now."""
        card = self.card
        return () if card is None else card.next_actions

    @property
    def allowed(self) -> Transaction | None:
        """The issue the rules allow now (E-73)."""
        issues = (action for action in self.actions if action.transaction in ISSUE_TRANSACTIONS)
        return next((action.transaction for action in issues if action.allowed), None)

    @property
    def proposed(self) -> Transaction | None:
        """The same; when none is allowed, the kind that would be right, and of several what the clerk came for."""
        issues = [action for action in self.actions if action.transaction in ISSUE_TRANSACTIONS]
        right = [action.transaction for action in issues if action.reason not in OTHER_KIND]
        if self.allowed is not None or not right:
            return self.allowed
        return self.transaction if self.transaction in right else right[0]
