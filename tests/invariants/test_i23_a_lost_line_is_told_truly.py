"""I-23: whenever the line to the registry breaks, what the counter was told is what the registry shows afterwards."""

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
from db.tables import Case, Certificate, Delivery, Notice, User, VerificationCode
from kiosk.errors import Aftermath, KioskError
from kiosk.rules.certificates import LIVE_STATES
from kiosk.secret import Secret
from kiosk.services.views import HandOverCheck, Ready
from tests.support.builders import PASSWORD, a_user
from tests.support.clock import SteppedClock
from tests.support.counters import Counter, a_form, build_counter
from tests.support.databases import on_postgresql
from tests.support.proxy import Line, Loses, a_line_to

STRIDE = 31
"""Of all the places a line can break at, every so-many-th is tried; of the commits every one."""


@dataclass
class Visit:
    """One customer at the counter behind the line, as far as a press needs it."""

    counter: Counter
    user: User
    reception_no: str = ""
    ready: Ready | None = None
    operation_id: str = field(default_factory=lambda: secrets.token_hex(16))

    def signs(self) -> Ready:
        return self.counter.issuing.sign(
            self.counter.actor, self.reception_no, self.operation_id, lambda _: None
        )

    def delivers(self) -> object:
        assert self.ready is not None
        return self.counter.delivers(self.ready)


@dataclass(frozen=True)
class Press:
    """One button: what comes before it, and what it does."""

    name: str
    before: Callable[[Visit], None]
    act: Callable[[Visit], object]


def _nothing(visit: Visit) -> None:
    return


def _case(visit: Visit) -> None:
    visit.reception_no = visit.counter.opens_case(visit.user).reception_no


def _password(visit: Visit) -> None:
    _case(visit)
    type_password(visit)


def _code(visit: Visit) -> None:
    _password(visit)
    type_code(visit)


def _signed(visit: Visit) -> None:
    _code(visit)
    visit.ready = visit.signs()


def _delivered(visit: Visit) -> None:
    _signed(visit)
    visit.delivers()


def type_password(visit: Visit) -> object:
    return visit.counter.authenticating.submit_password(
        visit.counter.actor, visit.reception_no, visit.user.user_id, Secret(PASSWORD)
    )


def type_wrong_password(visit: Visit) -> object:
    return visit.counter.authenticating.submit_password(
        visit.counter.actor, visit.reception_no, visit.user.user_id, Secret("Chigau#2026")
    )


def type_code(visit: Visit) -> None:
    visit.counter.authenticating.submit_code(
        visit.counter.actor, visit.reception_no, Secret(visit.counter.post.codes[-1])
    )


def open_case(visit: Visit) -> object:
    return visit.counter.casework.open(visit.counter.actor, a_form(operation_id=visit.operation_id))


def hand_over(visit: Visit) -> object:
    return visit.counter.handing_over.hand_over(
        visit.counter.actor, visit.reception_no, frozenset(HandOverCheck)
    )


def give_up(visit: Visit) -> None:
    visit.counter.handing_over.give_up(visit.counter.actor, visit.reception_no)


def void(visit: Visit) -> None:
    visit.counter.casework.void(visit.counter.actor, visit.reception_no, "中止")


PRESSES = (
    Press("open", _nothing, open_case),
    Press("right password", _case, type_password),
    Press("wrong password", _case, type_wrong_password),
    Press("code", _password, type_code),
    Press("void", _code, void),
    Press("sign", _code, Visit.signs),
    Press("deliver", _signed, Visit.delivers),
    Press("give up", _signed, give_up),
    Press("hand over", _delivered, hand_over),
)


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
            "charges": user.charges,
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
def counter(line: tuple[Line, str], tmp_path: Path, clock: SteppedClock) -> Iterator[Counter]:
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
    visit = Visit(counter, a_user(database))
    press.before(visit)
    before = facts(database, visit)
    line.break_at(*place)
    said = pressed(visit, press)
    broken = line.broken
    line.break_at(None)
    after = facts(database, visit)
    if said is None:
        assert after != before, place
    if said is Aftermath.NOTHING_HAPPENED and press.act is not type_wrong_password:
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


@on_postgresql
@pytest.mark.rule("I-23", "I-1", "E-90")
@pytest.mark.parametrize("press", PRESSES, ids=lambda one: one.name)
@pytest.mark.parametrize(
    ("loses", "counts", "first", "stride"),
    [
        pytest.param(Loses.REQUEST, b"COMMIT", 1, 1, id="no commit arrives"),
        pytest.param(Loses.ANSWER, b"COMMIT", 1, 1, id="no answer to a commit"),
        pytest.param(Loses.REQUEST, b"", STRIDE // 4, STRIDE, id="anywhere"),
    ],
)
def test_what_was_told_after_a_lost_line_is_what_the_registry_shows(
    line: tuple[Line, str],
    counter: Counter,
    database: Database,
    press: Press,
    loses: Loses,
    counts: bytes,
    first: int,
    stride: int,
) -> None:
    tried = 0
    with suppress(EndOfPress):
        for place in count(first, stride):
            lose_the_line(line[0], counter, database, press, (place, loses, counts))
            tried += 1
    assert tried
