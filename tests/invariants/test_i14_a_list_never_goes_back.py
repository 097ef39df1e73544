"""I-14: whatever clock, disk, a second publisher or a restored registry do, the published list goes forward."""

import shutil
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from sqlmodel import select

from db.database import Database
from db.tables import Certificate, CrlState
from kiosk.errors import CrlFolderUnusable, CrlRefused, FolderProblem, ListProblem, SignerLocked
from kiosk.pki.ca_files import publish_crl
from kiosk.pki.crl import LIFE
from kiosk.pki.crl_reading import read_crl
from kiosk.pki.local_signer import LocalSigner
from kiosk.pki.signer import CrlOrder, nothing_else
from kiosk.rules.naming import serial_text
from kiosk.services.crl.publishing import REISSUED_AFTER, Publishing
from kiosk.services.desk.guard import Desk
from tests.support.builders import a_desk
from tests.support.clock import SteppedClock
from tests.support.counters import PROFILE, Counter
from tests.support.deep import need
from tests.support.disks import a_disk_in_memory, fill
from tests.support.journal import journal_of, told
from tests.support.killing import killed_at
from tests.support.lists import a_revoked, list_in

FAILED = ("ca:crl:failed", "failed")
PUBLISHED = ("ca:crl:published", "done")
LINES = (
    "kiosk.services.crl.publishing",
    "kiosk.services.crl._orders",
    "kiosk.pki.ca_files",
    "kiosk.pki.new_files",
)


@pytest.fixture
def desk(database: Database, clock: SteppedClock) -> Desk:
    """The counter's registry and clock."""
    return a_desk(database, clock)


@pytest.fixture
def key_id(counter: Counter) -> str:
    """The CA key whose lists are published."""
    return counter.signer.facts().key_id


def state_of(database: Database) -> CrlState:
    with database.reading() as session:
        return session.exec(select(CrlState)).one()


@pytest.mark.rule("I-14", "I-22")
@pytest.mark.parametrize("hours", [-2, -24, -24 * 400])
def test_a_clock_set_back_dates_no_list_before_the_last_one(
    counter: Counter, database: Database, desk: Desk, key_id: str, hours: int
) -> None:
    counter.publishing.publish()
    before = list_in(counter.crl)
    serial = a_revoked(desk, key_id)
    counter.clock.step(hours=hours)
    counter.publishing.publish()
    after = list_in(counter.crl)
    assert after.number > before.number
    assert after.this_update == before.this_update
    assert after.next_update == before.next_update
    assert serial in after.serials
    last = journal_of(database)[-1]
    assert last.tag == "ca:crl:published"
    assert last.facts["clock_behind_seconds"] == -hours * 3600


@pytest.mark.rule("I-14")
def test_an_entry_stays_until_one_list_after_its_certificate_expired(
    counter: Counter, desk: Desk, key_id: str
) -> None:
    serial = a_revoked(desk, key_id)
    counter.publishing.publish()
    counter.clock.step(days=367)  # expired, and the terminal was off for as long
    counter.publishing.publish()
    assert serial in list_in(counter.crl).serials
    counter.clock.step(days=1)
    counter.publishing.publish()
    assert serial in list_in(counter.crl).serials, "a week for whoever was not there that day"
    counter.clock.step(days=7)
    counter.publishing.publish()
    assert serial not in list_in(counter.crl).serials


