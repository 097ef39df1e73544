"""201: what was approved is executed, once, and the two facts are told (E-75 to E-80, I-15)."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from sqlmodel import select

from db.database import Database
from db.queries import cases, certificates, users
from db.tables import Certificate, Notice
from kiosk.errors import (
    AlreadyRevoked,
    ApprovalNeeded,
    ApprovalStale,
    BadInput,
    CaseNotOpen,
    NothingSelected,
    OtherBranch,
    OutcomeUnknown,
    RevocationNotNeeded,
)
from kiosk.pki.signer import CrlOrder
from kiosk.rules.cases import CaseState
from kiosk.rules.operations import Transaction
from kiosk.rules.revocation import REASONS_ON_THE_FORM, RevocationReason, rfc5280_code
from kiosk.rules.shown import Effect
from kiosk.rules.validity import jst_date
from kiosk.services.approved.revocations import revoke
from kiosk.services.approved.views import RevokeRequest
from kiosk.services.views import VisitorKind
from tests.support.approvals import a_revocation, approved, received, revokes, serial_of
from tests.support.builders import a_branch, a_certificate, a_user, changed
from tests.support.clock import MONDAY_MORNING
from tests.support.counters import Counter, build_counter
from tests.support.databases import on_postgresql
from tests.support.faults import answer_lost_at_commit
from tests.support.journal import journal_of
from tests.support.lists import list_in


def the_certificate(database: Database, serial: str) -> Certificate:
    """As it stands now."""
    with database.reading() as session:
        return session.exec(select(Certificate).where(Certificate.serial == serial)).one()


@pytest.mark.rule("R-10", "R-11", "E-76", "E-80", "I-15")
def test_a_revocation_tells_two_facts(counter: Counter, database: Database) -> None:
    user = a_user(database)
    done = revokes(counter, user, reason=RevocationReason.PC_LOST)
    crl = x509.load_pem_x509_crl((counter.crl / "crl.pem").read_bytes())
    listed = crl.get_revoked_certificate_by_serial_number(int(done.serial, 16))
    assert listed is not None
    assert (
        listed.extensions.get_extension_for_class(x509.CRLReason).value.reason
        is x509.ReasonFlags.key_compromise
    )
    assert (done.revoked_at, done.user_id) == (counter.clock.now(), user.user_id)
    assert done.crl_published_at == counter.clock.now()
    assert (
        done.published_crl_number == crl.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number
    )
    assert counter.casework.case(counter.actor, done.reception_no).state is CaseState.DONE


@pytest.mark.rule("E-79")
@pytest.mark.parametrize("reason", REASONS_ON_THE_FORM)
def test_every_reason_of_the_form_reaches_the_list_under_its_code(
    counter: Counter, database: Database, reason: RevocationReason
) -> None:
    done = revokes(counter, reason=reason)
    crl = x509.load_pem_x509_crl((counter.crl / "crl.pem").read_bytes())
    listed = crl.get_revoked_certificate_by_serial_number(int(done.serial, 16))
    assert listed is not None
    codes = [code for code in listed.extensions if isinstance(code.value, x509.CRLReason)]
    names = {
        0: [],
        1: ["keyCompromise"],
        3: ["affiliationChanged"],
        4: ["superseded"],
        5: ["cessationOfOperation"],
    }
    assert [code.value.reason.value for code in codes] == names[rfc5280_code(reason)]
    assert the_certificate(database, done.serial).revocation_reason == reason


@pytest.mark.rule("E-76", "I-16")
def test_nothing_is_revoked_without_an_approval(counter: Counter, database: Database) -> None:
    reception, request = a_revocation(counter)
    with pytest.raises(ApprovalNeeded):
        counter.revoking.execute(counter.actor, reception.number)
    counter.approving.ask(counter.actor, reception.number, request)
    with pytest.raises(ApprovalNeeded):
        counter.revoking.execute(counter.actor, reception.number)
    assert the_certificate(database, request.serial).state == "active"


@pytest.mark.rule("E-77")
def test_an_expired_certificate_need_not_be_revoked(counter: Counter, database: Database) -> None:
    user = a_user(database)
    old = a_certificate(database, user, issued_at=MONDAY_MORNING - timedelta(days=366), slot=None)
    a_certificate(database, user)
    reception, request = a_revocation(counter, user, serial=old.serial)
    with pytest.raises(RevocationNotNeeded) as refused:
        counter.approving.ask(counter.actor, reception.number, request)
    assert refused.value.last_valid_date == old.last_valid_date


@pytest.mark.rule("E-77")
def test_201_is_not_even_chosen_where_all_has_expired(counter: Counter, database: Database) -> None:
    user = a_user(database)
    old = a_certificate(database, user, issued_at=MONDAY_MORNING - timedelta(days=366), slot=None)
    with pytest.raises(RevocationNotNeeded) as refused:
        received(counter, user, Transaction.REVOKE)
    assert refused.value.last_valid_date == old.last_valid_date


@pytest.mark.rule("E-78", "I-15")
def test_a_second_revocation_names_day_and_reception_of_the_first(
    counter: Counter, database: Database
) -> None:
    user = a_user(database)
    first = revokes(counter, user)
    a_certificate(database, user)
    counter.clock.step(days=1)
    reception, request = a_revocation(counter, user, serial=first.serial)
    with pytest.raises(AlreadyRevoked) as refused:
        counter.approving.ask(counter.actor, reception.number, request)
    assert (refused.value.revoked_on, refused.value.reception_no) == (
        jst_date(first.revoked_at),
        first.reception_no,
    )
    assert the_certificate(database, first.serial).revoked_at == first.revoked_at


@pytest.mark.rule("E-76")
def test_a_certificate_of_somebody_else_is_not_revoked(counter: Counter, database: Database) -> None:
    stranger = a_certificate(database, a_user(database))
    user = a_user(database)
    a_certificate(database, user)
    reception, request = a_revocation(counter, user, serial=stranger.serial)
    with pytest.raises(NothingSelected):
        counter.approving.ask(counter.actor, reception.number, request)


@pytest.mark.rule("E-94")
def test_of_a_user_who_was_moved_meanwhile_the_clerk_is_sent_to_the_other_branch(
    counter: Counter, database: Database
) -> None:
    reception, request = a_revocation(counter)
    there = a_branch(database, "013")
    changed(database, reception.user, branch_pk=there.pk)
    with pytest.raises(OtherBranch) as refused:
        counter.approving.ask(counter.actor, reception.number, request)
    assert refused.value.branch_name == there.name


@pytest.mark.rule("E-79")
def test_the_reason_of_the_program_is_not_the_clerks_to_give(counter: Counter) -> None:
    reception, request = a_revocation(counter, reason=RevocationReason.UNDELIVERED)
    with pytest.raises(BadInput) as refused:
        counter.approving.ask(counter.actor, reception.number, request)
    assert refused.value.field == "reason"


@pytest.mark.rule("E-80")
@pytest.mark.parametrize("another", [False, True])
def test_the_effect_says_whether_the_user_can_still_log_in(
    counter: Counter, database: Database, another: bool
) -> None:
    user = a_user(database)
    serial = serial_of(counter, user)
    if another:
        a_certificate(database, user, slot=1)
    reception, request = a_revocation(counter, user, serial=serial)
    shown = counter.approving.preview(counter.actor, reception.number, request)
    lost = Effect.OTHER_CERTIFICATE_STAYS if another else Effect.NO_LOGIN_UNTIL_REISSUE
    assert shown.effects == (Effect.CANNOT_BE_UNDONE, lost)


@pytest.mark.rule("E-39")
@pytest.mark.parametrize("standing", [{"status": "blocked", "lock_count": 3}, {"lock_count": 1}])
def test_a_lock_or_a_block_does_not_keep_a_certificate_alive(
    counter: Counter, database: Database, standing: dict[str, object]
) -> None:
    until = None if "status" in standing else MONDAY_MORNING + timedelta(minutes=40)
    user = a_user(database, locked_until=until, **standing)
    assert the_certificate(database, revokes(counter, user).serial).state == "revoked"


@pytest.mark.rule("E-96", "R-16")
@pytest.mark.parametrize("role", ["master", "general"])
def test_whoever_carries_the_sealed_form_may_ask_for_either_kind_of_user(
    counter: Counter, database: Database, role: str
) -> None:
    user = a_user(database, role=role)
    serial = serial_of(counter, user)
    reception = received(
        counter, user, Transaction.REVOKE, visitor_kind=VisitorKind.PROXY, visitor_name="代理 一郎"
    )
    approved(counter, reception, RevokeRequest(serial=serial, reason=RevocationReason.LEFT))
    counter.revoking.execute(counter.actor, reception.number)
    assert the_certificate(database, serial).state == "revoked"


@pytest.mark.rule("I-12", "I-16")
def test_the_journal_tells_who_asked_who_agreed_and_what_was_done(
    counter: Counter, database: Database
) -> None:
    reception, request = a_revocation(counter)
    view = approved(counter, reception, request)
    counter.revoking.execute(counter.actor, reception.number)
    entries = [line.body for line in journal_of(database) if line.body["reception_no"] == reception.number]
    told = [(entry["tag"], entry["staff_id"], entry["approver"]) for entry in entries[-5:]]
    clerk = counter.actor.staff_id
    assert told == [
        ("case:transaction:chosen", clerk, None),
        ("approval:request:asked", clerk, None),
        ("approval:decision:approved", clerk, view.decided_by),
        ("approval:act:executed", clerk, view.decided_by),
        ("certificate:state:revoked", clerk, view.decided_by),
    ]
    assert entries[-1]["serial"] == request.serial


def test_the_user_is_told_by_mail(counter: Counter, database: Database) -> None:
    done = revokes(counter)
    with database.reading() as session:
        assert session.exec(select(Notice.kind, Notice.dedupe)).all() == [
            ("revoked", f"revoked:{done.serial}")
        ]


@pytest.mark.rule("E-84", "R-81")
def test_a_certificate_that_waits_for_its_hand_over_takes_its_reception_along(
    counter: Counter, database: Database
) -> None:
    user = a_user(database)
    ready = counter.issues(user)
    counter.delivers(ready)
    reception, request = a_revocation(counter, user, serial=ready.serial)
    approved(counter, reception, request)
    counter.revoking.execute(counter.actor, reception.number)
    assert counter.casework.case(counter.actor, ready.reception_no).state is CaseState.VOIDED
    with pytest.raises(CaseNotOpen):
        counter.hands_over(ready)


@on_postgresql
@pytest.mark.rule("E-90")
def test_a_revocation_and_a_hand_over_of_one_certificate_do_not_wait_for_each_other_for_ever(
    counter: Counter, database: Database
) -> None:
    """The hand-over holds its reception and then wants the user, while the revocation is on its way."""
    user = a_user(database)
    ready = counter.issues(user)
    counter.delivers(ready)
    reception, request = a_revocation(counter, user, serial=ready.serial)
    approved(counter, reception, request)
    with ThreadPoolExecutor(max_workers=1) as beside:
        with database.transaction() as session:
            cases.by_number_for_update(session, ready.reception_no, None)
            pressed = beside.submit(counter.revoking.execute, counter.actor, reception.number)
            assert not wait([pressed], timeout=0.5).done
            assert users.by_pk_for_update(session, user.pk) is not None
        assert pressed.result().serial == ready.serial


@on_postgresql
@pytest.mark.rule("I-17", "E-90")
def test_a_certificate_that_is_revoked_while_the_press_waits_makes_the_approval_stale(
    counter: Counter, database: Database
) -> None:
    """It was read before the wait: what is compared with the approval is what it has become."""
    user = a_user(database)
    ready = counter.issues(user)
    counter.delivers(ready)
    reception, request = a_revocation(counter, user, serial=ready.serial)
    approved(counter, reception, request)
    with ThreadPoolExecutor(max_workers=1) as beside:
        with database.transaction() as session:
            cases.by_number_for_update(session, ready.reception_no, None)
            pressed = beside.submit(counter.revoking.execute, counter.actor, reception.number)
            assert not wait([pressed], timeout=0.5).done
            row = certificates.by_serial_for_update(session, ready.serial, None)
            assert row is not None
            key_id, now = counter.signer.facts().key_id, counter.clock.now()
            revoke(session, row, RevocationReason.UNDELIVERED, key_id, now, ready.reception_no)
        with pytest.raises(ApprovalStale):
            pressed.result()


@on_postgresql
@pytest.mark.rule("E-90")
def test_a_reception_that_ends_while_its_certificate_is_being_revoked_stays_as_it_ended(
    counter: Counter, database: Database
) -> None:
    user = a_user(database)
    ready = counter.issues(user)
    counter.delivers(ready)
    reception, request = a_revocation(counter, user, serial=ready.serial)
    approved(counter, reception, request)
    with ThreadPoolExecutor(max_workers=1) as beside:
        with database.transaction() as session:
            case = cases.by_number_for_update(session, ready.reception_no, None)
            assert case is not None
            pressed = beside.submit(counter.revoking.execute, counter.actor, reception.number)
            assert not wait([pressed], timeout=0.5).done
            case.state, case.closed_at = CaseState.DONE, counter.clock.now()
        assert pressed.result().serial == ready.serial
    with database.reading() as session:
        ended = cases.by_number(session, ready.reception_no, None)
    assert ended is not None
    assert ended.state == CaseState.DONE


@pytest.mark.rule("I-15")
def test_a_locked_ca_key_delays_the_list_and_not_the_revocation(
    counter: Counter, database: Database, tmp_path: Path
) -> None:
    reception, request = a_revocation(counter)
    approved(counter, reception, request)
    counter.signer.close()
    done = counter.revoking.execute(counter.actor, reception.number)
    assert the_certificate(database, done.serial).state == "revoked"
    assert (done.published_crl_number, done.crl_published_at) == (None, None)

    counter.clock.step(minutes=5)
    unlocked = build_counter(database, tmp_path, counter.clock, counter.actor)
    unlocked.publishing.publish_due()
    again = unlocked.revoking.result(counter.actor, done.reception_no)
    assert again is not None
    assert again.crl_published_at == counter.clock.now()
    assert (again.published_crl_number or 0) >= done.crl_number
    unlocked.signer.close()


@pytest.mark.rule("I-14", "I-15")
def test_the_list_is_drafted_while_the_revocation_is_stored_and_signed_when_it_is(
    counter: Counter, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    counter.publishing.publish()
    reception, request = a_revocation(counter)
    approved(counter, reception, request)
    signed = counter.signer.sign_crl
    found = list[str]()

    def look(order: CrlOrder, meanwhile: Callable[[], None]) -> bytes:
        found.append(the_certificate(database, request.serial).state)
        return signed(order, meanwhile)

    monkeypatch.setattr(counter.signer, "sign_crl", look)
    counter.revoking.execute(counter.actor, reception.number)
    assert found == ["revoked"]


@pytest.mark.rule("I-15", "I-23")
def test_of_a_revocation_whose_end_is_not_known_no_list_is_signed_and_no_draft_stays(
    counter: Counter, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was stored, and the counter could not know: the next round finds it and publishes its list."""
    number = counter.publishing.publish()
    reception, request = a_revocation(counter)
    approved(counter, reception, request)
    with monkeypatch.context() as away:
        away.delattr(type(counter.signer), "sign_crl")
        with answer_lost_at_commit(database), pytest.raises(OutcomeUnknown):
            counter.revoking.execute(counter.actor, reception.number)
    assert sorted(file.name for file in counter.crl.iterdir()) == ["crl.der", "crl.pem"]
    assert list_in(counter.crl).number == number
    assert counter.publishing.publish_due()
    assert list_in(counter.crl).serials == {int(request.serial, 16)}


def test_there_is_no_result_before_anything_is_revoked(counter: Counter) -> None:
    reception, _ = a_revocation(counter)
    assert counter.revoking.result(counter.actor, reception.number) is None


def test_a_reception_with_a_request_can_be_voided_and_takes_the_request_along(
    counter: Counter, database: Database
) -> None:
    reception, request = a_revocation(counter)
    approved(counter, reception, request)
    counter.casework.void(counter.actor, reception.number, "お客様の都合")
    view = counter.approving.of_case(counter.actor, reception.number)
    assert view is not None
    assert view.state == "withdrawn"
    with pytest.raises(CaseNotOpen):
        counter.approving.ask(counter.actor, reception.number, request)
