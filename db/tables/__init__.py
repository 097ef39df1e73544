"""Every table of the registry; importing this package completes the metadata."""

from db.tables.approval import Approval
from db.tables.base import Row
from db.tables.branch import Branch, Terminal
from db.tables.case import Case, IdentityEvidence, ReceptionCounter
from db.tables.certificate import Certificate
from db.tables.crl import CrlState
from db.tables.delivery import Delivery
from db.tables.emergency import Emergency
from db.tables.journal import Checkpoint, JournalEntry, JournalHead
from db.tables.lock_event import LockEvent
from db.tables.lookup_key import LookupKey
from db.tables.media_list import MediaList
from db.tables.medium import Medium, MediumMovement
from db.tables.notice import Notice
from db.tables.organization import Organization
from db.tables.setting import HighWater, SettingInForce
from db.tables.staff import Staff
from db.tables.user import User
from db.tables.verification_code import VerificationCode

metadata = Row.metadata

__all__ = [
    "Approval",
    "Branch",
    "Case",
    "Certificate",
    "Checkpoint",
    "CrlState",
    "Delivery",
    "Emergency",
    "HighWater",
    "IdentityEvidence",
    "JournalEntry",
    "JournalHead",
    "LockEvent",
    "LookupKey",
    "MediaList",
    "Medium",
    "MediumMovement",
    "Notice",
    "Organization",
    "ReceptionCounter",
    "Row",
    "SettingInForce",
    "Staff",
    "Terminal",
    "User",
    "VerificationCode",
    "metadata",
]
