"""Where the settings want it, a supervisor agrees to an issue before the customer types the password (DOMAIN 3.2.5)."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from db.database import Database
from db.tables import User
from kiosk.errors import ApprovalExpired, ApprovalNeeded, ApprovalStale
from kiosk.rules.approvals import ApprovalState
from kiosk.rules.shown import Effect
from kiosk.secret import Secret
from kiosk.services.approved.views import IssueRequest
from kiosk.services.views import NextStep
from tests.support.approvals import Reception, approved, states_of
from tests.support.builders import PASSWORD, a_user
from tests.support.clock import SteppedClock
from tests.support.counters import Counter, build_counter


@pytest.fixture
def strict(database: Database, tmp_path: Path, clock: SteppedClock) -> Iterator[Counter]:
    """A counter that asks for an approval of every issue."""
    built = build_counter(database, tmp_path, clock, approval_for_issue=True)
    yield built
    built.signer.close()


def at_step_3(counter: Counter) -> Reception:
    """A reception whose customer is about to authenticate."""
    user = a_user(counter.database)
    return Reception(number=counter.opens_case(user).reception_no, user=user)


def types_password(counter: Counter, reception: Reception, password: str = PASSWORD) -> None:
    """Step 4."""
    counter.authenticating.submit_password(
        counter.actor, reception.number, reception.user.user_id, Secret(password)
    )


@pytest.mark.rule("I-16")
def test_no_password_is_typed_before_the_approval(strict: Counter, database: Database) -> None:
    reception = at_step_3(strict)
    with pytest.raises(ApprovalNeeded):
        types_password(strict, reception, "Kunren#2025")
    with database.reading() as session:
        assert session.get_one(User, reception.user.pk).charges == 0


@pytest.mark.rule("I-16", "I-17")
def test_an_approved_issue_goes_its_way_and_uses_the_approval_up(strict: Counter, database: Database) -> None:
    reception = at_step_3(strict)
    view = approved(strict, reception, IssueRequest())
    assert view.shown.effects == (Effect.CERTIFICATE_IS_ISSUED,)
    strict.authenticates(reception.number, reception.user)
    strict.delivers(strict.signs(reception.number))
    assert states_of(database) == ["executed"]


@pytest.mark.rule("I-17")
def test_the_ten_minutes_end_before_step_4_and_not_in_the_middle_of_step_5(
    strict: Counter, database: Database
) -> None:
    late = at_step_3(strict)
    approved(strict, late, IssueRequest())
    strict.clock.step(minutes=10)
    with pytest.raises(ApprovalExpired):
        types_password(strict, late)
    approved(strict, late, IssueRequest())
    strict.clock.step(minutes=9)
    types_password(strict, late)
    strict.clock.step(minutes=20)
    strict.authenticating.submit_code(strict.actor, late.number, Secret(strict.post.codes[-1]))
    strict.signs(late.number)
    assert states_of(database) == ["expired", "executed"]


@pytest.mark.rule("I-17")
def test_a_change_after_the_approval_is_noticed_at_the_issue(strict: Counter, database: Database) -> None:
    reception = at_step_3(strict)
    approved(strict, reception, IssueRequest())
    strict.authenticates(reception.number, reception.user)
    with database.transaction() as session:
        session.get_one(User, reception.user.pk).name = "改名 太郎"
    with pytest.raises(ApprovalStale):
        strict.signs(reception.number)
    assert strict.handing_over.unfinished(strict.actor)[0].serial is None


def test_an_approved_issue_is_gone_on_with_and_not_executed(strict: Counter) -> None:
    reception = at_step_3(strict)
    approved(strict, reception, IssueRequest())
    (line,) = strict.handing_over.unfinished(strict.actor)
    assert (line.next_step, line.approval) == (NextStep.RESUME_OR_VOID, ApprovalState.APPROVED)


def test_without_the_setting_nobody_is_asked(counter: Counter, database: Database) -> None:
    counter.delivers(counter.issues(a_user(database)))
    assert states_of(database) == []
