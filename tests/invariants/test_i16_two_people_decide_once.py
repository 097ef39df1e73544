"""I-16: of two supervisors who decide at the same moment one does, and whoever asked never does."""

from functools import partial
from pathlib import Path

import pytest

from db.database import Database, open_database
from db.tables import Staff
from kiosk.services.approved.views import ApprovalView
from tests.support.approvals import a_revocation, a_supervisor, signed_on, states_of
from tests.support.clock import SteppedClock
from tests.support.counters import Counter, build_counter
from tests.support.journal import told
from tests.support.processes import at_once


def decides(
    counter: Counter, folder: Path, clock: SteppedClock, asked: ApprovalView, boss: Staff, *, yes: bool
) -> str:
    """One supervisor in a process of their own; the word of the decision."""
    database = open_database(counter.database.engine.url.render_as_string(hide_password=False))
    own = build_counter(database, folder, clock, counter.actor)
    actor = signed_on(own, boss)
    if yes:
        return str(own.approving.approve(actor, asked.approval_pk, asked.digest).state)
    return str(own.approving.reject(actor, asked.approval_pk, asked.digest, "書面の不備").state)


@pytest.mark.usefixtures("patient")
@pytest.mark.rule("I-16")
@pytest.mark.parametrize("answers", [(True, True), (True, False), (False, False)])
def test_of_two_supervisors_at_once_one_decides(
    counter: Counter, database: Database, clock: SteppedClock, tmp_path: Path, answers: tuple[bool, bool]
) -> None:
    supervisors = [a_supervisor(database) for _ in answers]
    reception, request = a_revocation(counter)
    asked = counter.approving.ask(counter.actor, reception.number, request)
    presses = [
        partial(decides, counter, tmp_path / str(number), clock, asked, boss, yes=yes)
        for number, (boss, yes) in enumerate(zip(supervisors, answers, strict=True))
    ]
    results = at_once(presses)
    decisions = [result for result in results if result in {"approved", "rejected"}]
    assert len(decisions) == 1
    assert sorted(set(results) - set(decisions)) == ["AlreadyDecided"]
    assert states_of(database) == decisions
    kept = [
        tag for tag, outcome in told(database) if tag.startswith("approval:decision") and outcome == "done"
    ]
    assert kept == [f"approval:decision:{decisions[0]}"]