@pytest.mark.rule("I-14", "I-15", "I-25")
def test_a_registry_from_yesterday_lets_nobody_in_again_and_repeats_no_number(
    counter: Counter, database: Database, desk: Desk, key_id: str
) -> None:
    stays = a_revoked(desk, key_id)
    counter.publishing.publish()
    lost, unknown = a_revoked(desk, key_id), a_revoked(desk, key_id)
    counter.publishing.publish()
    before = list_in(counter.crl)
    with database.transaction() as session:
        row = session.exec(select(Certificate).where(Certificate.serial == serial_text(lost))).one()
        row.state, row.slot, row.revoked_at, row.revocation_reason, row.crl_entry = (
            "active",
            0,
            None,
            None,
            None,
        )
        row = session.exec(select(Certificate).where(Certificate.serial == serial_text(unknown))).one()
        row.serial = "01" * 18
        row.crl_entry = b"0\x00"
        row.not_after = row.not_before + timedelta(seconds=1)
        state = session.exec(select(CrlState)).one()
        state.number = state.published_number = 1
    counter.clock.step(days=30)
    counter.publishing.publish()
    after = list_in(counter.crl)
    assert after.number == before.number + 1
    assert {stays, lost, unknown} == after.serials
    assert journal_of(database)[-1].facts["carried"] == 2


@pytest.mark.rule("I-15")
def test_a_revocation_keeps_its_first_date_when_it_is_made_again_after_a_restore(
    counter: Counter, database: Database, desk: Desk, key_id: str
) -> None:
    serial = a_revoked(desk, key_id)
    counter.publishing.publish()
    first = read_crl((counter.crl / "crl.der").read_bytes()).entries
    with database.transaction() as session:
        row = session.exec(select(Certificate).where(Certificate.serial == serial_text(serial))).one()
        assert row.crl_entry is not None
        row.crl_entry = row.crl_entry.replace(b"260302", b"260309")
    counter.publishing.publish()
    assert read_crl((counter.crl / "crl.der").read_bytes()).entries == first


@pytest.mark.rule("I-14")
def test_a_forged_list_in_the_folder_is_replaced_and_teaches_nothing(
    counter: Counter, desk: Desk, key_id: str
) -> None:
    number = counter.publishing.publish()
    genuine = x509.load_der_x509_crl((counter.crl / "crl.der").read_bytes())
    forged = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(genuine.issuer)
        .last_update(genuine.last_update_utc + timedelta(days=300))
        .next_update(genuine.last_update_utc + timedelta(days=900))
        .add_extension(x509.CRLNumber(10**6), critical=False)
        .add_revoked_certificate(x509.RevokedCertificateBuilder(77, genuine.last_update_utc).build())
        .sign(ec.generate_private_key(ec.SECP256R1()), hashes.SHA256())
    )
    (counter.crl / "crl.der").write_bytes(forged.public_bytes(Encoding.DER))
    assert counter.publishing.publish_due()
    told_now = list_in(counter.crl)
    assert (told_now.number, told_now.serials) == (number, frozenset())


@pytest.mark.rule("I-14")
def test_the_list_of_another_ca_is_never_written_over(
    counter: Counter, database: Database, tmp_path: Path
) -> None:
    stranger = x509.Name.from_rfc4514_string("CN=Another CA")
    theirs = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(stranger)
        .last_update(counter.clock.now())
        .next_update(counter.clock.now() + LIFE)
        .add_extension(x509.CRLNumber(5), critical=False)
        .sign(ec.generate_private_key(ec.SECP256R1()), hashes.SHA256())
        .public_bytes(Encoding.DER)
    )
    (counter.crl / "crl.der").write_bytes(theirs)
    with pytest.raises(CrlRefused) as refused:
        counter.publishing.publish()
    assert refused.value.why is ListProblem.OTHER_ISSUER
    assert (counter.crl / "crl.der").read_bytes() == theirs
    assert told(database)[-1] == FAILED


class Mistaken(LocalSigner):
    """Signs another number than it was asked to."""

    def sign_crl(self, order: CrlOrder, meanwhile: Callable[[], None] = nothing_else) -> bytes:
        return super().sign_crl(replace(order, number=order.number + 1), meanwhile)


class Damaged(LocalSigner):
    """Gives back what was ordered, under a signature that does not verify."""

    def sign_crl(self, order: CrlOrder, meanwhile: Callable[[], None] = nothing_else) -> bytes:
        made = super().sign_crl(order, meanwhile)
        return made[:-1] + bytes([made[-1] ^ 1])


