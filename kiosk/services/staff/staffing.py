"""Who works here and whom they serve: branches, terminals, staff and users are added and listed here.

Administrators do it, and the command line, which acts as nobody (`actor` is None): whoever may use the data folder.
"""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sqlmodel import Session

from db.queries import branches as branch_queries
from db.queries import certificates as certificate_queries
from db.queries import deliveries as delivery_queries
from db.queries import rosters
from db.queries import users as user_queries
from db.tables import Branch, Medium, MediumMovement, Organization, Staff, User
from db.tables import Terminal as TerminalRow
from kiosk.audit.events import EventTag
from kiosk.errors import BadInput, UserNotFound
from kiosk.rules.credentials import check_password, check_user_id
from kiosk.rules.roles import Permission, StaffRole
from kiosk.rules.users import UserRole, UserStatus
from kiosk.secret import Secret
from kiosk.services.acting import Actor, Terminal
from kiosk.services.desk.guard import Act, Desk
from kiosk.services.desk.new_entries import (
    DIFFERS,
    require_address,
    require_branch,
    require_digits,
    require_name,
    require_staff_password,
    require_text,
    store_new,
)
from kiosk.services.desk.row_views import certificates_view, user_row
from kiosk.services.staff._by import acting_by
from kiosk.services.staff._lookup_keys import keys_for
from kiosk.services.staff.passwords import PasswordHasher
from kiosk.services.views import CertificateView, UserRow

LONGEST_NAME: Final = 100
LONGEST_CODE: Final = 20
LONGEST_PHONE: Final = 30
LONGEST_STAFF_ID: Final = 20


class OrganizationKind(StrEnum):
    """How an organization stands to the labor bank."""

    MEMBER = "member"
    EMPLOYER = "employer"


@dataclass(frozen=True, kw_only=True)
class NewStaff:
    """Somebody who is to sign on."""

    staff_id: str
    person_number: str
    """Names the human being: two IDs of one person can never be maker and checker of one thing (I-16)."""
    name: str
    role: StaffRole
    branch_no: str


@dataclass(frozen=True, kw_only=True)
class NewUser:
    """Somebody who is to get certificates. Of an organization that is known, the code alone is enough."""

    user_id: str
    role: UserRole
    name: str
    kana: str
    email: str
    branch_no: str
    organization_code: str
    organization_name: str = ""
    organization_kind: OrganizationKind = OrganizationKind.MEMBER
    organization_phone: str = ""
    initial_registration_done: bool = True


