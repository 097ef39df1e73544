"""The words a status column accepts are exactly the words the rules use."""

from collections.abc import Iterable

import pytest

from db.tables import words
from kiosk.audit.entry import Outcome
from kiosk.rules.approvals import LIVE_STATES as LIVE_APPROVALS
from kiosk.rules.approvals import ApprovalState, ApprovalSubject
from kiosk.rules.cases import OPEN_STATES, CaseState
from kiosk.rules.certificates import LIVE_STATES, CertificateState
from kiosk.rules.deliveries import STATES_WITH_THE_CUSTOMER, UNDELIVERED_STATES, DeliveryState
from kiosk.rules.lockout import LockEvent
from kiosk.rules.media_ledger import MediumState
from kiosk.rules.notices import NoticeKind, NoticeState
from kiosk.rules.operations import IssueKind, Transaction, TransactionFamily, family_of
from kiosk.rules.revocation import RevocationReason
from kiosk.rules.roles import StaffRole
from kiosk.rules.users import UserRole, UserStatus
from kiosk.rules.verification import CodeEnd
from kiosk.services.views import Channel, DocumentType, VisitorKind

PAIRS: dict[str, Iterable[str]] = {
    "USER_ROLE": UserRole,
    "USER_STATUS": UserStatus,
    "STAFF_ROLE": StaffRole,
    "CASE_STATE": CaseState,
    "CASE_CLOSED": set(CaseState) - OPEN_STATES,
    "TRANSACTION": Transaction,
    "TRANSACTION_FAMILY": TransactionFamily,
    "BEGINNINGS": {each for each in Transaction if family_of(each) is not None},
    "ISSUE_KIND": IssueKind,
    "CHANNEL": Channel,
    "VISITOR_KIND": VisitorKind,
    "DOCUMENT_TYPE": DocumentType,
    "CERTIFICATE_STATE": CertificateState,
    "CERTIFICATE_LIVE": LIVE_STATES,
    "REVOCATION_REASON": RevocationReason,
    "DELIVERY_STATE": DeliveryState,
    "DELIVERY_UNDELIVERED": UNDELIVERED_STATES,
    "DELIVERY_WITH_THE_CUSTOMER": STATES_WITH_THE_CUSTOMER,
    "APPROVAL_SUBJECT": ApprovalSubject,
    "APPROVAL_STATE": ApprovalState,
    "APPROVAL_LIVE": LIVE_APPROVALS,
    "CODE_END": CodeEnd,
    "MEDIUM_STATE": MediumState,
    "NOTICE_KIND": NoticeKind,
    "NOTICE_STATE": NoticeState,
    "OUTCOME": Outcome,
}
WITHOUT_A_RULE = {
    "ORGANIZATION_KIND",  # told apart on paper only
    "LOCK_EVENT",  # the lock history also keeps what is no event of the rule: a failed try, a cleared count
    "CASE_WITH_TRANSACTION",  # a subset that a CHECK needs; its words are checked below
}


@pytest.mark.parametrize("name", sorted(PAIRS))
def test_the_registry_and_the_rules_spell_the_same_words(name: str) -> None:
    assert set(getattr(words, name)) == set(PAIRS[name])


def test_no_list_of_words_is_forgotten() -> None:
    assert {name for name in vars(words) if name.isupper()} == set(PAIRS) | WITHOUT_A_RULE


def test_the_subsets_use_words_of_the_whole() -> None:
    assert set(words.CASE_WITH_TRANSACTION) <= set(words.CASE_STATE)
    assert {event.value for event in LockEvent} <= set(words.LOCK_EVENT)
