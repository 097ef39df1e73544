"""Queries about receptions, certificates, deliveries, media and the board; each within its branch."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest

from db.database import Database
from db.queries import board, cases, certificates, crl, deliveries, expiring, history, media
from db.tables import Case, LockEvent, ReceptionCounter
from tests.support.rows import NOW, TODAY, Rows


def test_reception_numbers_count_per_terminal_and_day(database: Database) -> None:
    with database.transaction() as session:
        rows = Rows(session)
        first, second = rows.terminal().pk, rows.terminal().pk
        tomorrow = TODAY + timedelta(days=1)
        numbers = [
            cases.next_reception_number(session, terminal, day)
            for terminal, day in [
                (first, TODAY),
                (first, TODAY),
                (second, TODAY),
                (first, tomorrow),
                (first, TODAY),
            ]
        ]
    assert numbers == [1, 2, 1, 1, 3]


def test_a_reception_that_was_not_stored_gives_its_number_back(database: Database) -> None:
    with database.transaction() as session:
        terminal = Rows(session).terminal().pk

    def fail() -> None:
        with database.transaction() as session:
            assert cases.next_reception_number(session, terminal, TODAY) == 1
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    with database.transaction() as session:
        assert cases.next_reception_number(session, terminal, TODAY) == 1


@pytest.mark.usefixtures("patient")
def test_no_reception_number_is_given_out_twice(database: Database) -> None:
    with database.transaction() as session:
        terminal = Rows(session).terminal().pk
    start = threading.Barrier(4)

    def take(_: int) -> list[int]:
        start.wait()
        taken = []
        for _ in range(10):
            with database.transaction() as session:
                taken.append(cases.next_reception_number(session, terminal, TODAY))
        return taken

    with ThreadPoolExecutor(4) as pool:
        numbers = [number for taken in pool.map(take, range(4)) for number in taken]
    assert sorted(numbers) == list(range(1, 41))
    with database.reading() as session:
        assert session.get_one(ReceptionCounter, 1).last == 40


@pytest.mark.rule("E-94")
def test_a_case_is_found_in_its_branch_only(database: Database) -> None:
    with database.transaction() as session:
        rows = Rows(session)
        case, elsewhere = rows.case(reception_no="20260302-012-01-0001"), rows.branch()
        for find in (cases.by_number, cases.by_number_for_update):
            for branch_pk in (None, case.branch_pk):
                assert find(session, "20260302-012-01-0001", branch_pk) is case
            assert find(session, "20260302-012-01-0001", elsewhere.pk) is None
            assert find(session, "20260302-012-01-0002", None) is None
        assert cases.by_pk_for_update(session, case.pk) is case
        assert cases.by_operation(session, case.operation_id) is case
        assert cases.by_operation(session, "another") is None


@pytest.mark.rule("E-94")
def test_unfinished_cases_come_oldest_first_with_all_they_have(database: Database) -> None:
    with database.transaction() as session:
        rows = Rows(session)
        user = rows.user()
        issued = rows.issue_case(user, state="issued", opened_at=NOW + timedelta(minutes=1))
        rows.certificate(user_pk=user.pk, case_pk=issued.pk, state="voided", slot=None)
        certificate = rows.signed(user_pk=user.pk, case_pk=issued.pk)
        delivery = rows.delivery(certificate_pk=certificate.pk)
        opened = rows.case(opened_at=NOW)
        rows.case(state="voided")
        rows.case(branch_pk=rows.branch().pk)

        found = cases.unfinished(session, issued.branch_pk)
        assert [tuple(item) for item in found] == [
            (opened, None, None, None),
            (issued, user, certificate, delivery),
        ]
        assert len(cases.unfinished(session, None)) == 3
        assert [item.case for item in cases.unfinished(session, None, ["issued"])] == [issued]
        assert board.unfinished_count(session, issued.branch_pk) == 2
        assert board.unfinished_count(session, None) == 3


@pytest.mark.rule("E-94")
def test_a_certificate_is_found_in_the_branch_of_its_user(database: Database) -> None:
    with database.transaction() as session:
        rows = Rows(session)
        certificate, elsewhere = rows.certificate(serial="01AB"), rows.branch()
        for find in (certificates.by_serial, certificates.by_serial_for_update):
            assert find(session, "01AB", None) is certificate
            assert find(session, "01AB", rows.the_branch.pk) is certificate
            assert find(session, "01AB", elsewhere.pk) is None
            assert find(session, "01ab", None) is None
        assert certificates.by_operation(session, certificate.operation_id) is certificate


def test_certificates_of_a_user_come_newest_first(database: Database) -> None:
    with database.transaction() as session:
        rows = Rows(session)
        user = rows.user()
        old = rows.revoked(user_pk=user.pk, reserved_at=NOW - timedelta(days=400))
        new = rows.signed(user_pk=user.pk)
        rows.certificate()
        assert certificates.of_user(session, user.pk) == (new, old)


def joined(listed: crl.Listed) -> tuple[int, bytes]:
    """How many, and as they stand in a list."""
    return listed.size, listed.joined


@pytest.mark.rule("I-14")
def test_the_crl_lists_what_is_revoked_and_not_long_expired_in_the_order_of_expiry(
    database: Database,
) -> None:
    with database.transaction() as session:
        rows = Rows(session)
        for serial, entry in [("0200", b"512"), ("F0", b"240"), ("0102", b"258"), ("0A", b"10")]:
            rows.revoked(serial=serial, crl_entry=entry)
        rows.revoked(
            not_before=NOW - timedelta(days=400), not_after=NOW - timedelta(days=34), crl_entry=b"old"
        )
        rows.signed(state="active")
        assert joined(crl.entries(session, NOW)) == (4, b"10240258512")
        assert joined(crl.entries(session, NOW - timedelta(days=34))) == (5, b"old10240258512")


@pytest.mark.rule("I-14", "E-93")
def test_what_an_earlier_list_held_is_found_again(database: Database) -> None:
    with database.transaction() as session:
        rows = Rows(session)
        for serial, number in [("01", 1), ("02", None), ("03", 7), ("04", 8)]:
            rows.revoked(serial=serial, crl_entry=serial.encode(), crl_number=number)
        assert joined(crl.entries(session, NOW, up_to_number=7)) == (3, b"010203")


@pytest.mark.rule("I-14")
def test_entries_are_joined_to_the_octet(database: Database) -> None:
    """Whatever is in them: zeros, signs that are no text, more than a database page of them."""
    with database.transaction() as session:
        assert joined(crl.entries(session, NOW)) == (0, b"")
        rows = Rows(session)
        entries = [bytes((n, 0, 0xFF, 0x80)) * 40 for n in range(256)]
        for number, entry in enumerate(entries):
            rows.revoked(serial=f"01{number:04X}", crl_entry=entry)
        assert joined(crl.entries(session, NOW)) == (256, b"".join(entries))


@pytest.mark.rule("E-85", "E-94")
def test_undelivered_is_what_was_issued_and_not_handed_over(database: Database) -> None:
    with database.transaction() as session:
        rows = Rows(session)
        user = rows.user()
        case = rows.issue_case(user, state="issued")
        certificate = rows.signed(user_pk=user.pk, case_pk=case.pk)
        waiting = rows.delivery(certificate_pk=certificate.pk, state="verified", verified_at=NOW)
        rows.delivery(state="handed_over", verified_at=NOW, handed_over_at=NOW)
        rows.delivery(certificate_pk=rows.revoked().pk, state="key_ready")

        found = deliveries.undelivered(session, case.branch_pk)
        assert [tuple(item) for item in found] == [(waiting, certificate, case, user)]
        assert deliveries.undelivered(session, rows.branch().pk) == ()
        assert board.undelivered_count(session, None) == board.undelivered_count(session, case.branch_pk) == 1
        assert deliveries.of_certificate(session, certificate.pk) is waiting
        assert deliveries.of_certificate_for_update(session, certificate.pk) is waiting
        assert deliveries.of_user(session, user.pk) == (waiting,)


@pytest.mark.rule("E-87", "E-94")
def test_media_are_counted_and_taken_within_the_branch(database: Database) -> None:
    with database.transaction() as session:
        rows = Rows(session)
        medium = rows.medium(medium_no="M0007")
        rows.medium(state="in_use")
        elsewhere = rows.branch()
        rows.medium(branch_pk=elsewhere.pk)
        assert media.stock_count(session, rows.the_branch.pk) == 1
        assert media.stock_count(session, None) == 2
        assert media.in_stock(session, rows.the_branch.pk) == (medium,)
        assert media.by_number_for_update(session, "M0007", rows.the_branch.pk) is medium
        assert media.by_number_for_update(session, "M0007", elsewhere.pk) is None


def test_expiries_are_counted_by_day_within_the_branch(database: Database) -> None:
    first, last = date(2026, 4, 1), date(2026, 4, 30)
    with database.transaction() as session:
        rows = Rows(session)
        for day in (first, first, last, last + timedelta(days=1), first - timedelta(days=1)):
            rows.signed(state="active", last_valid_date=day)
        rows.revoked(last_valid_date=first)
        month, one_day = expiring.Wanted(first=first, last=last), expiring.Wanted(first=last, last=last)
        assert expiring.by_day(session, month, rows.the_branch.pk) == {first: 2, last: 1}
        assert expiring.by_day(session, month, rows.branch().pk) == {}
        assert expiring.by_day(session, one_day, None) == {last: 1}


def test_a_history_is_cut_at_its_limit_newest_first(database: Database) -> None:
    with database.transaction() as session:
        rows = Rows(session)
        user = rows.user()
        for minute in range(4):
            at = NOW + timedelta(minutes=minute)
            rows.any(LockEvent, user_pk=user.pk, at=at, failures=minute)
            rows.case(user_pk=user.pk, state="user_chosen", opened_at=at, visitor_name=str(minute))
        certificate = rows.signed(user_pk=user.pk)
        delivery = rows.delivery(certificate_pk=certificate.pk)
        older = rows.revoked(user_pk=user.pk, reserved_at=NOW - timedelta(days=1))

        assert [event.failures for event in history.lock_events(session, user.pk, 2)] == [3, 2]
        newest: list[Case] = list(history.cases(session, user.pk, 3))
        assert {case.visitor_name for case in newest} <= {"3", "2", "1", "田中 太郎"}
        assert [case.opened_at for case in newest] == sorted(
            (case.opened_at for case in newest), reverse=True
        )
        assert history.certificates(session, user.pk, 10) == ((certificate, delivery), (older, None))
        assert history.certificates(session, user.pk, 1) == ((certificate, delivery),)