@dataclass(frozen=True, kw_only=True)
class Staffing:
    """Add and list. A field that does not hold raises `BadInput` with its name, and nothing is added."""

    desk: Desk
    hasher: PasswordHasher

    def register_terminal(
        self, branch_no: str, terminal_no: str, *, branch_name: str = "", branch_phone: str = ""
    ) -> Terminal:
        """The counter of these numbers; branch and terminal are added when they are new.

        `branch_name` may be left out for a branch that is known. Nobody is signed on yet when a terminal begins.
        """
        require_digits("branch_no", branch_no, 3)
        require_digits("terminal_no", terminal_no, 2)
        with self.desk.unattended(EventTag.SETTINGS_LOADED) as act:
            branch = branch_queries.by_number(act.session, branch_no)
            if branch is None:
                branch = _new_branch(act, branch_no, branch_name, branch_phone)
            terminal = branch_queries.terminal_by_number(act.session, branch.pk, terminal_no)
            if terminal is None:
                terminal = _new_terminal(act, branch, terminal_no)
        return Terminal(
            branch_pk=branch.pk,
            branch_no=branch.branch_no,
            branch_name=branch.name,
            terminal_pk=terminal.pk,
            terminal_no=terminal.terminal_no,
        )

    def add_staff(self, actor: Actor | None, new: NewStaff, password: Secret) -> None:
        """Let somebody sign on from now on. Raises `BadInput` and `NotPermitted`."""
        require_name("staff_id", new.staff_id, LONGEST_STAFF_ID)
        require_text("person_number", new.person_number, LONGEST_CODE)
        require_text("name", new.name, LONGEST_NAME)
        require_staff_password("password", password.reveal())
        stored = self.hasher.hash_password(password)
        with self._adding(actor, EventTag.STAFF_ADDED) as act:
            row = Staff(
                staff_id=new.staff_id,
                person_number=new.person_number,
                name=new.name,
                role=new.role,
                branch_pk=require_branch(act.session, new.branch_no).pk,
                password_hash=stored,
                created_at=act.now,
            )
            store_new(act.session, row, "staff_id", "uq_staff_staff_id")
            act.record(account=new.staff_id, role=new.role, branch=new.branch_no)

    def add_user(self, actor: Actor | None, new: NewUser, password: Secret) -> UserRow:
        """Enter a user, and the organization with the first one of its code (R-40 to R-43).

        Raises `BadInput` and `NotPermitted`.
        """
        _require_user(new, password)
        stored = self.hasher.hash_password(password)
        with self._adding(actor, EventTag.USER_ADDED) as act:
            branch = require_branch(act.session, new.branch_no)
            organization = _organization(act.session, new, branch)
            user = User(
                user_id=new.user_id,
                role=new.role,
                name=new.name,
                kana=new.kana,
                email=new.email,
                organization_pk=organization.pk,
                branch_pk=branch.pk,
                password_hash=stored,
                status=UserStatus.ACTIVE,
                initial_registration_done=new.initial_registration_done,
                created_at=act.now,
            )
            store_new(act.session, user, "user_id", "uq_customers_user_id")
            texts = (user.user_id, user.name, user.kana, organization.code, organization.name)
            user_queries.set_lookup_keys(act.session, user, keys_for(*texts))
            act.record(user_id=user.user_id, role=user.role, organization=organization.code)
        return user_row(user, organization)

    def add_medium(self, actor: Actor | None, medium_no: str, branch_no: str) -> None:
        """Put an empty numbered stick into the stock of a branch. Raises `BadInput` and `NotPermitted`."""
        require_text("medium_no", medium_no, LONGEST_CODE)
        with acting_by(self.desk, actor, Permission.MANAGE_MEDIA, EventTag.MEDIUM_REGISTERED) as act:
            medium = Medium(medium_no=medium_no, branch_pk=require_branch(act.session, branch_no).pk)
            store_new(act.session, medium, "medium_no", "uq_media_medium_no")
            staff_pk = None if actor is None else actor.staff_pk
            act.session.add(
                MediumMovement(medium_pk=medium.pk, kind=medium.state, at=act.now, staff_pk=staff_pk)
            )
            act.record(medium_no=medium_no)

    def users(self, actor: Actor | None, *, after: str = "", limit: int = 100) -> tuple[UserRow, ...]:
        """Users in the order of their IDs, those after the ID `after`; journaled as a look at personal data."""
        with self._looking(actor, EventTag.USERS_SEARCHED) as act:
            found = rosters.users_after(act.session, after, act.scope, limit)
            act.record(found=len(found))
        return tuple(user_row(user, organization) for user, organization in found)

    def user(self, actor: Actor | None, user_id: str) -> tuple[UserRow, tuple[CertificateView, ...]]:
        """One user and their certificates, live ones first. Raises `BadInput` and `UserNotFound`."""
        problem = check_user_id(user_id)
        if problem is not None:
            raise BadInput(field="user_id", problem=problem)
        with self._looking(actor, EventTag.USER_INQUIRED) as act:
            user = user_queries.by_user_id(act.session, user_id, act.scope)
            if user is None:
                raise UserNotFound
            row = user_row(user, act.session.get_one(Organization, user.organization_pk))
            certificates = certificates_view(
                certificate_queries.of_user(act.session, user.pk),
                delivery_queries.of_user(act.session, user.pk),
                act.now,
            )
            act.record(user_id=user.user_id)
        return row, certificates

    def _adding(self, actor: Actor | None, tag: EventTag) -> AbstractContextManager[Act]:
        return acting_by(self.desk, actor, Permission.MANAGE_STAFF, tag)

    def _looking(self, actor: Actor | None, tag: EventTag) -> AbstractContextManager[Act]:
        return acting_by(self.desk, actor, Permission.INQUIRE, tag)


def _require_user(new: NewUser, password: Secret) -> None:
    problem = check_user_id(new.user_id)
    if problem is not None:
        raise BadInput(field="user_id", problem=problem)
    require_text("name", new.name, LONGEST_NAME)
    require_text("kana", new.kana, LONGEST_NAME, may_be_empty=True)
    require_address("email", new.email)
    require_name("organization_code", new.organization_code, LONGEST_CODE)
    problem = check_password(password.reveal())
    if problem is not None:
        raise BadInput(field="password", problem=problem)


def _new_branch(act: Act, branch_no: str, name: str, phone: str) -> Branch:
    require_text("branch_name", name, LONGEST_NAME)
    require_text("branch_phone", phone, LONGEST_PHONE, may_be_empty=True)
    branch = Branch(branch_no=branch_no, name=name, phone=phone)
    store_new(act.session, branch, "branch_no", "uq_branches_branch_no")
    act.record(registered="branch", number=branch_no)
    return branch


def _new_terminal(act: Act, branch: Branch, terminal_no: str) -> TerminalRow:
    terminal = TerminalRow(branch_pk=branch.pk, terminal_no=terminal_no)
    store_new(act.session, terminal, "terminal_no", "uq_terminals_branch_pk_terminal_no")
    act.record(registered="terminal", number=f"{branch.branch_no}-{terminal_no}")
    return terminal


def _organization(session: Session, new: NewUser, branch: Branch) -> Organization:
    known = branch_queries.organization_by_code(session, new.organization_code)
    if known is not None:
        if new.organization_name not in {"", known.name}:
            raise BadInput(field="organization_name", problem=DIFFERS)
        return known
    row = Organization(
        code=new.organization_code,
        name=require_text("organization_name", new.organization_name, LONGEST_NAME),
        kind=new.organization_kind,
        branch_pk=branch.pk,
        phone=require_text("organization_phone", new.organization_phone, LONGEST_PHONE, may_be_empty=True),
    )
    store_new(session, row, "organization_code", "uq_organizations_code")
    return row
