"""The smallest rows that the registry accepts, for tests of the registry itself; nothing of the kiosk is needed."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from itertools import count
from typing import Any, TypeVar

from sqlmodel import Session, col, select

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
    JournalHead,
    LockEvent,
    LookupKey,
    MediaList,
    Medium,
    MediumMovement,
    Notice,
    Organization,
    ReceptionCounter,
    Row,
    SettingInForce,
    Staff,
    Terminal,
    User,
    VerificationCode,
)

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
TODAY = date(2026, 3, 2)
DIGEST = "0123456789abcdef" * 4

R = TypeVar("R", bound=Row)


class Rows:
    """Stores one row per call in a session, with what it belongs to; any column can be given by name.

    Branch, terminal, clerk and organization are shared with other `Rows` on the same database; `first` keeps the
    numbers of two of them apart.
    """

    def __init__(self, session: Session, *, first: int = 1) -> None:
        self.session = session
        self._numbers = count(first)

    def any(self, table: type[Row], **columns: Any) -> Row:
        """A row of any table."""
        makers: dict[type[Row], Callable[..., Row]] = {
            Approval: self.approval,
            Branch: self.branch,
            Case: self.case,
            Certificate: self.certificate,
            Delivery: self.delivery,
            JournalEntry: self.journal_entry,
            Medium: self.medium,
            Notice: self.notice,
            Organization: self.organization,
            Staff: self.staff,
            Terminal: self.terminal,
            User: self.user,
            VerificationCode: self.code,
        }
        if table in makers:
            return makers[table](**columns)
        return self._add(table, _others(self)[table](), columns)

    @cached_property
    def the_branch(self) -> Branch:
        """What rows belong to unless a test says otherwise."""
        found = self.session.exec(select(Branch).where(col(Branch.branch_no) == "012")).one_or_none()
        return found or self.branch(branch_no="012")

    @cached_property
    def the_terminal(self) -> Terminal:
        """A terminal of the branch."""
        found = self.session.exec(select(Terminal).where(col(Terminal.terminal_no) == "01")).one_or_none()
        return found or self.terminal(terminal_no="01")

    @cached_property
    def the_clerk(self) -> Staff:
        """A member of staff of the branch."""
        found = self.session.exec(select(Staff).where(col(Staff.staff_id) == "clerk")).one_or_none()
        return found or self.staff(staff_id="clerk")

    @cached_property
    def the_organization(self) -> Organization:
        """An organization of the branch."""
        found = self.session.exec(select(Organization).where(col(Organization.code) == "K0")).one_or_none()
        return found or self.organization(code="K0")

    def branch(self, **columns: Any) -> Branch:
        """A branch."""
        return self._add(Branch, {"branch_no": f"{500 + self._number:03}", "name": "本店"}, columns)

    def terminal(self, **columns: Any) -> Terminal:
        """A terminal."""
        defaults = {"branch_pk": self.the_branch.pk, "terminal_no": f"{10 + self._number:02}"}
        return self._add(Terminal, defaults, columns)

    def staff(self, **columns: Any) -> Staff:
        """A clerk."""
        number = self._number
        defaults = {
            "staff_id": f"op{number:03}",
            "person_number": f"P{number}",
            "name": "窓口 花子",
            "role": "clerk",
            "branch_pk": self.the_branch.pk,
            "password_hash": "hash",
            "created_at": NOW,
        }
        return self._add(Staff, defaults, columns)

    def organization(self, **columns: Any) -> Organization:
        """An organization."""
        defaults = {
            "code": f"K{self._number:05}",
            "name": "関東労働組合",
            "kind": "member",
            "branch_pk": self.the_branch.pk,
        }
        return self._add(Organization, defaults, columns)

    def user(self, **columns: Any) -> User:
        """An active general user."""
        defaults = {
            "user_id": f"tanaka{self._number:04}",
            "role": "general",
            "name": "田中 太郎",
            "kana": "タナカ タロウ",
            "email": "tanaka@example.jp",
            "organization_pk": self.the_organization.pk,
            "branch_pk": self.the_branch.pk,
            "password_hash": "hash",
            "created_at": NOW,
        }
        return self._add(User, defaults, columns)

    def case(self, **columns: Any) -> Case:
        """A reception that was just opened."""
        number = self._number
        defaults = {
            "reception_no": f"20260302-012-01-{number:04}",
            "operation_id": f"case-{number}",
            "branch_pk": self.the_branch.pk,
            "terminal_pk": self.the_terminal.pk,
            "staff_pk": self.the_clerk.pk,
            "business_date": TODAY,
            "form_no": "F-1",
            "visitor_name": "田中 太郎",
            "opened_at": NOW,
            "session": "session",
        }
        return self._add(Case, defaults, columns)

    def issue_case(self, user: User, **columns: Any) -> Case:
        """A reception for a first certificate of this user, at the transaction menu."""
        defaults = {
            "user_pk": user.pk,
            "transaction": "101",
            "family": "issue",
            "issue_kind": "first_issue",
            "state": "transaction_chosen",
        }
        return self.case(**(defaults | columns))

    def certificate(self, **columns: Any) -> Certificate:
        """A reserved serial in slot 0."""
        number = self._number
        user_pk = columns.get("user_pk") or self.user().pk
        defaults = {
            "serial": f"01{number:036X}",
            "operation_id": f"certificate-{number}",
            "user_pk": user_pk,
            "case_pk": columns.get("case_pk") or self.case(user_pk=user_pk, state="user_chosen").pk,
            "slot": 0,
            "key_sha256": DIGEST,
            "tbs_sha256": DIGEST,
            "subject": "CN=tanaka0120",
            "profile": "client-2026",
            "not_before": NOW,
            "not_after": NOW + timedelta(days=366),
            "issue_date": TODAY,
            "last_valid_date": TODAY + timedelta(days=365),
            "reserved_at": NOW,
        }
        return self._add(Certificate, defaults, columns)

    def signed(self, **columns: Any) -> Certificate:
        """A certificate whose signature is stored."""
        return self.certificate(**({"state": "signed", "der": b"DER", "issued_at": NOW} | columns))

    def revoked(self, **columns: Any) -> Certificate:
        """A revoked certificate."""
        defaults = {
            "state": "revoked",
            "slot": None,
            "revoked_at": NOW,
            "revocation_reason": "other",
            "crl_entry": b"entry",
        }
        return self.certificate(**(defaults | columns))

    def delivery(self, **columns: Any) -> Delivery:
        """A delivery whose p12 is in memory only."""
        certificate_pk = columns.get("certificate_pk") or self.signed().pk
        defaults = {"certificate_pk": certificate_pk, "file_name": "tanaka20260302100000.p12"}
        return self._add(Delivery, defaults, columns)

    def medium(self, **columns: Any) -> Medium:
        """A medium in stock."""
        return self._add(
            Medium, {"medium_no": f"M{self._number:04}", "branch_pk": self.the_branch.pk}, columns
        )

    def code(self, **columns: Any) -> VerificationCode:
        """A live code."""
        user_pk = columns.get("user_pk") or self.user().pk
        defaults = {
            "case_pk": columns.get("case_pk") or self.case(user_pk=user_pk, state="user_chosen").pk,
            "user_pk": user_pk,
            "session": "session",
            "code_hmac": bytes(32),
            "created_at": NOW,
            "expires_at": NOW + timedelta(minutes=30),
        }
        return self._add(VerificationCode, defaults, columns)

    def notice(self, **columns: Any) -> Notice:
        """A mail that is due."""
        number = self._number
        defaults = {
            "kind": "locked",
            "dedupe": f"locked:{number}",
            "user_pk": columns.get("user_pk") or self.user().pk,
            "created_at": NOW,
            "due_at": NOW,
            "message_id": f"<{number}@example.jp>",
        }
        return self._add(Notice, defaults, columns)

    def approval(self, **columns: Any) -> Approval:
        """A request that waits for its decision."""
        defaults = {
            "case_pk": columns.get("case_pk") or self.case().pk,
            "subject": "revoke",
            "digest": DIGEST,
            "shown": "{}",
            "request": "{}",
            "maker_pk": self.the_clerk.pk,
            "maker_person": self.the_clerk.person_number,
            "asked_at": NOW,
        }
        return self._add(Approval, defaults, columns)

    def journal_entry(self, **columns: Any) -> JournalEntry:
        """The first entry of a chain, or the one whose `seq` is given."""
        defaults = {
            "node": "012/01/counter",
            "seq": 1,
            "at": NOW,
            "tag": "case:reception:opened",
            "body": b"{}",
            "previous_hash": bytes(32),
            "hash": bytes(32),
        }
        return self._add(JournalEntry, defaults, columns)

    @property
    def _number(self) -> int:
        return next(self._numbers)

    def _add(self, table: type[R], defaults: dict[str, Any], columns: dict[str, Any]) -> R:
        row = table(**(defaults | columns))
        self.session.add(row)
        self.session.flush()  # so that a refusal names this row
        return row


def _others(rows: Rows) -> dict[type[Row], Callable[[], dict[str, Any]]]:
    """Defaults of the tables that few tests need."""
    return {
        Checkpoint: lambda: {
            "node": "n",
            "seq": 1,
            "head": bytes(32),
            "at": NOW,
            "signature": bytes(64),
            "key_id": "k",
        },
        CrlState: lambda: {"key_id": "key"},
        Emergency: lambda: {
            "case_pk": rows.case().pk,
            "called_back_at": NOW,
            "called_back_to": "総務部 1234",
            "called_back_by": "op1",
        },
        HighWater: lambda: {"pk": 1, "at": NOW},
        IdentityEvidence: lambda: {
            "case_pk": rows.case().pk,
            "document_type": "passport",
            "document_last4": "1234",
            "checked_at": NOW,
        },
        JournalHead: lambda: {"node": "n", "hash": bytes(32)},
        LockEvent: lambda: {
            "user_pk": rows.user().pk,
            "kind": "failed",
            "at": NOW,
            "failures": 1,
            "lock_count": 0,
        },
        LookupKey: lambda: {"branch_pk": rows.the_branch.pk, "key": "たなか", "user_pk": rows.user().pk},
        MediaList: lambda: {"at": NOW, "body": b"[]", "signature": bytes(64), "key_id": "k"},
        MediumMovement: lambda: {"medium_pk": rows.medium().pk, "kind": "in_stock", "at": NOW},
        ReceptionCounter: lambda: {"terminal_pk": rows.the_terminal.pk, "business_date": TODAY},
        SettingInForce: lambda: {"key": "service_hours", "value": "8-20", "at": NOW},
    }