@pytest.mark.rule("I-14")
@pytest.mark.parametrize("kind", [Mistaken, Damaged])
def test_what_the_signer_gives_back_is_compared_before_it_leaves(
    counter: Counter, kind: type[LocalSigner]
) -> None:
    signer = counter.signer
    mistaken = kind(signer._folder, PROFILE)
    mistaken._opened = signer._opened
    before = (counter.crl / "crl.der").read_bytes()
    with pytest.raises(CrlRefused) as refused:
        replace(counter.publishing, signer=mistaken).publish()
    assert refused.value.why is ListProblem.NOT_AS_ORDERED
    assert (counter.crl / "crl.der").read_bytes() == before


@pytest.mark.rule("I-14", "E-93")
def test_two_publishers_at_once_leave_the_newest_list(
    counter: Counter, database: Database, desk: Desk, key_id: str
) -> None:
    first, second = counter.publishing, replace(counter.publishing, desk=a_desk(database, counter.clock))
    a_revoked(desk, key_id)
    start = threading.Barrier(2)
    numbers: list[int] = []

    def publish_often(publishing: Publishing) -> None:
        start.wait()
        for _ in range(5):
            a_revoked(desk, key_id)
            numbers.append(publishing.publish())
            numbers.append(list_in_its_own_words(counter.crl))

    threads = [threading.Thread(target=publish_often, args=(one,)) for one in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(numbers) == 20
    published, state = list_in(counter.crl), state_of(database)
    assert published.number == state.published_number == max(numbers)
    assert len(published.serials) == 11


def list_in_its_own_words(folder: Path) -> int:
    """The number of a whole list; the two forms may differ while somebody replaces them."""
    return read_crl((folder / "crl.der").read_bytes()).number


@pytest.mark.rule("I-14", "E-93")
def test_a_list_that_came_into_the_folder_past_the_registry_while_one_was_signed_is_not_gone_behind(
    counter: Counter,
) -> None:
    """As by a terminal on a registry that was put back: nobody has told this one of its number."""
    folder = counter.crl
    others: list[int] = []

    class Meddled(LocalSigner):
        def sign_crl(self, order: CrlOrder, meanwhile: Callable[[], None] = nothing_else) -> bytes:
            if not others:
                others.append(order.number + 5)
                publish_crl(folder, super().sign_crl(replace(order, number=others[0])))
            return super().sign_crl(order, meanwhile)

    meddled = Meddled(counter.signer._folder, PROFILE)
    meddled._opened = counter.signer._opened
    number = replace(counter.publishing, signer=meddled).publish()
    assert list_in(folder).number == number == others[0] + 1


@pytest.mark.rule("I-14", "E-93")
def test_a_publisher_that_was_overtaken_keeps_the_later_list(
    counter: Counter, desk: Desk, key_id: str
) -> None:
    """Signed first, stored last: the other one's list holds all of it."""
    late = counter.publishing

    class Overtaken(LocalSigner):
        def sign_crl(self, order: CrlOrder, meanwhile: Callable[[], None] = nothing_else) -> bytes:
            made = super().sign_crl(order, meanwhile)
            late.publish()
            return made

    slow = Overtaken(counter.signer._folder, PROFILE)
    slow._opened = counter.signer._opened
    serial = a_revoked(desk, key_id)
    number = replace(late, signer=slow).publish()
    published = list_in(counter.crl)
    assert published.number == number
    assert serial in published.serials


@pytest.mark.rule("I-14", "E-93")
def test_a_folder_that_is_gone_is_told_and_nothing_is_made_in_its_place(
    counter: Counter, database: Database, desk: Desk, key_id: str
) -> None:
    serial = a_revoked(desk, key_id)
    shutil.move(counter.crl, away := counter.crl.with_name("away"))
    with pytest.raises(CrlFolderUnusable) as refused:
        counter.publishing.publish()
    assert refused.value.why is FolderProblem.MISSING
    assert not counter.crl.exists()
    counter.publishing.publish_due()
    counter.publishing.publish_due()
    assert told(database).count(FAILED) == 2, "the one that was asked for, and a lasting trouble once"
    shutil.move(away, counter.crl)
    assert counter.publishing.publish_due()
    assert serial in list_in(counter.crl).serials
    assert told(database)[-1] == PUBLISHED


@pytest.mark.deep
@pytest.mark.rule("I-14", "I-24", "E-93")
def test_a_folder_that_is_full_keeps_the_old_list_whole(
    counter: Counter, database: Database, desk: Desk, key_id: str
) -> None:
    need("root", "mount")
    with a_disk_in_memory(counter.crl, "size=64k"):
        number = counter.publishing.publish()
        serial = a_revoked(desk, key_id)
        fill(counter.crl)
        with pytest.raises(CrlFolderUnusable) as refused:
            counter.publishing.publish()
        assert refused.value.why is FolderProblem.FULL
        assert list_in(counter.crl).number == number
        assert not list(counter.crl.glob(".crl*"))
        (counter.crl / "ballast").unlink()
        assert counter.publishing.publish_due()
        assert serial in list_in(counter.crl).serials


@pytest.mark.rule("E-93")
def test_with_a_locked_key_the_revocation_waits_and_is_listed_once_it_is_open(
    counter: Counter, database: Database, desk: Desk, key_id: str
) -> None:
    locked = replace(counter.publishing, signer=LocalSigner(counter.signer._folder, PROFILE))
    serial = a_revoked(desk, key_id)
    with pytest.raises(SignerLocked):
        locked.publish()
    assert told(database)[-1] == FAILED
    assert serial not in list_in(counter.crl).serials
    assert counter.publishing.publish_due()
    assert serial in list_in(counter.crl).serials


@pytest.mark.rule("E-93")
def test_a_folder_that_lost_its_list_gets_it_back_without_the_key(
    counter: Counter, database: Database, desk: Desk, key_id: str
) -> None:
    serial = a_revoked(desk, key_id)
    number = counter.publishing.publish()
    for file in counter.crl.iterdir():
        file.unlink()
    locked = replace(counter.publishing, signer=LocalSigner(counter.signer._folder, PROFILE))
    assert locked.publish_due()
    assert list_in(counter.crl).number == number
    assert serial in list_in(counter.crl).serials
    assert not locked.publish_due()


@pytest.mark.rule("I-14", "I-15")
@pytest.mark.timeout(600)  # a process for each line
@pytest.mark.parametrize("module", LINES)
def test_a_kill_at_any_line_leaves_a_whole_list_and_the_next_round_names_everybody(
    counter: Counter, database: Database, desk: Desk, key_id: str, module: str
) -> None:
    counter.publishing.publish()
    serials = set()
    line = 1
    going_on = True
    while going_on:
        if line % 10 == 1:
            serials.add(a_revoked(desk, key_id))
        before = list_in_its_own_words(counter.crl)
        database.dispose()
        going_on = killed_at(line, {module}, counter.publishing.publish)
        database.dispose()
        assert before <= list_in_its_own_words(counter.crl) <= state_of(database).number
        counter.publishing.publish_due()
        published = list_in(counter.crl)
        assert published.number == state_of(database).published_number
        assert published.serials == serials
        line += 1
    assert line > 10


@pytest.mark.rule("I-14")
def test_a_list_is_due_after_a_day_and_not_before(counter: Counter) -> None:
    counter.publishing.publish()
    before = list_in(counter.crl)
    assert not counter.publishing.publish_due()
    counter.clock.step(seconds=REISSUED_AFTER.total_seconds())
    assert counter.publishing.publish_due()
    assert list_in(counter.crl).number > before.number
    assert list_in(counter.crl).next_update == before.next_update + REISSUED_AFTER
