"""Both engines refuse what a column must never hold, because the table classes accept anything."""

import traceback
from secrets import token_hex
from typing import Any

import pytest
from sqlalchemy.exc import DataError, IntegrityError

from db.database import Database
from db.tables import (
    Approval,
    Branch,
    Case,
    Certificate,
    Checkpoint,
    CrlState,
    Delivery,
    Emergency,
    HighWater,
    IdentityEvidence,
    JournalEntry,
    LockEvent,
    LookupKey,
    MediaList,
    Medium,
    MediumMovement,
    Notice,
    Organization,
    ReceptionCounter,
    Row,
    Staff,
    Terminal,
    User,
    VerificationCode,
    metadata,
)
from tests.support.rows import DIGEST, NOW, TODAY, Rows

NONSENSE: list[tuple[type[Row], dict[str, Any]]] = [
    (Branch, {"branch_no": "12"}),
    (Branch, {"branch_no": "01a"}),
    (Branch, {"name": ""}),
    (Branch, {"name": "名" * 101}),
    (Terminal, {"terminal_no": "1"}),
    (Staff, {"role": "boss"}),
    (Staff, {"staff_id": "op 001"}),
    (Staff, {"failures": -1}),
    (Organization, {"kind": "club"}),
    (User, {"user_id": "abcde"}),
    (User, {"user_id": "abcdefghijklm"}),
    (User, {"user_id": "tanaka\n"}),
    (User, {"user_id": "ｔａｎａｋａ"}),
    (User, {"role": "admin"}),
    (User, {"status": "locked"}),
    (User, {"consecutive_failures": 7}),
    (User, {"lock_count": 4}),
    (User, {"charges": -1}),
    (User, {"email": "a"}),
    (User, {"organization_pk": 999}),
    (LookupKey, {"key": ""}),
    (LockEvent, {"kind": "forgotten"}),
    (Case, {"state": "sleeping"}),
    (Case, {"state": "user_chosen"}),
    (Case, {"state": "password_ok"}),
    (Case, {"transaction": "101"}),
    (Case, {"transaction": "104", "family": "issue", "issue_kind": "renew"}),
    (Case, {"transaction": "101", "family": "issue"}),
    (Case, {"channel": "fax"}),
    (Case, {"visitor_kind": "friend"}),
    (IdentityEvidence, {"document_last4": "123456789012"}),
    (IdentityEvidence, {"document_type": "library_card"}),
    (ReceptionCounter, {"last": 10_000}),
    (Certificate, {"serial": "01F"}),
    (Certificate, {"serial": "01ab"}),
    (Certificate, {"serial": "01" * 21}),
    (Certificate, {"state": "issued"}),
    (Certificate, {"slot": 2}),
    (Certificate, {"slot": None}),
    (Certificate, {"key_sha256": "A" * 64}),
    (Certificate, {"tbs_sha256": "a"}),
    (Certificate, {"state": "active"}),
    (Certificate, {"der": b"signed already"}),
    (Certificate, {"not_after": NOW}),
    (Certificate, {"last_valid_date": TODAY.replace(year=2025)}),
    (Certificate, {"state": "voided"}),
    (Certificate, {"state": "revoked", "slot": None}),
    (
        Certificate,
        {"state": "revoked", "slot": None, "revoked_at": NOW, "revocation_reason": "?", "crl_entry": b"1"},
    ),
    (Delivery, {"state": "posted"}),
    (Delivery, {"state": "verified"}),
    (Delivery, {"state": "handed_over", "verified_at": NOW}),
    (Delivery, {"p12_sha256": "x" * 64}),
    (Delivery, {"tries": -1}),
    (Medium, {"state": "burnt"}),
    (MediumMovement, {"kind": "stolen"}),
    (MediaList, {"signature": b"short"}),
    (MediaList, {"body": b""}),
    (VerificationCode, {"code_hmac": b"123456"}),
    (VerificationCode, {"wrong_tries": 7}),
    (VerificationCode, {"ended": "used"}),
    (VerificationCode, {"expires_at": NOW}),
    (Notice, {"kind": "advertisement"}),
    (Notice, {"state": "sending"}),
    (Notice, {"state": "sent"}),
    (Notice, {"priority": 10}),
    (Approval, {"state": "perhaps"}),
    (Approval, {"subject": "lunch"}),
    (Approval, {"digest": DIGEST.upper()}),
    (Approval, {"state": "approved"}),
    (Approval, {"wrong_sign_ons": 4}),
    (Approval, {"checker_person": "P9"}),
    (Emergency, {"executed_at": NOW}),
    (Emergency, {"paper_due": TODAY}),
    (Emergency, {"approval_due_at": NOW}),
    (Emergency, {"paper_received_at": NOW}),
    (JournalEntry, {"outcome": "perhaps"}),
    (JournalEntry, {"hash": b"short"}),
    (JournalEntry, {"body": b""}),
    (Checkpoint, {"signature": b"short"}),
    (CrlState, {"number": -1}),
    (CrlState, {"number": 3, "published_number": 4}),
    (HighWater, {"pk": 2}),
]


@pytest.mark.parametrize(
    ("table", "columns"), NONSENSE, ids=lambda part: getattr(part, "__name__", str(part))
)
def test_a_row_that_must_not_be_is_refused(
    database: Database, table: type[Row], columns: dict[str, Any]
) -> None:
    with pytest.raises((IntegrityError, DataError)), database.transaction() as session:
        Rows(session).any(table, **columns)


def test_the_smallest_row_of_every_table_is_accepted(database: Database) -> None:
    with database.transaction() as session:
        rows = Rows(session)
        stored = {rows.any(table).__tablename__ for table in Row.__subclasses__()}
    assert stored == set(metadata.tables)


@pytest.mark.rule("I-21")
def test_an_error_never_shows_what_was_to_be_stored(database: Database) -> None:
    canary = token_hex(8)
    with pytest.raises(IntegrityError) as caught, database.transaction() as session:
        Rows(session).user(password_hash=canary, email=f"{canary}@example.jp", status="gone")
    assert canary not in "".join(traceback.format_exception(caught.value))
