"""E-90: two terminals never serve one user in one matter, whatever order their presses come in."""

from pathlib import Path

import pytest

from db.database import Database
from kiosk.errors import KioskError, NotVerified, UserBusyElsewhere
from kiosk.rules.operations import Transaction
from kiosk.secret import Secret
from tests.support.builders import PASSWORD, a_terminal, a_user, an_actor
from tests.support.clock import SteppedClock
from tests.support.counters import Counter, a_form, build_counter


@pytest.fixture
def neighbour(database: Database, tmp_path: Path, clock: SteppedClock) -> Counter:
    """The second terminal of the branch."""
    actor = an_actor(database, terminal=a_terminal(database, "012", "02"))
    return build_counter(database, tmp_path / "neighbour", clock, actor)


@pytest.mark.rule("E-90")
def test_the_second_terminal_is_told_which_one_serves_the_user(
    counter: Counter, neighbour: Counter, database: Database
) -> None:
    user = a_user(database)
    serving = counter.opens_case(user)
    case = neighbour.casework.open(neighbour.actor, a_form())
    neighbour.casework.choose_user(neighbour.actor, case.reception_no, user.pk)
    with pytest.raises(UserBusyElsewhere) as refused:
        neighbour.casework.choose_transaction(neighbour.actor, case.reception_no, Transaction.FIRST_ISSUE)
    assert refused.value.code == "ES04"
    assert (refused.value.terminal_no, refused.value.reception_no) == ("01", serving.reception_no)


@pytest.mark.rule("E-90")
def test_the_second_terminal_may_go_on_when_the_first_has_voided(
    counter: Counter, neighbour: Counter, database: Database
) -> None:
    user = a_user(database)
    serving = counter.opens_case(user)
    counter.authenticates(serving.reception_no, user)
    counter.casework.void(counter.actor, serving.reception_no, "中止")
    neighbour.hands_over(neighbour.issues(user))
    with pytest.raises(NotVerified):
        counter.signs(serving.reception_no)


@pytest.mark.rule("E-90", "I-2")
def test_a_start_of_the_second_terminal_touches_nothing_of_the_first(
    counter: Counter, neighbour: Counter, database: Database
) -> None:
    ready = counter.issues(a_user(database))
    report = neighbour.recovering.recover()
    assert (report.voided, report.revoked, report.waiting) == ((), (), ())
    counter.hands_over(ready)


@pytest.mark.rule("E-90", "I-7")
def test_a_password_typed_at_the_other_terminal_ends_the_code_of_the_first(
    counter: Counter, neighbour: Counter, database: Database
) -> None:
    """The reception then belongs to the sign-on that authenticated last; the other one cannot issue with it."""
    user = a_user(database)
    reception_no = counter.opens_case(user).reception_no
    counter.authenticates(reception_no, user)
    neighbour.authenticating.submit_password(neighbour.actor, reception_no, user.user_id, Secret(PASSWORD))
    with pytest.raises(KioskError):
        counter.signs(reception_no)
    neighbour.authenticating.submit_code(neighbour.actor, reception_no, Secret(neighbour.post.codes[-1]))
    with pytest.raises(KioskError):
        counter.signs(reception_no)
    neighbour.signs(reception_no)
