"""Who may do what for whom, at which time: one table, drawn by hand, for the services and for the screens.

A row is a user as the counter meets one; a column is a transaction of the menu; a cell holds `ok`, or the code of the
message that the counter reads. Staff of the other roles have one line each, because the user makes no difference there.
`SITUATIONS` says how to bring a user into each state.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from db.database import Database
from db.tables import User
from kiosk.rules.operations import Transaction
from kiosk.rules.roles import StaffRole
from tests.support.builders import a_certificate, a_user
from tests.support.clock import MONDAY_MORNING

COLUMNS: Final = ("101", "102", "103", "201", "202", "301")
"""202 stands for a reception by phone, where nothing else is possible, and the others for one at the counter."""

TABLE: Final = """
                          101    102    103    201    202    301
master   none             ok     EC09   EC09   EC09   EC09   EU04
master   unregistered     EC07   EC07   EC07   EC09   EC09   EU04
master   valid            EC06   EC06   EC06   ok     ok     EU04
master   renewable        EC09   ok     EC09   ok     ok     EU04
master   renewed          EC06   EC06   EC06   ok     ok     EU04
master   expired          EC09   EC09   ok     ER02   ER02   EU04
master   revoked          EC09   EC09   ok     EC09   EC09   EU04
master   locked           EA07   EC09   EC09   EC09   EC09   EU03
master   locked+valid     EC06   EC06   EC06   ok     ok     EU03
master   blocked          EA08   EC09   EC09   EC09   EC09   ok
master   blocked+valid    EC06   EC06   EC06   ok     ok     ok
master   blocked+expired  EC09   EC09   EA08   ER02   ER02   ok
general  none             ok     EC09   EC09   EC09   EC09   EU04
general  unregistered     ok     EC09   EC09   EC09   EC09   EU04
general  valid            EC06   EC06   EC06   ok     ok     EU04
general  renewable        EC09   ok     EC09   ok     ok     EU04
general  renewed          EC06   EC06   EC06   ok     ok     EU04
general  expired          EC09   EC09   ok     ER02   ER02   EU04
general  revoked          EC09   EC09   ok     EC09   EC09   EU04
general  locked           EA07   EC09   EC09   EC09   EC09   EU03
general  locked+valid     EC06   EC06   EC06   ok     ok     EU03
general  blocked          EA09   EC09   EC09   EC09   EC09   EU02
general  blocked+valid    EC06   EC06   EC06   ok     ok     EU02
general  blocked+expired  EC09   EC09   EA09   ER02   ER02   EU02
"""
"""For a clerk and a supervisor of the user's branch alike."""

OTHER_STAFF: Final = """
                          101    102    103    201    202    301
auditor                   ET03   ET03   ET03   ET03   ET03   ET03
administrator             ET03   ET03   ET03   ET03   ET03   ET03
other branch              ET04   ET04   ET04   ET04   ET04   ET04
"""
"""For every user: what the role does not include, and whom the branch does not serve (E-94)."""

BY_PHONE: Final = """
                          101    102    103    201    202    301
at the counter            -      -      -      ok     EC09   EU04
by phone                  EC09   EC09   EC09   EC09   ok     EC09
"""
"""For a user with a certificate in force; a dash stands for what the table above tells."""

SERVING: Final = (StaffRole.CLERK, StaffRole.SUPERVISOR)

_LOCKED: Final[dict[str, Any]] = {"lock_count": 1, "locked_until": MONDAY_MORNING + timedelta(minutes=40)}
_BLOCKED: Final[dict[str, Any]] = {"status": "blocked", "lock_count": 3, "charges": 18}


@dataclass(frozen=True)
class Situation:
    """A user before the counter, and the ages of the certificates in days; `revoked` ends the first of them."""

    columns: dict[str, Any] = field(default_factory=dict)
    ages: tuple[int, ...] = ()
    revoked: bool = False


SITUATIONS: Final[dict[str, Situation]] = {
    "none": Situation(),
    "unregistered": Situation({"initial_registration_done": False}),
    "valid": Situation(ages=(100,)),
    "renewable": Situation(ages=(350,)),
    "renewed": Situation(ages=(350, 5)),
    "expired": Situation(ages=(366,)),
    "revoked": Situation(ages=(100,), revoked=True),
    "locked": Situation(_LOCKED),
    "locked+valid": Situation(_LOCKED, ages=(100,)),
    "blocked": Situation(_BLOCKED),
    "blocked+valid": Situation(_BLOCKED, ages=(100,)),
    "blocked+expired": Situation(_BLOCKED, ages=(366,)),
}


@dataclass(frozen=True)
class Cell:
    """One answer of the table."""

    user_role: str
    situation: str
    transaction: Transaction
    answer: str

    @property
    def allowed(self) -> bool:
        """Whether the transaction can be chosen."""
        return self.answer == "ok"


def cells() -> tuple[Cell, ...]:
    """Every cell of `TABLE`."""
    return tuple(
        Cell(words[0], words[1], Transaction(number), answer)
        for words, answers in _rows(TABLE)
        for number, answer in zip(COLUMNS, answers, strict=True)
    )


def refused_staff() -> dict[str, dict[Transaction, str]]:
    """`OTHER_STAFF` by its lines."""
    return {" ".join(words): _answers(COLUMNS, answers) for words, answers in _rows(OTHER_STAFF)}


def phone_lines() -> dict[str, dict[Transaction, str]]:
    """`BY_PHONE` by its lines, without the dashes."""
    numbers = ("101", "102", "103", "201", "202", "301")
    return {" ".join(words): _answers(numbers, answers) for words, answers in _rows(BY_PHONE)}


def a_user_in(database: Database, user_role: str, situation: str) -> User:
    """A user of branch 012 as a line of the table wants one, on this Monday morning."""
    wanted = SITUATIONS[situation]
    user = a_user(database, role=user_role, **wanted.columns)
    for slot, age in enumerate(wanted.ages):
        ended = wanted.revoked or age >= 366
        other: dict[str, Any] = {"state": "revoked"} if wanted.revoked else {"slot": None if ended else slot}
        a_certificate(database, user, issued_at=MONDAY_MORNING - timedelta(days=age), **other)
    return user


def _rows(table: str) -> list[tuple[list[str], list[str]]]:
    header, *lines = table.strip("\n").splitlines()
    width = len(header.split())
    return [(line.split()[:-width], line.split()[-width:]) for line in lines]


def _answers(numbers: tuple[str, ...], answers: list[str]) -> dict[Transaction, str]:
    pairs = zip(numbers, answers, strict=True)
    return {Transaction(number): answer for number, answer in pairs if answer != "-"}
