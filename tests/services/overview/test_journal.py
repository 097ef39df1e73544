"""Reading and verifying the journal."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from db.database import Database
from kiosk.audit import checkpoints
from kiosk.audit.events import EventTag
from kiosk.audit.keeping import CheckpointFile
from kiosk.audit.trail import Trail
from kiosk.errors import AccountChanged, BadInput, JournalNotWritable, KioskError, NotPermitted
from kiosk.pki.local_signer import LocalSigner
from kiosk.rules.roles import Permission, StaffRole, may
from kiosk.services.acting import Actor
from kiosk.services.desk.guard import Desk
from kiosk.services.overview.journal import Journal, JournalFilter, Tampering
from tests.support.builders import NODE, a_terminal, an_actor, shut_out
from tests.support.certificates import an_opened_ca
from tests.support.clock import MONDAY_MORNING, SteppedClock
from tests.support.databases import unguarded
from tests.support.journal import journal_of, told

EVERYTHING = JournalFilter()


@pytest.fixture(scope="module")
def signer(tmp_path_factory: pytest.TempPathFactory) -> LocalSigner:
    return an_opened_ca(tmp_path_factory.mktemp("home") / "ca", now=MONDAY_MORNING).signer


@pytest.fixture
def journal(desk: Desk, signer: LocalSigner, tmp_path: Path) -> Journal:
    return Journal(
        desk=desk,
        public_key=lambda: signer.facts().attestation_public_key,
        kept=CheckpointFile(tmp_path / "checkpoints"),
    )


@pytest.fixture
def auditor(database: Database) -> Actor:
    return an_actor(database, StaffRole.AUDITOR)


def refusal(use_case: Callable[[], object]) -> KioskError:
    with pytest.raises(KioskError) as refused:
        use_case()
    return refused.value


def test_an_entry_is_shown_with_everything_it_holds(journal: Journal, auditor: Actor, desk: Desk) -> None:
    desk.note(auditor, EventTag.USER_INQUIRED, user_id="koushin01", transaction="401", serial="0A")

    (line,) = journal.entries(auditor, EVERYTHING).lines

    assert (line.node, line.seq, line.at) == (NODE, 1, MONDAY_MORNING)
    assert (line.tag, line.outcome) == (EventTag.USER_INQUIRED, "done")
    assert (line.staff_id, line.branch_no, line.terminal_no) == (auditor.staff_id, "012", "01")
    assert (line.user_id, line.serial, line.details["transaction"]) == ("koushin01", "0A", "401")
    assert len(line.hash) == 64


def test_entries_are_narrowed_down(
    journal: Journal, auditor: Actor, desk: Desk, database: Database, clock: SteppedClock
) -> None:
    clerk = an_actor(database)
    desk.note(clerk, EventTag.USER_INQUIRED, user_id="koushin01")
    desk.note(clerk, EventTag.RECEPTION_OPENED, reception_no="20260302-012-01-0001")
    clock.step(hours=14)  # midnight in Japan
    desk.note(clerk, EventTag.USER_INQUIRED, user_id="ippan005")

    def found(**wanted: object) -> list[tuple[str, str | None]]:
        page = journal.entries(auditor, replace(EVERYTHING, **wanted))  # type: ignore[arg-type]
        return [(line.tag, line.user_id) for line in page.lines if line.tag != EventTag.JOURNAL_INQUIRED]

    first, second = (EventTag.USER_INQUIRED, "koushin01"), (EventTag.RECEPTION_OPENED, None)
    third = (EventTag.USER_INQUIRED, "ippan005")
    assert found() == [third, second, first]
    assert found(day=date(2026, 3, 2)) == [second, first]
    assert found(day=date(2026, 3, 3)) == [third]
    assert found(user_id="koushin01") == [first]
    assert found(tag=EventTag.USER_INQUIRED) == [third, first]
    assert found(staff_id=clerk.staff_id) == [third, second, first]
    assert found(reception_no="20260302-012-01-0001") == [second]
    assert found(staff_id="nobody") == []


def test_pages_follow_each_other_without_gap_or_overlap(
    journal: Journal, auditor: Actor, desk: Desk, database: Database
) -> None:
    for _ in range(7):
        desk.note(auditor, EventTag.SCREEN_LOCKED)

    behind, seen, pages = None, [], 0
    while pages == 0 or behind is not None:
        page = journal.entries(auditor, JournalFilter(tag=EventTag.SCREEN_LOCKED), behind=behind, limit=3)
        seen += [line.seq for line in page.lines]
        behind, pages = page.next_page, pages + 1

    assert seen == [7, 6, 5, 4, 3, 2, 1]
    assert pages == 3


def test_reading_the_journal_is_journaled(journal: Journal, auditor: Actor, database: Database) -> None:
    journal.entries(auditor, JournalFilter(day=date(2026, 3, 2)))

    (line,) = journal_of(database)
    assert (line.tag, line.facts["found"], line.facts["day"]) == (EventTag.JOURNAL_INQUIRED, 0, "2026-03-02")


@pytest.mark.rule("E-94")
def test_a_supervisor_reads_what_the_terminals_of_the_branch_wrote(
    journal: Journal, auditor: Actor, desk: Desk, database: Database, clock: SteppedClock
) -> None:
    elsewhere = an_actor(database, terminal=a_terminal(database, "034"))
    replace(desk, trail=Trail("034/01/test")).note(elsewhere, EventTag.USER_INQUIRED, user_id="pchenko03")
    desk.note(None, EventTag.SELF_CHECK_OK)
    supervisor = an_actor(database, StaffRole.SUPERVISOR)

    own = {line.node for line in journal.entries(supervisor, EVERYTHING).lines}
    everything = {line.node for line in journal.entries(auditor, EVERYTHING).lines}

    assert own == {NODE}
    assert everything == {NODE, "034/01/test"}


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        (JournalFilter(user_id="x"), "user_id"),
        (JournalFilter(user_id="koushin01\x00"), "user_id"),
        (JournalFilter(staff_id="\udcff"), "staff_id"),
        (JournalFilter(reception_no="'; DROP"), "reception_no"),
        (JournalFilter(day=date.max), "day"),
        (JournalFilter(day=date.min), "day"),
    ],
)
def test_a_filter_that_cannot_match_is_refused_at_its_field(
    journal: Journal, auditor: Actor, wanted: JournalFilter, field: str
) -> None:
    refused = refusal(lambda: journal.entries(auditor, wanted))

    assert isinstance(refused, BadInput)
    assert refused.field == field


@pytest.mark.parametrize("role", StaffRole)
def test_only_those_who_may_read_the_journal_do(
    journal: Journal, database: Database, role: StaffRole
) -> None:
    actor = an_actor(database, role)
    for use_case in (lambda: journal.entries(actor, EVERYTHING), lambda: journal.verify(actor)):
        if may(role, Permission.READ_JOURNAL):
            use_case()
        else:
            assert isinstance(refusal(use_case), NotPermitted)
            assert told(database)[-1] == (EventTag.NOT_PERMITTED, "refused")


@pytest.mark.rule("I-13")
def test_a_journal_as_it_was_written_verifies(journal: Journal, auditor: Actor, database: Database) -> None:
    assert journal.verify(None) == ()
    assert journal.verify(auditor) == ()
    assert told(database) == [(EventTag.JOURNAL_VERIFIED, "done")] * 2


def test_an_auditor_who_was_shut_out_learns_nothing_of_it(
    journal: Journal, database: Database, auditor: Actor
) -> None:
    shut_out(database, auditor)
    with pytest.raises(AccountChanged):
        journal.verify(auditor)


@pytest.mark.rule("I-13")
def test_an_edit_is_named_with_its_position_and_journaled(
    journal: Journal, auditor: Actor, desk: Desk, database: Database
) -> None:
    for _ in range(5):
        desk.note(auditor, EventTag.SCREEN_LOCKED)
    with unguarded(database), database.transaction() as session:
        session.connection().exec_driver_sql("UPDATE journal SET user_id = 'koushin01' WHERE seq = 3")

    (finding,) = journal.verify(auditor)

    assert (finding.node, finding.seq, finding.kind) == (NODE, 3, Tampering.EDITED)
    line = journal_of(database)[-1]
    assert (line.tag, line.outcome) == (EventTag.JOURNAL_BROKEN, "failed")
    assert (line.facts["first_seq"], line.facts["first_kind"]) == (3, "edited")


@pytest.mark.rule("I-13")
def test_a_cut_tail_is_told_by_the_checkpoint_outside(
    journal: Journal,
    auditor: Actor,
    desk: Desk,
    database: Database,
    signer: LocalSigner,
    clock: SteppedClock,
) -> None:
    for _ in range(5):
        desk.note(auditor, EventTag.SCREEN_LOCKED)
    key_id = signer.facts().key_id
    made = checkpoints.make(database, NODE, attest=signer.attest, key_id=key_id, now=clock.now())
    assert made is not None
    journal.kept.append(made)
    with unguarded(database), database.transaction() as session:
        connection = session.connection()
        connection.exec_driver_sql("DELETE FROM journal")
        connection.exec_driver_sql("DELETE FROM journal_heads")
        connection.exec_driver_sql("DELETE FROM checkpoints")

    (finding,) = journal.verify(None)

    assert (finding.node, finding.seq, finding.last, finding.kind) == (NODE, 1, 5, Tampering.ROLLED_BACK)


def test_checkpoints_that_cannot_be_read_are_no_proof(journal: Journal, tmp_path: Path) -> None:
    unreadable = replace(journal, kept=CheckpointFile(tmp_path))

    assert isinstance(refusal(lambda: unreadable.verify(None)), JournalNotWritable)
