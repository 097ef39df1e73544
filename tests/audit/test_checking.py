"""A chain without a database: no change of it goes unnoticed, and its length costs no memory (I-13)."""

import tracemalloc
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.audit.chain import GENESIS, canonical, link
from kiosk.audit.checking import ChainCheck
from kiosk.audit.entry import Outcome, body_of
from kiosk.audit.events import EventTag
from kiosk.audit.verifying import Finding
from tests.audit.signing import CLERK, NODE
from tests.support.clock import MONDAY_MORNING


@dataclass
class Entry:
    """A row without a database."""

    seq: int
    at: object
    body: bytes
    previous_hash: bytes
    hash: bytes
    tag: str = EventTag.USER_INQUIRED.value
    outcome: str = "done"
    staff_id: str | None = CLERK.staff_id
    branch_no: str | None = CLERK.branch_no
    terminal_no: str | None = CLERK.terminal_no
    reception_no: str | None = None
    user_id: str | None = None
    serial: str | None = None


def chain(length: int) -> Iterator[Entry]:
    previous = GENESIS
    for seq in range(1, length + 1):
        now = MONDAY_MORNING + timedelta(seconds=seq)
        told = body_of(
            node=NODE,
            seq=seq,
            now=now,
            tag=EventTag.USER_INQUIRED,
            outcome=Outcome.DONE,
            who=CLERK,
            fields=dict.fromkeys(
                (
                    "reception_no",
                    "transaction",
                    "screen_id",
                    "user_id",
                    "serial",
                    "medium_no",
                    "code",
                    "before",
                    "after",
                )
            ),
            facts={},
        )
        body = canonical(told)
        yield Entry(seq, now, body, previous, link(previous, body))
        previous = link(previous, body)


def checked(entries: Iterator[Entry] | list[Entry], length: int, head: bytes) -> tuple[Finding, ...]:
    check = ChainCheck(NODE, length, head, [])
    for entry in entries:
        check.see(entry)  # type: ignore[arg-type]
    return check.findings(in_database=0, outside=0)


@pytest.mark.rule("I-13")
@settings(max_examples=200, deadline=None)
@given(st.data())
def test_no_single_change_goes_unnoticed(data: st.DataObject) -> None:
    """Any bit of any entry, any entry removed, any two exchanged."""
    entries = list(chain(6))
    head = entries[-1].hash
    place = data.draw(st.integers(0, 5))
    match data.draw(st.sampled_from(["flip", "remove", "exchange", "repeat"])):
        case "flip":
            field = data.draw(st.sampled_from(["body", "previous_hash", "hash"]))
            value = bytearray(getattr(entries[place], field))
            value[data.draw(st.integers(0, len(value) - 1))] ^= 1 << data.draw(st.integers(0, 7))
            setattr(entries[place], field, bytes(value))
        case "remove":
            del entries[place]
        case "exchange":
            other = data.draw(st.integers(0, 5).filter(lambda other: other != place))
            first, second = entries[place], entries[other]
            entries[place], entries[other] = replace(second, seq=first.seq), replace(first, seq=second.seq)
        case _:
            copy = entries[place]
            entries = [replace(entry, seq=entry.seq + (entry.seq > copy.seq)) for entry in entries]
            entries.insert(place + 1, replace(copy, seq=copy.seq + 1))

    assert checked(entries, 6, head) != ()


def test_memory_does_not_grow_with_the_journal() -> None:
    def peak(length: int) -> int:
        *_, last = chain(length)
        tracemalloc.start()
        assert checked(chain(length), length, last.hash) == ()
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    assert peak(5_000) < peak(100) + 500_000  # kept, the entries would take more than five million
