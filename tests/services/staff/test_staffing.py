"""Adding branches, terminals, staff, users and media."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlmodel import SQLModel, func, select

from db.database import Database
from db.tables import Branch, Medium, MediumMovement, Organization, Staff, Terminal, User
from kiosk.audit.events import EventTag
from kiosk.errors import BadInput, KioskError, NotPermitted, UserNotFound
from kiosk.rules.roles import Permission, StaffRole, may
from kiosk.rules.users import UserRole
from kiosk.secret import Secret
from kiosk.services.counter.customers import Customers
from kiosk.services.desk.guard import Desk
from kiosk.services.desk.held import HeldPasswords
from kiosk.services.desk.new_entries import DIFFERS, TAKEN, UNKNOWN
from kiosk.services.staff.signing_in import PasswordVerifier, SigningIn
from kiosk.services.staff.staffing import NewStaff, NewUser, Staffing
from tests.support.builders import HASHER, a_certificate, a_terminal, a_user, an_actor
from tests.support.journal import journal_of, told
from tests.support.service_hours import ALWAYS_OPEN

CLERK = NewStaff(
    staff_id="op001", person_number="1001", name="窓口 花子", role=StaffRole.CLERK, branch_no="012"
)
TARO = NewUser(
    user_id="koushin01",
    role=UserRole.MASTER,
    name="更新 太郎",
    kana="コウシン タロウ",
    email="taro@example.jp",
    branch_no="012",
    organization_code="1234567",
    organization_name="青空労働組合",
)
STAFF_PASSWORD = Secret("Kunren#01")
PASSWORD = Secret("Kunren#2026")


@pytest.fixture
def staffing(desk: Desk, database: Database) -> Staffing:
    a_terminal(database)
    return Staffing(desk=desk, hasher=HASHER)


def refusal(use_case: Callable[[], object]) -> KioskError:
    with pytest.raises(KioskError) as refused:
        use_case()
    return refused.value


def refused_field(use_case: Callable[[], object]) -> tuple[str, str]:
    refused = refusal(use_case)
    assert isinstance(refused, BadInput)
    return refused.field, refused.problem


def count_of(database: Database, table: type[SQLModel]) -> int:
    with database.reading() as session:
        return session.exec(select(func.count()).select_from(table)).one()


def test_a_terminal_registers_itself_once(desk: Desk, database: Database) -> None:
    staffing = Staffing(desk=desk, hasher=HASHER)
    assert refused_field(lambda: staffing.register_terminal("012", "01")) == ("branch_name", "empty")

    first = staffing.register_terminal("012", "01", branch_name="本店営業部")
    again = staffing.register_terminal("012", "01")
    second = staffing.register_terminal("012", "02")

    assert (first.branch_no, first.branch_name, first.terminal_no) == ("012", "本店営業部", "01")
    assert again == first
    assert second.branch_pk == first.branch_pk
    assert (count_of(database, Branch), count_of(database, Terminal)) == (1, 2)
    numbers = [line.facts.get("number") for line in journal_of(database) if line.outcome == "done"]
    assert numbers == ["012", "012-01", "012-02"]


@pytest.mark.parametrize("number", ["", "12", "0123", "１２３", "abc", "01\n"])
def test_a_branch_number_has_three_digits(staffing: Staffing, number: str) -> None:
    assert refused_field(lambda: staffing.register_terminal(number, "01"))[0] == "branch_no"


def test_whoever_was_added_can_sign_on(staffing: Staffing, desk: Desk, database: Database) -> None:
    staffing.add_staff(None, CLERK, STAFF_PASSWORD)

    actor = SigningIn(
        desk=desk,
        terminal=a_terminal(database),
        verifier=PasswordVerifier(hasher=HASHER),
        passwords=HeldPasswords(),
    ).sign_in("op001", STAFF_PASSWORD)

    assert (actor.name, actor.role) == ("窓口 花子", StaffRole.CLERK)
    assert journal_of(database)[0].tag == EventTag.STAFF_ADDED
    assert journal_of(database)[0].facts == {"account": "op001", "role": "clerk", "branch": "012"}


@pytest.mark.parametrize(
    ("new", "password", "field"),
    [
        (replace(CLERK, staff_id=""), "Kunren#01", "staff_id"),
        (replace(CLERK, staff_id="op 1"), "Kunren#01", "staff_id"),
        (replace(CLERK, staff_id="x" * 21), "Kunren#01", "staff_id"),
        (replace(CLERK, name="\x1b[31m"), "Kunren#01", "name"),
        (replace(CLERK, person_number=""), "Kunren#01", "person_number"),
        (replace(CLERK, branch_no="999"), "Kunren#01", "branch_no"),
        (CLERK, "short", "password"),
        (CLERK, "", "password"),
        (CLERK, "パスワードパスワード", "password"),
        (CLERK, "x" * 65, "password"),
    ],
)
def test_staff_with_a_wrong_field_are_not_added(
    staffing: Staffing, database: Database, new: NewStaff, password: str, field: str
) -> None:
    assert refused_field(lambda: staffing.add_staff(None, new, Secret(password)))[0] == field
    assert count_of(database, Staff) == 0


def test_an_id_belongs_to_one_person(staffing: Staffing, database: Database) -> None:
    staffing.add_staff(None, CLERK, STAFF_PASSWORD)
    staffing.add_user(None, TARO, PASSWORD)

    again = refused_field(lambda: staffing.add_staff(None, CLERK, STAFF_PASSWORD))
    assert again == ("staff_id", TAKEN)
    assert refused_field(lambda: staffing.add_user(None, TARO, PASSWORD)) == ("user_id", TAKEN)
    assert told(database)[-2:] == [(EventTag.STAFF_ADDED, "refused"), (EventTag.USER_ADDED, "refused")]


@pytest.mark.rule("R-41", "E-45")
def test_ids_that_differ_in_case_are_two_users(staffing: Staffing, database: Database) -> None:
    staffing.add_user(None, replace(TARO, user_id="Taro0001"), PASSWORD)
    staffing.add_user(None, replace(TARO, user_id="taro0001"), PASSWORD)

    assert count_of(database, User) == 2


def test_whoever_was_added_is_found(staffing: Staffing, desk: Desk, database: Database) -> None:
    added = staffing.add_user(None, TARO, PASSWORD)
    customers = Customers(desk=desk, hours=ALWAYS_OPEN)
    clerk = an_actor(database)

    for typed in ("koushin01", "更新", "太郎", "tarou", "青空", "1234567"):
        assert customers.search(clerk, typed) == (added,)
    with database.reading() as session:
        stored = session.exec(select(User)).one()
    assert HASHER.matches(PASSWORD, stored.password_hash)


@pytest.mark.rule("R-40", "R-41", "R-42", "R-43", "I-19")
@pytest.mark.parametrize(
    ("new", "password", "field"),
    [
        (replace(TARO, user_id="taro"), "Kunren#2026", "user_id"),
        (replace(TARO, user_id="tarotaro"), "Kunren#2026", "user_id"),
        (replace(TARO, user_id="taro0001\n"), "Kunren#2026", "user_id"),
        (replace(TARO, name=""), "Kunren#2026", "name"),
        (replace(TARO, name="a\u202eb"), "Kunren#2026", "name"),
        (replace(TARO, name="=?utf-8?q?x?="), "Kunren#2026", "name"),
        (replace(TARO, name="x" * 101), "Kunren#2026", "name"),
        (replace(TARO, kana="\x00"), "Kunren#2026", "kana"),
        (replace(TARO, email="taro"), "Kunren#2026", "email"),
        (replace(TARO, email="taro@example.jp\r\nBcc: x@x.jp"), "Kunren#2026", "email"),
        (replace(TARO, email="=?utf-8?q?x?=@example.jp"), "Kunren#2026", "email"),
        (replace(TARO, branch_no="99"), "Kunren#2026", "branch_no"),
        (replace(TARO, organization_code=""), "Kunren#2026", "organization_code"),
        (replace(TARO, organization_code="77", organization_name=""), "Kunren#2026", "organization_name"),
        (TARO, "Kunren2026", "password"),
        (TARO, "Kunren#20261234", "password"),
    ],
)
def test_a_user_with_a_wrong_field_is_not_added(
    staffing: Staffing, database: Database, new: NewUser, password: str, field: str
) -> None:
    assert refused_field(lambda: staffing.add_user(None, new, Secret(password)))[0] == field
    assert (count_of(database, User), count_of(database, Organization)) == (0, 0)


def test_an_organization_is_added_with_its_first_user(staffing: Staffing, database: Database) -> None:
    staffing.add_user(None, TARO, PASSWORD)
    second = replace(TARO, user_id="ippan005", organization_name="")

    assert staffing.add_user(None, second, PASSWORD).organization_name == "青空労働組合"
    third = replace(TARO, user_id="kigen006", organization_name="海労働組合")
    assert refused_field(lambda: staffing.add_user(None, third, PASSWORD)) == ("organization_name", DIFFERS)
    assert count_of(database, Organization) == 1


def test_a_numbered_stick_enters_the_ledger(staffing: Staffing, database: Database) -> None:
    staffing.add_medium(None, "M0001", "012")

    assert refused_field(lambda: staffing.add_medium(None, "M0001", "012")) == ("medium_no", TAKEN)
    assert refused_field(lambda: staffing.add_medium(None, "M0002", "999")) == ("branch_no", UNKNOWN)
    with database.reading() as session:
        medium = session.exec(select(Medium)).one()
        movement = session.exec(select(MediumMovement)).one()
    assert (medium.state, movement.kind, movement.medium_pk) == ("in_stock", "in_stock", medium.pk)


def test_users_are_listed_in_pages(staffing: Staffing, database: Database) -> None:
    names = [a_user(database, user_id=user_id).user_id for user_id in ("Zeta0001", "alpha001", "beta0001")]

    first = staffing.users(None, limit=2)
    rest = staffing.users(None, after=first[-1].user_id)

    assert [row.user_id for row in (*first, *rest)] == names
    assert told(database) == [(EventTag.USERS_SEARCHED, "done")] * 2


def test_one_user_is_shown_with_certificates(staffing: Staffing, database: Database) -> None:
    user = a_user(database, user_id="koushin01")
    certificate = a_certificate(database, user)

    row, certificates = staffing.user(None, "koushin01")

    assert row.user_id == "koushin01"
    assert [view.serial for view in certificates] == [certificate.serial]
    assert isinstance(refusal(lambda: staffing.user(None, "koushin02")), UserNotFound)
    assert refused_field(lambda: staffing.user(None, "x")) == ("user_id", "too_short")


@pytest.mark.parametrize("role", StaffRole)
def test_only_those_who_manage_staff_add_anybody(
    staffing: Staffing, database: Database, role: StaffRole
) -> None:
    actor = an_actor(database, role)
    acts: dict[Permission, tuple[Callable[[], object], ...]] = {
        Permission.MANAGE_STAFF: (
            lambda: staffing.add_staff(actor, CLERK, STAFF_PASSWORD),
            lambda: staffing.add_user(actor, TARO, PASSWORD),
        ),
        Permission.MANAGE_MEDIA: (lambda: staffing.add_medium(actor, "M0001", "012"),),
    }
    for permission, use_cases in acts.items():
        for use_case in use_cases:
            if may(role, permission):
                use_case()
            else:
                assert isinstance(refusal(use_case), NotPermitted)
                assert told(database)[-1] == (EventTag.NOT_PERMITTED, "refused")
