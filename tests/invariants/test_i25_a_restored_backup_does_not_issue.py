"""I-25: a registry put back from yesterday is recognised by the checkpoints outside it, and issues nothing."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from kiosk.bootstrap import open_services
from kiosk.clock import Clock
from kiosk.errors import IssuingClosed
from kiosk.secret import Secret
from kiosk.services.acting import Actor
from kiosk.services.bundle import Services
from kiosk.services.overview.journal import Tampering
from kiosk.services.upkeep.checking import Check
from kiosk.training.people import MEDIA, STAFF_PASSWORD, USER_PASSWORD
from kiosk.training.setting_up import settings_of
from tests.support.clock import SteppedClock
from tests.support.counters import a_form
from tests.support.practice import CODE

USER_ID = "shinki02"


def opened(folder: Path, clock: Clock) -> tuple[Services, Actor]:
    """The terminal after its start, self-check included, with a clerk signed on."""
    services = open_services(settings_of(folder), clock=clock)
    services.unlock_signer()
    services.self_check.run()
    return services, services.signing_in.sign_in("op001", Secret(STAFF_PASSWORD))


def verified_reception(services: Services, actor: Actor) -> str:
    """A reception at step 6."""
    reception_no = services.casework.open(actor, a_form()).reception_no
    user_pk = services.customers.by_user_id(actor, USER_ID).user_pk
    card = services.casework.choose_user(actor, reception_no, user_pk).card
    assert card is not None
    transaction = next(action.transaction for action in card.next_actions if action.allowed)
    services.casework.choose_transaction(actor, reception_no, transaction)
    services.casework.set_medium(actor, reception_no, MEDIA[0], "")
    services.authenticating.submit_password(actor, reception_no, USER_ID, Secret(USER_PASSWORD))
    found = CODE.search(services.notices.training_mailbox(1)[0].body)
    assert found is not None
    services.authenticating.submit_code(actor, reception_no, Secret(found.group()))
    return reception_no


def issues(services: Services, actor: Actor) -> None:
    """A whole reception up to the signature."""
    reception_no = verified_reception(services, actor)
    day = services.issuing.preview(actor, reception_no).issue_date
    services.issuing.sign(actor, reception_no, "0" * 32, lambda _: None, shown=day)


def backed_up(registry: Path, copy: Path) -> None:
    """The way the manual says: SQLite's own backup, while the terminal may work."""
    with closing(sqlite3.connect(registry)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)


@pytest.mark.rule("I-25", "I-13")
def test_a_restored_backup_is_named_and_keeps_the_issue_closed(
    practice_template: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "data"
    shutil.copytree(practice_template, folder)
    registry, backup = folder / "registry.sqlite3", tmp_path / "yesterday.sqlite3"
    clock = SteppedClock()
    services, actor = opened(folder, clock)
    services.chores.run()
    backed_up(registry, backup)
    clock.step(hours=2)
    issues(services, actor)
    services.chores.run(closing=True)
    assert services.journal.verify(None) == ()
    services.close()

    shutil.copyfile(backup, registry)
    services, actor = opened(folder, clock)
    try:
        (finding,) = services.journal.verify(None)
        assert (finding.node, finding.kind) == ("012/01/screen", Tampering.ROLLED_BACK)
        assert Check.JOURNAL_CHAIN in services.self_check.closed_by()
        with pytest.raises(IssuingClosed) as refused:
            verified_reception(services, actor)
        assert Check.JOURNAL_CHAIN in refused.value.failed
    finally:
        services.close()


@pytest.mark.rule("I-25")
def test_a_backup_that_is_put_back_at_once_issues(practice_template: Path, tmp_path: Path) -> None:
    """The control: nothing was written since, so nothing is missing."""
    folder = tmp_path / "data"
    shutil.copytree(practice_template, folder)
    registry, backup = folder / "registry.sqlite3", tmp_path / "now.sqlite3"
    clock = SteppedClock()
    services, _ = opened(folder, clock)
    services.chores.run(closing=True)
    services.close()
    backed_up(registry, backup)
    shutil.copyfile(backup, registry)
    services, actor = opened(folder, clock)
    try:
        assert services.journal.verify(None) == ()
        issues(services, actor)
    finally:
        services.close()
