"""The four tables of moves: each is the drawing below, and the drawings hold what the counter needs of them."""

from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from itertools import product
from typing import Any

import pytest

from kiosk.rules import approvals, cases, certificates, deliveries, notices
from kiosk.rules.approvals import ApprovalState
from kiosk.rules.cases import CaseState
from kiosk.rules.certificates import CertificateState
from kiosk.rules.deliveries import DeliveryState
from kiosk.rules.notices import NoticeState

CASE_MOVES = """
reception           user_chosen voided
user_chosen         user_chosen transaction_chosen voided
transaction_chosen  transaction_chosen user_chosen password_ok voided
password_ok         code_ok transaction_chosen user_chosen voided
code_ok             issuing transaction_chosen user_chosen voided
issuing             issued transaction_chosen needs_attention voided
issued              delivered needs_attention voided
delivered           done needs_attention voided
needs_attention     issued delivered done voided
done
voided
"""
APPROVAL_MOVES = """
asked      approved rejected withdrawn void expired
approved   executed withdrawn void expired
rejected
withdrawn
void
expired
executed
"""
CERTIFICATE_MOVES = """
reserved  signed voided
signed    active revoked
active    revoked
revoked
voided
"""
DELIVERY_MOVES = """
key_ready      written voided
written        verified key_ready voided
verified       handed_over lost damaged not_collected voided
handed_over    confirmed lost damaged
confirmed
lost
damaged        destroyed
not_collected  destroyed
destroyed
voided
"""
NOTICE_MOVES = """
queued   sending gave_up
sending  sent queued bounced gave_up
sent
bounced
gave_up
"""

Moves = dict[str, list[str]]


def read(drawing: str) -> Moves:
    return {line.split()[0]: line.split()[1:] for line in drawing.strip().splitlines()}


MACHINES: list[tuple[str, Mapping[Any, frozenset[Any]], Callable[[Any, Any], bool], type[StrEnum]]] = [
    (CASE_MOVES, cases.ALLOWED, cases.may_move, CaseState),
    (APPROVAL_MOVES, approvals.ALLOWED, approvals.may_move, ApprovalState),
    (CERTIFICATE_MOVES, certificates.ALLOWED, certificates.may_move, CertificateState),
    (DELIVERY_MOVES, deliveries.ALLOWED, deliveries.may_move, DeliveryState),
    (NOTICE_MOVES, notices.ALLOWED, notices.may_move, NoticeState),
]


@pytest.mark.parametrize(
    ("drawing", "table", "may_move", "states"), MACHINES, ids=lambda value: getattr(value, "__name__", "")
)
def test_a_table_is_its_drawing(
    drawing: str,
    table: Mapping[StrEnum, frozenset[StrEnum]],
    may_move: Callable[[StrEnum, StrEnum], bool],
    states: type[StrEnum],
) -> None:
    drawn = read(drawing)
    assert set(drawn) == {state.value for state in states} == set(table)
    for a, b in product(states, states):
        assert may_move(a, b) == (b.value in drawn[a.value])


def reachable(drawing: str, start: str, *, without: Iterable[str] = ()) -> set[str]:
    """Every state that can follow `start`, itself included, when some states do not exist."""
    moves, found, waiting = read(drawing), set[str](), [start]
    while waiting:
        state = waiting.pop()
        if state not in found and state not in without:
            found.add(state)
            waiting.extend(moves[state])
    return found


@pytest.mark.parametrize(
    ("drawing", "start"),
    [
        (CASE_MOVES, "reception"),
        (APPROVAL_MOVES, "asked"),
        (CERTIFICATE_MOVES, "reserved"),
        (DELIVERY_MOVES, "key_ready"),
        (NOTICE_MOVES, "queued"),
    ],
)
def test_every_state_can_be_reached_and_left_for_an_end(drawing: str, start: str) -> None:
    moves = read(drawing)
    assert reachable(drawing, start) == set(moves)
    ends = {state for state, following in moves.items() if not following}
    for state in moves:
        assert reachable(drawing, state) & ends


@pytest.mark.rule("I-16", "I-17")
def test_nothing_is_executed_that_was_not_approved() -> None:
    assert "executed" not in reachable(APPROVAL_MOVES, "asked", without=["approved"])
    for end in ("rejected", "withdrawn", "void", "expired", "executed"):
        assert reachable(APPROVAL_MOVES, end) == {end}


