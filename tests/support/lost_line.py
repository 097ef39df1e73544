"""A line to the registry that breaks while a button is pressed, and what must be true afterwards (I-23)."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, select

from db.database import Database, open_database
from db.tables import Approval, Case, Certificate, Delivery, Notice, Staff, User, VerificationCode
from kiosk.errors import Aftermath, KioskError
from kiosk.rules.certificates import LIVE_STATES
from kiosk.services.approved.views import ApprovalView, Request
from kiosk.services.views import Ready
from tests.support.builders import a_user
from tests.support.clock import SteppedClock
from tests.support.counters import Counter, build_counter
from tests.support.proxy import Line, Loses, a_line_to

STRIDE = 31
"""Of all the places a line can break at, every so-many-th is tried; of the commits every one."""
PLACES = [
    pytest.param(Loses.REQUEST, b"COMMIT", 1, 1, id="no commit arrives"),
    pytest.param(Loses.ANSWER, b"COMMIT", 1, 1, id="no answer to a commit"),
    pytest.param(Loses.REQUEST, b"", STRIDE // 4, STRIDE, id="anywhere"),
]
"""What is lost, what is counted, the first that is lost, and how many to the next."""


@dataclass
class Visit:
    """One customer at the counter behind the line, as far as a press needs it."""

    counter: Counter
    user: User
    reception_no: str = ""
    ready: Ready | None = None
    wanted: Request | None = None
    asked: ApprovalView | None = None
    supervisor: Staff | None = None
    operation_id: str = field(default_factory=lambda: secrets.token_hex(16))

    def signs(self) -> Ready:
        return self.counter.issuing.sign(
            self.counter.actor,
            self.reception_no,
            self.operation_id,
            lambda _: None,
            shown=self.counter.day(),
        )

    def delivers(self) -> object:
        assert self.ready is not None
        return self.counter.delivers(self.ready)


@dataclass(frozen=True)
class Press:
    """One button: what comes before it, and what it does."""

    name: str
    before: Callable[[Visit], object]
    act: Callable[[Visit], object]
    customer: Callable[[Database], User] = a_user
    refusal_counts: bool = False
    """A refusal of it changes the registry, as a wrong password does."""


def facts(database: Database, visit: Visit) -> dict[str, Any]:
    """What is true of the visit, read over a line of its own; the journal is left out."""
    with database.reading() as session:
        user = session.get_one(User, visit.user.pk)
        cases = session.exec(
            select(Case).where(
                (col(Case.reception_no) == visit.reception_no)
                | (col(Case.operation_id) == visit.operation_id)
            )
        ).all()
        rows = session.exec(select(Certificate).where(col(Certificate.user_pk) == user.pk)).all()
        deliveries = session.exec(
            select(Delivery).where(col(Delivery.certificate_pk).in_([row.pk for row in rows]))
        ).all()
        return {
            "cases": sorted(case.state for case in cases),
            "user": (user.status, user.charges, user.lock_count, user.consecutive_failures),
            "approvals": sorted(
                session.exec(
                    select(Approval.state).where(col(Approval.case_pk).in_([case.pk for case in cases]))
                ).all()
            ),
            "certificates": sorted(row.state for row in rows),
            "deliveries": sorted((one.state, one.tries) for one in deliveries),
            "codes": sorted(
                (code.ended or "")
                for code in session.exec(
                    select(VerificationCode).where(col(VerificationCode.user_pk) == user.pk)
                )
            ),
            "letters": sorted(
                session.exec(select(Notice.dedupe).where(col(Notice.user_pk) == user.pk)).all()
            ),
        }


@pytest.fixture
def line(database_url: str) -> Iterator[tuple[Line, str]]:
    with a_line_to(database_url) as made:
        yield made


@pytest.fixture
def behind_a_line(line: tuple[Line, str], tmp_path: Path, clock: SteppedClock) -> Iterator[Counter]:
    """A counter whose registry lies behind the line."""
    with open_database(line[1]) as database:
        built = build_counter(database, tmp_path, clock)
        yield built
        built.signer.close()


def pressed(visit: Visit, press: Press) -> Aftermath | None:
    """Press the button; what the counter says is true afterwards, None when it says that all went well."""
    try:
        press.act(visit)
    except KioskError as refusal:
        return refusal.aftermath
    return None


def clear(counter: Counter) -> None:
    """Empty the stick for the next customer."""
    for file in counter.sticks.rglob("*.p12"):
        file.unlink()


def lose_the_line(
    line: Line, counter: Counter, database: Database, press: Press, place: tuple[int, Loses, bytes]
) -> None:
    """Press while the line breaks at `place`, compare what was told with what is true, then press again."""
    visit = Visit(counter, press.customer(database))
    press.before(visit)
    before = facts(database, visit)
    line.break_at(*place)
    said = pressed(visit, press)
    broken = line.broken
    line.break_at(None)
    after = facts(database, visit)
    if said is None:
        assert after != before, place
    if said is Aftermath.NOTHING_HAPPENED and not press.refusal_counts:
        assert after == before, place
    if said is not None:
        pressed(visit, press)
        after = facts(database, visit)
    assert len(after["cases"]) <= 1, place
    assert sum(state in LIVE_STATES for state in after["certificates"]) <= 1, place
    counter.clock.step(seconds=1)
    clear(counter)
    if not broken:
        raise EndOfPress


class EndOfPress(Exception):
    """The press had fewer requests than that."""


def lose_every(
    line: Line,
    counter: Counter,
    database: Database,
    press: Press,
    where: tuple[Loses, bytes, int, int],
) -> None:
    """Press again and again, each time with the line broken a little later, until the press is over before."""
    loses, counts, first, stride = where
    tried = 0
    with suppress(EndOfPress):
        for place in count(first, stride):
            lose_the_line(line, counter, database, press, (place, loses, counts))
            tried += 1
    assert tried
