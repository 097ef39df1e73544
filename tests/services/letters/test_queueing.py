"""A letter is queued in the transaction of its cause, once."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest

from db.tables import User
from kiosk.rules.notices import NoticeKind
from kiosk.services.desk.guard import Desk
from kiosk.services.desk.outbox import queue_notice
from tests.support.mailing import queued, rows


@pytest.mark.rule("I-18")
def test_a_letter_is_queued_only_when_its_cause_is_stored(desk: Desk, user: User) -> None:
    def fails_after_queueing() -> None:
        with desk.database.transaction() as session:
            queue_notice(session, kind=NoticeKind.BLOCKED, dedupe="x", user_pk=user.pk, now=desk.clock.now())
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fails_after_queueing()
    assert rows(desk.database) == []


@pytest.mark.rule("I-18")
def test_one_cause_makes_one_letter(desk: Desk, user: User) -> None:
    first = queued(desk, user)
    assert queued(desk, user) == first
    assert queued(desk, user, cause="2") != first
    assert len(rows(desk.database)) == 2


@pytest.mark.rule("I-18")
def test_one_cause_at_two_terminals_makes_one_letter(desk: Desk, user: User) -> None:
    ready = threading.Barrier(4)

    def queue_together() -> int:
        ready.wait()
        return queued(desk, user)

    with ThreadPoolExecutor(4) as pool:
        found = {future.result() for future in [pool.submit(queue_together) for _ in range(4)]}
    assert len(found) == len(rows(desk.database)) == 1


def test_a_letter_takes_the_moments_of_its_kind_and_nothing_else(desk: Desk, user: User) -> None:
    now = desk.clock.now()
    with desk.database.transaction() as session:

        def queue(kind: NoticeKind, facts: dict[str, datetime], certificate_pk: int | None = None) -> None:
            queue_notice(
                session,
                kind=kind,
                dedupe="x",
                user_pk=user.pk,
                now=now,
                facts=facts,
                certificate_pk=certificate_pk,
            )

        for kind, facts in (
            (NoticeKind.LOCKED, {}),
            (NoticeKind.BLOCKED, {"until": now}),
            (NoticeKind.CODE, {"valid_until": now, "code": now}),
        ):
            with pytest.raises(ValueError, match="takes the facts"):
                queue(kind, facts)
        with pytest.raises(ValueError, match="certificate"):
            queue(NoticeKind.REVOKED, {})
        with pytest.raises(ValueError, match="certificate"):
            queue(NoticeKind.BLOCKED, {}, certificate_pk=1)
        with pytest.raises(ValueError, match="time zone"):
            queue(NoticeKind.LOCKED, {"until": now.replace(tzinfo=None)})