@pytest.mark.rule("I-4")
@pytest.mark.parametrize(
    ("also", "moves"),
    [
        (cases.AT_ONCE, {("transaction_chosen", "done")}),
        (cases.SECOND_ACT_AGAIN, {("issued", "transaction_chosen"), ("delivered", "transaction_chosen")}),
    ],
)
def test_an_act_allows_its_own_moves_beyond_the_table_and_no_other(
    also: cases.Moves, moves: set[tuple[str, str]]
) -> None:
    for a, b in product(CaseState, CaseState):
        assert cases.may_move(a, b, also) == (cases.may_move(a, b) or (a, b) in moves)


@pytest.mark.rule("R-44", "R-60", "R-64", "I-4", "I-10")
@pytest.mark.parametrize("step", ["transaction_chosen", "password_ok", "code_ok", "issuing"])
def test_there_is_no_way_to_a_certificate_around_a_step(step: str) -> None:
    assert not reachable(CASE_MOVES, "reception", without=[step]) & {"issued", "delivered", "done"}


@pytest.mark.rule("R-45", "R-65", "R-71", "R-25")
@pytest.mark.parametrize(
    ("cancelled_at", "back_to"),
    [
        (CaseState.TRANSACTION_CHOSEN, CaseState.USER_CHOSEN),
        (CaseState.PASSWORD_OK, CaseState.TRANSACTION_CHOSEN),
        (CaseState.CODE_OK, CaseState.USER_CHOSEN),
        (CaseState.USER_CHOSEN, CaseState.VOIDED),
    ],
)
def test_cancelling_leads_where_the_manual_says(cancelled_at: CaseState, back_to: CaseState) -> None:
    assert cases.may_move(cancelled_at, back_to)


@pytest.mark.rule("E-54", "R-71")
def test_after_cancelling_a_password_and_a_code_are_asked_for_again() -> None:
    from_the_menu = reachable(CASE_MOVES, "user_chosen", without=["password_ok"])
    assert "code_ok" not in from_the_menu


@pytest.mark.rule("R-85", "E-84", "E-85")
@pytest.mark.parametrize("state", [CaseState.ISSUED, CaseState.DELIVERED, CaseState.NEEDS_ATTENTION])
def test_once_a_certificate_exists_there_is_no_way_back_before_it(state: CaseState) -> None:
    assert not reachable(CASE_MOVES, state) & set(cases.BEFORE_ISSUING)


def test_a_reception_is_open_until_it_is_done_or_voided() -> None:
    assert {state for state in CaseState if state not in cases.OPEN_STATES} == {
        CaseState.DONE,
        CaseState.VOIDED,
    }


def test_before_issuing_every_reception_can_be_voided() -> None:
    assert {state.value for state in cases.BEFORE_ISSUING} == {
        "reception",
        "user_chosen",
        "transaction_chosen",
        "password_ok",
        "code_ok",
    }
    assert all(cases.may_move(state, CaseState.VOIDED) for state in cases.BEFORE_ISSUING)


@pytest.mark.rule("E-80", "I-15")
def test_a_revocation_cannot_be_undone() -> None:
    assert reachable(CERTIFICATE_MOVES, "revoked") == {"revoked"}


@pytest.mark.rule("I-2", "R-85")
def test_a_signed_certificate_can_only_end_revoked() -> None:
    assert reachable(CERTIFICATE_MOVES, "signed") == {"signed", "active", "revoked"}


@pytest.mark.rule("E-72", "I-1")
def test_a_place_is_held_from_the_reservation_on() -> None:
    assert {state.value for state in certificates.LIVE_STATES} == {"reserved", "signed", "active"}
    assert {state.value for state in certificates.EXISTING_STATES} == {"signed", "active", "revoked"}


@pytest.mark.rule("E-83", "E-84")
def test_nothing_is_handed_over_that_was_not_read_back() -> None:
    assert "handed_over" not in reachable(DELIVERY_MOVES, "key_ready", without=["verified"])


@pytest.mark.rule("E-84")
def test_another_stick_can_be_tried_until_one_is_verified() -> None:
    assert "key_ready" in reachable(DELIVERY_MOVES, "written")
    assert "key_ready" not in reachable(DELIVERY_MOVES, "verified")


@pytest.mark.rule("E-85")
def test_undelivered_is_everything_before_the_hand_over() -> None:
    assert {state.value for state in deliveries.UNDELIVERED_STATES} == {"key_ready", "written", "verified"}
    for state in deliveries.UNDELIVERED_STATES:
        assert deliveries.may_move(state, DeliveryState.VOIDED)


@pytest.mark.rule("I-18")
def test_a_letter_that_left_never_leaves_again() -> None:
    assert reachable(NOTICE_MOVES, "sent") == {"sent"}
