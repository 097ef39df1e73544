"""I-1, I-11: issue, issue, new code, start and giving up in many orders of their transactions."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from sqlmodel import col, select

from db.database import Database
from db.tables import Case, Certificate, JournalEntry, User
from kiosk.audit.events import EventTag
from kiosk.errors import KioskError
from kiosk.rules.certificates import LIVE_STATES
from kiosk.secret import Secret
from tests.support.builders import PASSWORD, a_user
from tests.support.clock import SteppedClock
from tests.support.counters import Counter, build_counter
from tests.support.interleaving import SteppedDatabase, Turns, interleaved

ORDERS = {"sqlite": 12, "postgresql": 8}
Press = Callable[[Counter, str, User], object]


def issues(counter: Counter, reception_no: str, user: User) -> None:
    """[発行], and what follows it."""
    counter.delivers(counter.signs(reception_no))


def asks_for_a_new_code(counter: Counter, reception_no: str, user: User) -> None:
    """Back to step 4, and through it again."""
    counter.authenticates(reception_no, user)


def starts(counter: Counter, reception_no: str, user: User) -> None:
    """The program was started a second time, and settles what it takes for left behind."""
    counter.recovering.recover()


def gives_up(counter: Counter, reception_no: str, user: User) -> None:
    """From the list of what is unfinished."""
    counter.handing_over.give_up(counter.actor, reception_no)


def guesses(counter: Counter, reception_no: str, user: User) -> None:
    """Somebody else's password."""
    counter.authenticating.submit_password(counter.actor, reception_no, user.user_id, Secret("Chigau#2026"))


PRESSES: tuple[Press, ...] = (issues, issues, asks_for_a_new_code, starts, gives_up, guesses)


@pytest.fixture
def counters(
    database: Database, database_url: str, tmp_path: Path, clock: SteppedClock
) -> Iterator[list[Counter]]:
    """One screen for every press: the same terminal, clerk, passwords and post box, but connections of its own."""
    with SteppedDatabase.opened(database_url) as first_database:
        first = build_counter(first_database, tmp_path, clock)
        made = [first]
        for _ in PRESSES[1:]:
            other = build_counter(SteppedDatabase.opened(database_url), tmp_path, clock, first.actor)
            other.signer.close()
            made.append(
                replace(
                    other,
                    passwords=first.passwords,
                    post=first.post,
                    authenticating=replace(
                        other.authenticating,
                        passwords=first.passwords,
                        vault=first.post.vault,
                        send_now=first.post.send_now,
                    ),
                    issuing=replace(other.issuing, passwords=first.passwords, signer=first.signer),
                    delivering=replace(other.delivering, signer=first.signer),
                    handing_over=replace(other.handing_over, signer=first.signer, publish_crl=_no_list),
                    recovering=replace(other.recovering, signer=first.signer, publish_crl=_no_list),
                )
            )
        yield made
        for counter in made:
            counter.database.dispose()
        first.signer.close()


def _no_list() -> None:
    """Lists have tests of their own."""


def told(act: Callable[[], object]) -> Callable[[], None]:
    """`act`, whose refusals are part of the game."""

    def run() -> None:
        try:
            act()
        except KioskError:
            return

    return run


def pressed(counter: Counter, press: Press, reception_no: str, user: User) -> Iterator[None]:
    """The press as a generator that yields before each of its transactions."""
    turns = Turns()
    assert isinstance(counter.database, SteppedDatabase)
    counter.database.turns = turns
    return turns.steps(told(lambda: press(counter, reception_no, user)))


def require_sound(database: Database, user: User, reception_no: str, order: tuple[int, ...]) -> None:
    """I-1, I-2 and I-4 of one user, after the presses came in `order`."""
    with database.reading() as session:
        rows = session.exec(select(Certificate).where(col(Certificate.user_pk) == user.pk)).all()
        case = session.exec(select(Case).where(col(Case.reception_no) == reception_no)).one()
        intents = session.exec(
            select(JournalEntry.serial).where(
                col(JournalEntry.tag) == EventTag.ISSUE_SIGNING, col(JournalEntry.outcome) == "done"
            )
        ).all()
    live = [row.state for row in rows if row.state in LIVE_STATES]
    assert len(live) <= 1, order
    assert {row.serial for row in rows} <= set(intents), order
    assert live in {
        "issuing": (["reserved"],),
        "issued": (["signed"],),
        "delivered": (["active"],),
    }.get(case.state, ([],)), order


@pytest.mark.rule("I-1", "I-2", "I-4", "E-53", "E-90")
def test_no_order_of_presses_makes_two_certificates(counters: list[Counter], database: Database) -> None:
    first = counters[0]
    ends: set[str] = set()
    for seed in range(ORDERS[database.dialect]):
        for counter in counters:
            assert isinstance(counter.database, SteppedDatabase)
            counter.database.turns = None
        user = a_user(database)
        reception_no = first.opens_case(user).reception_no
        first.authenticates(reception_no, user)
        presses = [
            pressed(counter, press, reception_no, user)
            for counter, press in zip(counters, PRESSES, strict=True)
        ]
        order = interleaved(presses, Random(seed))  # noqa: S311  # which order comes is no secret
        require_sound(database, user, reception_no, order)
        with database.reading() as session:
            ends.add(session.exec(select(Case.state).where(col(Case.reception_no) == reception_no)).one())
        for file in first.sticks.rglob("*.p12"):
            file.unlink()
        first.clock.step(hours=2)
    assert len(ends) > 1, "the orders differ in what comes of them"


@pytest.mark.rule("I-11", "E-31")
def test_what_another_user_is_cannot_be_told_at_step_4(counter: Counter, database: Database) -> None:
    """Whoever stands at the counter and types another's ID reads the same, whatever that other one is."""
    reception_no = counter.opens_case(a_user(database)).reception_no
    others = {
        "nobody": "dareka9999",
        "active": a_user(database).user_id,
        "blocked": a_user(database, status="blocked").user_id,
        "locked": a_user(database, locked_until=counter.clock.now().replace(year=2027)).user_id,
    }
    answers = {kind: answer(counter, reception_no, user_id) for kind, user_id in others.items()}
    assert len(set(answers.values())) == 1, answers


def answer(counter: Counter, reception_no: str, user_id: str) -> str:
    """Everything the counter is told after a right password under a wrong name."""
    with pytest.raises(KioskError) as refused:
        counter.authenticating.submit_password(counter.actor, reception_no, user_id, Secret(PASSWORD))
    return f"{refused.value} {sorted(vars(refused.value).items())}"
