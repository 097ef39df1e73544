"""The self-check: what closes the issue, what is only told, and by which name."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from db.database import Database
from kiosk.audit import checkpoints
from kiosk.audit.events import EventTag
from kiosk.errors import SignerUnavailable
from kiosk.media.directory import DirectoryMedia
from kiosk.media.volumes import Media
from kiosk.pki import key_reserve
from kiosk.pki.ca_creation import NewCa
from kiosk.pki.ca_files import PublishedCrl, published_crl
from kiosk.pki.keys import PrivateKey, new_key
from kiosk.pki.local_signer import LocalSigner
from kiosk.pki.signer import AuthorityFacts, KeyAlgorithm, P12Flavour
from kiosk.secret import Secret
from kiosk.services.crl.publishing import Publishing
from kiosk.services.desk.guard import Desk
from kiosk.services.upkeep import checking
from kiosk.services.upkeep.checking import TELLS_ONLY, Check, SelfCheck
from kiosk.services.views import CheckResult
from tests.support.builders import NODE, PASSWORD, a_notice, a_user
from tests.support.certificates import PROFILE, an_order
from tests.support.clock import MONDAY_MORNING, SteppedClock
from tests.support.databases import unguarded
from tests.support.faults import full_journal, out_of_reach
from tests.support.journal import told

NOT_IN_TESTS = {"sqlite": set(), "postgresql": {Check.DATABASE_SETTINGS}}
"""The PostgreSQL of the tests runs with fsync off, and the self-check is right to say so."""


def failed(self_check: SelfCheck) -> dict[str, CheckResult]:
    """What the self-check finds beyond what is always so in tests."""
    always = NOT_IN_TESTS[self_check.desk.database.dialect]
    return {result.name: result for result in self_check.run() if not result.ok and result.name not in always}


def test_a_terminal_in_order_may_issue(self_check: SelfCheck, database: Database) -> None:
    assert failed(self_check) == {}
    assert [result.name for result in self_check.results()] == list(Check)[1:]
    if database.dialect == "sqlite":
        assert self_check.issuing_open()
        assert told(database)[-1] == (EventTag.SELF_CHECK_OK, "done")


def test_nothing_is_issued_before_the_first_self_check(self_check: SelfCheck) -> None:
    assert not self_check.issuing_open()
    assert self_check.closed_by() == (Check.NOT_RUN,)


def test_what_keeps_the_issue_closed_is_named_and_journaled(
    self_check: SelfCheck, database: Database, clock: SteppedClock
) -> None:
    clock.step(days=8)  # past the life of the list

    assert set(failed(self_check)) == {Check.CRL}
    assert Check.CRL in self_check.closed_by()
    assert told(database)[-1] == (EventTag.SELF_CHECK_FAILED, "failed")


@pytest.mark.rule("E-91", "I-22")
def test_a_clock_that_was_set_back_closes_the_issue(self_check: SelfCheck, clock: SteppedClock) -> None:
    clock.step(minutes=-6)

    found = failed(self_check)

    assert set(found) == {Check.CLOCK}
    assert found[Check.CLOCK].fact == "-360 s"


@pytest.mark.rule("I-12")
def test_a_journal_that_takes_no_entry_closes_the_issue(self_check: SelfCheck, database: Database) -> None:
    with full_journal(database):
        assert set(failed(self_check)) == {Check.JOURNAL_WRITABLE}
    assert failed(self_check) == {}


@pytest.mark.rule("I-14")
def test_a_list_that_is_published_during_the_check_is_not_taken_for_one_that_went_back(
    self_check: SelfCheck, signer: LocalSigner, monkeypatch: pytest.MonkeyPatch
) -> None:
    publishing = Publishing(desk=self_check.desk, signer=signer, folder=self_check.crl_folder)

    def and_then_the_next(folder: Path) -> PublishedCrl:
        found = published_crl(folder)
        publishing.publish()
        return found

    monkeypatch.setattr(checking, "published_crl", and_then_the_next)

    assert failed(self_check) == {}


def test_trying_to_write_the_journal_leaves_nothing(self_check: SelfCheck, database: Database) -> None:
    before = told(database)
    self_check.run()

    assert len(told(database)) == len(before) + 1


@pytest.mark.rule("I-13")
def test_an_edited_entry_closes_the_issue_and_is_named(self_check: SelfCheck, database: Database) -> None:
    with unguarded(database), database.transaction() as session:
        session.connection().exec_driver_sql("UPDATE journal SET staff_id = 'op999' WHERE seq = 1")

    found = failed(self_check)

    assert set(found) == {Check.JOURNAL_CHAIN}
    assert found[Check.JOURNAL_CHAIN].fact == f"{NODE} 1-1 edited"


@pytest.mark.rule("I-25")
def test_a_restored_backup_closes_the_issue(
    self_check: SelfCheck, database: Database, signer: LocalSigner, clock: SteppedClock
) -> None:
    """The registry forgot what a checkpoint outside remembers."""
    key_id = signer.facts().key_id
    made = checkpoints.make(database, NODE, attest=signer.attest, key_id=key_id, now=clock.now())
    assert made is not None
    newer = replace(made, seq=made.seq + 500)
    message = checkpoints.statement(
        node=NODE, seq=newer.seq, head=newer.head, at=newer.at, key_id=newer.key_id
    )
    self_check.kept.append(replace(newer, signature=signer.attest(message)))

    found = failed(self_check)

    assert set(found) == {Check.JOURNAL_CHAIN}
    assert "rolled_back" in found[Check.JOURNAL_CHAIN].fact


def test_the_key_pair_made_ahead_for_a_customer_is_left_to_that_customer(
    self_check: SelfCheck, ca: NewCa, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[KeyAlgorithm] = []

    def watched(algorithm: KeyAlgorithm) -> PrivateKey:
        made.append(algorithm)
        return new_key(algorithm)

    monkeypatch.setattr(key_reserve, "new_key", watched)
    signer = LocalSigner(ca.folder, PROFILE).unlock(ca.passphrase)
    signer.expect(Secret(PASSWORD), KeyAlgorithm.RSA_2048)
    signer._reserve.wait()

    assert failed(replace(self_check, signer=signer)) == {}

    signer.prepare(an_order(MONDAY_MORNING, key_algorithm=KeyAlgorithm.RSA_2048))
    signer._reserve.wait()
    assert made.count(KeyAlgorithm.RSA_2048) == 1


def test_a_locked_ca_key_closes_the_issue(self_check: SelfCheck, ca: NewCa) -> None:
    locked = replace(self_check, signer=LocalSigner(ca.folder, PROFILE))

    found = failed(locked)

    assert set(found) == {Check.CA_KEY, Check.PROFILE}
    assert found[Check.CA_KEY].fact == "ES09 SignerLocked"


def test_a_ca_that_cannot_outlive_the_certificate_closes_the_issue(
    self_check: SelfCheck, clock: SteppedClock, signer: LocalSigner
) -> None:
    clock.jump(signer.facts().not_after - timedelta(days=365))
    assert Check.CA_VALIDITY not in failed(self_check)
    clock.step(seconds=1)

    found = failed(self_check)

    assert found[Check.CA_VALIDITY].fact == "2036-03-01"
    assert found[Check.PROFILE].fact == "beyond_ca"


class Absent:
    """A signer whose process is gone."""

    def __getattr__(self, name: str) -> Callable[..., AuthorityFacts]:
        def gone(*_: object) -> AuthorityFacts:
            raise SignerUnavailable

        return gone


def test_a_signer_that_does_not_answer_closes_the_issue(self_check: SelfCheck) -> None:
    found = failed(replace(self_check, signer=Absent()))  # type: ignore[arg-type]

    assert {Check.CA_KEY, Check.CA_VALIDITY, Check.PROFILE} <= set(found)
    assert found[Check.CA_KEY].fact == "ES08 SignerUnavailable"


def test_a_list_that_was_never_published_closes_the_issue(self_check: SelfCheck, tmp_path: Path) -> None:
    found = failed(replace(self_check, crl_folder=tmp_path / "nothing"))

    assert set(found) == {Check.CRL}
    assert found[Check.CRL].fact == "FileNotFoundError"


def test_a_list_older_than_the_registry_knows_closes_the_issue(
    self_check: SelfCheck, desk: Desk, signer: LocalSigner, tmp_path: Path
) -> None:
    (tmp_path / "elsewhere").mkdir()
    Publishing(desk=desk, signer=signer, folder=tmp_path / "elsewhere").publish()

    assert set(failed(self_check)) == {Check.CRL}


def test_a_full_disk_closes_the_issue(self_check: SelfCheck, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking, "LEAST_FREE", 2**60)

    assert set(failed(self_check)) == {Check.DISK_SPACE}


def test_letters_that_pile_up_are_told_and_close_nothing(
    self_check: SelfCheck, database: Database, clock: SteppedClock
) -> None:
    a_notice(database, a_user(database), due_at=clock.now())
    clock.step(minutes=15)
    assert failed(self_check) == {}
    clock.step(seconds=1)

    assert set(failed(self_check)) == {Check.MAIL_BACKLOG}
    assert Check.MAIL_BACKLOG not in self_check.closed_by()


def test_the_old_p12_format_shows_its_reason(self_check: SelfCheck) -> None:
    legacy = replace(self_check, p12_flavour=P12Flavour.LEGACY_3DES, p12_flavour_reason="Server 2016 の団体")

    (told_about,) = (result for result in legacy.run() if result.name == Check.P12_FLAVOUR)
    assert told_about.ok
    assert told_about.fact == "legacy-3des Server 2016 の団体"


def test_the_sticks_are_counted_and_a_service_that_is_away_is_told(
    self_check: SelfCheck, tmp_path: Path
) -> None:
    def told_of_sticks(media: Media | None) -> CheckResult:
        found = replace(self_check, media=media)
        (result,) = (result for result in found.run() if result.name == Check.STICKS)
        assert Check.STICKS not in found.closed_by()
        return result

    (tmp_path / "port" / "stick-A").mkdir(parents=True)
    assert told_of_sticks(None).fact == "none"
    assert told_of_sticks(DirectoryMedia(tmp_path / "port", training=True)).fact == "1"
    away = told_of_sticks(DirectoryMedia(tmp_path / "nowhere", training=True))
    assert (away.ok, away.fact) == (False, "EM14 MediaUnavailable")


@pytest.mark.rule("I-23")
def test_a_registry_out_of_reach_is_a_result_and_no_crash(self_check: SelfCheck, database: Database) -> None:
    with out_of_reach(database):
        found = failed(self_check)

    assert {Check.SCHEMA, Check.INTEGRITY, Check.CLOCK, Check.JOURNAL_WRITABLE} <= set(found)
    assert found[Check.SCHEMA].fact == "ES03 DatabaseUnavailable"
    assert failed(self_check) == {}


def test_a_missing_migration_closes_the_issue(self_check: SelfCheck, database: Database) -> None:
    with database.transaction() as session:
        session.connection().exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")

    assert set(failed(self_check)) == {Check.SCHEMA}


SQLITE = {
    "sqlite_version": "3.40.1",
    "journal_mode": "delete",
    "synchronous": "EXTRA",
    "foreign_keys": "1",
    "recursive_triggers": "1",
    "trusted_schema": "0",
}
POSTGRESQL = {
    "server_version": "17.10",
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
}


@pytest.mark.rule("I-3")
@pytest.mark.parametrize(
    ("found", "weak"),
    [
        (SQLITE, ()),
        (SQLITE | {"synchronous": "FULL"}, ("synchronous",)),
        (SQLITE | {"foreign_keys": "0"}, ("foreign_keys",)),
        (SQLITE | {"recursive_triggers": "0"}, ("recursive_triggers",)),
        (SQLITE | {"journal_mode": "memory"}, ("journal_mode",)),
        (SQLITE | {"journal_mode": "wal", "synchronous": "FULL"}, ("sqlite_version",)),
        (SQLITE | {"journal_mode": "wal", "synchronous": "FULL", "sqlite_version": "3.51.3"}, ()),
        (
            SQLITE | {"journal_mode": "wal", "synchronous": "NORMAL", "sqlite_version": "3.51.3"},
            ("synchronous",),
        ),
        (POSTGRESQL, ()),
        (POSTGRESQL | {"fsync": "off"}, ("fsync",)),
        (POSTGRESQL | {"synchronous_commit": "off"}, ("synchronous_commit",)),
    ],
)
def test_settings_that_lose_what_was_stored_close_the_issue(
    found: dict[str, str], weak: tuple[str, ...]
) -> None:
    assert checking._weak_settings(found) == weak


def test_most_checks_close_the_issue() -> None:
    assert {Check.MAIL_BACKLOG, Check.P12_FLAVOUR, Check.STICKS} == TELLS_ONLY
