"""Queries about verification codes, staff, the outbox, the journal and the CRL."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from sqlmodel import Session

from db.database import Database
from db.queries import codes, crl, journal, latest, outbox, staff
from db.tables import Checkpoint, CrlState, JournalHead, Notice
from tests.support.rows import NOW, Rows

LEASE = timedelta(minutes=2)


@pytest.mark.rule("I-7", "E-53")
def test_the_live_code_is_the_one_that_has_not_ended(database: Database) -> None:
    with database.transaction() as session:
        rows = Rows(session)
        user = rows.user()
        first, second = (rows.case(user_pk=user.pk, state="user_chosen") for _ in range(2))
        rows.code(user_pk=user.pk, case_pk=first.pk, ended="replaced", ended_at=NOW)
        live = rows.code(user_pk=user.pk, case_pk=second.pk)
        assert codes.live_of_case_for_update(session, first.pk) is None
        assert codes.live_of_case_for_update(session, second.pk) is live
        assert codes.live_of_user_for_update(session, user.pk) is live


@pytest.mark.rule("I-8")
def test_codes_are_counted_from_a_moment_on(database: Database) -> None:
    with database.transaction() as session:
        rows = Rows(session)
        user = rows.user()
        moments = [NOW - timedelta(minutes=minutes) for minutes in (61, 60, 59)]
        for moment in moments:
            rows.code(user_pk=user.pk, created_at=moment, ended="used", ended_at=NOW)
        rows.code(created_at=NOW)
        assert codes.created_since(session, user.pk, NOW - timedelta(hours=1)) == tuple(moments[1:])


def test_staff_are_found_by_their_id_to_the_letter(database: Database) -> None:
    with database.transaction() as session:
        clerk = Rows(session).staff(staff_id="op001")
        assert staff.by_staff_id(session, "op001") is clerk
        assert staff.by_staff_id_for_update(session, "op001") is clerk
        assert staff.by_staff_id(session, "OP001") is None


def taken(session: Session, now: datetime, limit: int) -> list[int]:
    """The letters that a mailer claims."""
    return [claimed.pk for claimed in outbox.claim(session, now, LEASE, limit)]


def test_mailers_take_what_is_due_the_urgent_first(database: Database) -> None:
    with database.transaction() as session:
        rows = Rows(session)
        later = rows.notice(due_at=NOW + timedelta(seconds=1))
        bulk = rows.notice(priority=7, due_at=NOW - timedelta(hours=1))
        urgent = rows.notice(priority=0)
        rows.notice(state="sent", sent_at=NOW)
        rows.notice(state="gave_up")
        assert taken(session, NOW, 10) == [urgent.pk, bulk.pk]
        session.expire_all()
        assert (urgent.state, urgent.tries, urgent.leased_until) == ("sending", 1, NOW + LEASE)
        assert later.state == "queued"
        assert not outbox.anything_due(session, NOW)
        assert taken(session, NOW, 10) == []


def test_a_claim_takes_no_more_than_asked_for(database: Database) -> None:
    with database.transaction() as session:
        rows = Rows(session)
        for _ in range(5):
            rows.notice()
        assert [len(outbox.claim(session, NOW, LEASE, 2)) for _ in range(4)] == [2, 2, 1, 0]


@pytest.mark.rule("I-18")
def test_the_notices_of_a_mailer_that_died_are_due_again_when_its_lease_ends(database: Database) -> None:
    with database.transaction() as session:
        notice = Rows(session).notice()
        outbox.claim(session, NOW, LEASE, 10)
        assert taken(session, NOW + LEASE - timedelta(seconds=1), 10) == []
        assert taken(session, NOW + LEASE, 10) == [notice.pk]
        session.expire_all()
        assert notice.tries == 2


@pytest.mark.rule("I-18")
def test_letters_given_back_are_due_again_at_once_and_the_claim_is_not_counted(database: Database) -> None:
    with database.transaction() as session:
        rows = Rows(session)
        first, second = rows.notice(), rows.notice()
        taken(session, NOW, 10)
        outbox.give_back(session, [second.pk], NOW + LEASE + timedelta(seconds=1))
        assert taken(session, NOW, 10) == [], "another claim than that of the caller"
        outbox.give_back(session, [second.pk], NOW + LEASE)
        assert taken(session, NOW, 10) == [second.pk]
        session.expire_all()
        assert (first.tries, second.tries) == (1, 1)


@pytest.mark.rule("I-22")
def test_a_letter_put_off_by_a_clock_that_ran_ahead_does_not_wait_for_it(database: Database) -> None:
    with database.transaction() as session:
        rows = Rows(session)
        ahead = NOW + timedelta(days=300)
        put_off = rows.notice(due_at=ahead)
        left_behind = rows.notice(state="sending", leased_until=ahead)
        code = rows.notice(kind="code", due_at=NOW + timedelta(minutes=30))
        assert sorted(taken(session, NOW, 10)) == sorted([put_off.pk, left_behind.pk])
        assert code.state == "queued"


def test_a_claim_tells_whom_a_letter_is_for_and_what_it_is_about(database: Database) -> None:
    with database.transaction() as session:
        rows = Rows(session)
        user = rows.user()
        notice = rows.notice(user_pk=user.pk)
        (claimed,) = outbox.claim(session, NOW, LEASE, 10)
        assert (claimed.pk, claimed.email, claimed.user_id, claimed.role) == (
            notice.pk,
            user.email,
            user.user_id,
            user.role,
        )
        assert claimed.serial is None
        assert claimed.message_id == notice.message_id


@pytest.mark.usefixtures("patient")
@pytest.mark.rule("I-18")
def test_two_mailers_never_get_the_same_notice(database: Database) -> None:
    with database.transaction() as session:
        rows = Rows(session)
        user = rows.user()
        for _ in range(60):
            rows.notice(user_pk=user.pk)
    start = threading.Barrier(4)

    def mail(_: int) -> list[int]:
        start.wait()
        ours: list[int] = []
        while True:
            with database.transaction() as session:
                batch = taken(session, NOW, 7)
            if not batch:
                return ours
            ours += batch

    with ThreadPoolExecutor(4) as pool:
        every = [pk for batch in pool.map(mail, range(4)) for pk in batch]
    assert len(every) == len(set(every)) == 60


def test_one_notice_can_be_taken_ahead_of_its_time_unless_another_mailer_has_it(database: Database) -> None:
    with database.transaction() as session:
        rows = Rows(session)
        notice = rows.notice(due_at=NOW + timedelta(hours=1))
        sent = rows.notice(state="sent", sent_at=NOW)
        first = outbox.claim_one(session, notice.pk, NOW, LEASE)
        assert first is not None
        assert (first.pk, first.tries) == (notice.pk, 1)
        assert outbox.claim_one(session, notice.pk, NOW, LEASE) is None
        again = outbox.claim_one(session, notice.pk, NOW + LEASE, LEASE)
        assert again is not None
        assert (again.pk, again.tries) == (notice.pk, 2)
        assert outbox.claim_one(session, sent.pk, NOW, LEASE) is None
        assert outbox.claim_one(session, 999, NOW, LEASE) is None


def test_the_backlog_tells_how_long_mails_wait_and_how_many_failed(database: Database) -> None:
    with database.transaction() as session:
        assert outbox.backlog(session) == outbox.Backlog(queued=0, failed=0, oldest_due=None)
        rows = Rows(session)
        oldest = NOW - timedelta(hours=2)
        rows.notice()
        rows.notice(state="sending", leased_until=NOW, due_at=oldest)
        rows.notice(state="bounced", due_at=oldest - timedelta(days=1))
        rows.notice(state="gave_up")
        assert outbox.backlog(session) == outbox.Backlog(queued=2, failed=2, oldest_due=oldest)


@pytest.mark.rule("I-13")
def test_a_chain_is_read_page_by_page(database: Database) -> None:
    with database.transaction() as session:
        rows = Rows(session)
        for node in ("a", "b"):
            for seq in range(1, 6):
                rows.journal_entry(node=node, seq=seq)
        rows.any(JournalHead, node="b", seq=5)
        rows.any(JournalHead, node="a", seq=5)
        rows.any(Checkpoint, node="c", seq=9)
        early, late = rows.any(Checkpoint, node="a", seq=1), rows.any(Checkpoint, node="a", seq=3)

        assert [entry.seq for entry in journal.entries(session, "a", 0, 3)] == [1, 2, 3]
        assert [entry.seq for entry in journal.entries(session, "a", 3, 3)] == [4, 5]
        assert journal.entries(session, "a", 5, 3) == ()
        assert [head.node for head in journal.heads(session)] == ["a", "b"]
        assert journal.nodes(session) == ("a", "b", "c")
        assert journal.checkpoints(session, "a") == (early, late)
        assert journal.newest_checkpoint(session, "a") is late
        assert journal.newest_checkpoint(session, "b") is None


def test_the_crl_published_last_is_the_newest(database: Database) -> None:
    with database.transaction() as session:
        rows = Rows(session)
        assert latest.published_crl(session) is None
        rows.any(CrlState, key_id="unpublished", number=9)
        old = rows.any(CrlState, key_id="old", number=7, published_number=7, published_at=NOW)
        new = rows.any(
            CrlState, key_id="new", number=2**40, published_number=1, published_at=NOW + timedelta(1)
        )
        assert latest.published_crl(session) is new
        assert crl.state(session, "old") is old
        assert crl.state(session, "unknown") is None
        assert crl.state_for_update(session, "new") is new


@pytest.mark.usefixtures("patient")
@pytest.mark.rule("I-14")
def test_terminals_that_revoke_at_once_take_different_crl_numbers(database: Database) -> None:
    start = threading.Barrier(4)

    def revoke(_: int) -> int:
        start.wait()
        with database.transaction() as session:
            return crl.next_number(session, "key")

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(revoke, range(4))) == [1, 2, 3, 4]


@pytest.mark.rule("I-14")
def test_a_crl_number_of_a_revocation_that_was_not_stored_is_free_again(database: Database) -> None:
    def fail() -> None:
        with database.transaction() as session:
            assert crl.next_number(session, "key") == 1
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    with database.transaction() as session:
        assert crl.next_number(session, "key") == 1


def test_a_notice_keeps_its_text(database: Database) -> None:
    payload = '{"name": "髙橋 𠮷郎"}'
    with database.transaction() as session:
        notice_pk = Rows(session).notice(payload=payload).pk
    with database.reading() as session:
        assert session.get_one(Notice, notice_pk).payload == payload
