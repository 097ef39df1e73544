"""I-23: whenever the line to the registry breaks, what the counter was told is what the registry shows afterwards."""

import pytest

from db.database import Database
from kiosk.secret import Secret
from kiosk.services.views import HandOverCheck
from tests.support.builders import PASSWORD
from tests.support.counters import Counter, a_form
from tests.support.databases import on_postgresql
from tests.support.lost_line import PLACES, Press, Visit, behind_a_line, line, lose_every
from tests.support.proxy import Line, Loses

__all__ = ["behind_a_line", "line"]


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
    Press("wrong password", _case, type_wrong_password, refusal_counts=True),
    Press("code", _password, type_code),
    Press("void", _code, void),
    Press("sign", _code, Visit.signs),
    Press("deliver", _signed, Visit.delivers),
    Press("give up", _signed, give_up),
    Press("hand over", _delivered, hand_over),
)


@on_postgresql
@pytest.mark.rule("I-23", "I-1", "E-90")
@pytest.mark.parametrize("press", PRESSES, ids=lambda one: one.name)
@pytest.mark.parametrize(("loses", "counts", "first", "stride"), PLACES)
def test_what_was_told_after_a_lost_line_is_what_the_registry_shows(
    line: tuple[Line, str],
    behind_a_line: Counter,
    database: Database,
    press: Press,
    loses: Loses,
    counts: bytes,
    first: int,
    stride: int,
) -> None:
    lose_every(line[0], behind_a_line, database, press, (loses, counts, first, stride))
