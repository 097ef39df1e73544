"""What goes over the socket between screen and signer, and what is not listened to."""

import json
import socket
import struct
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from threading import Event, Thread

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.errors import CertificateRefusedByLint, IssueFailed, KioskError, SignerLocked, SignerUnavailable
from kiosk.pki.signer import CrlOrder, KeyAlgorithm
from kiosk.pki.signer_messages import (
    crl_order_from,
    error_in,
    message_of_crl_order,
    message_of_error,
    order_from,
    profile_from,
    words_of_order,
    words_of_profile,
)
from kiosk.pki.wire import MAX_FRAME_OCTETS, Disconnected, Message, receive, send
from tests.support.certificates import PROFILE, an_order

NOW = datetime(2026, 11, 22, 1, 30, tzinfo=UTC)
Pair = tuple[socket.socket, socket.socket]


@pytest.fixture
def pair() -> Iterator[Pair]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


words = st.dictionaries(
    st.text(max_size=8),
    st.one_of(st.text(max_size=20), st.integers(-(2**160), 2**160), st.booleans(), st.none()),
)


@settings(max_examples=60, deadline=None)
@given(words=words, pieces=st.lists(st.binary(max_size=2000), max_size=5))
def test_any_message_arrives_as_it_was_sent(words: dict[str, object], pieces: list[bytes]) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        send(ours, Message(words, pieces), timeout=5)
        arrived = receive(theirs, timeout=5)
    assert (arrived.words, arrived.pieces) == (words, pieces)


def test_a_list_larger_than_any_socket_buffer_arrives(pair: Pair) -> None:
    entries = [bytes([number % 256]) * 60 for number in range(50_000)]
    sender = Thread(target=send, args=(pair[0], Message({}, entries)), kwargs={"timeout": 10})
    sender.start()
    assert receive(pair[1], timeout=10).pieces == entries
    sender.join()


@pytest.mark.parametrize(
    "frame",
    [
        b"",
        b"GET / HTTP/1.1\r\n\r\n",
        struct.pack(">II", MAX_FRAME_OCTETS + 1, 1),
        struct.pack(">II", 4, 0) + bytes(4),
        struct.pack(">II", 4, 2) + bytes(4),
        struct.pack(">II", 8, 1) + struct.pack(">I", 400) + b"abcd",
        struct.pack(">II", 6, 1) + struct.pack(">I", 2) + b"[]",
        struct.pack(">II", 8, 1) + struct.pack(">I", 4) + b"nope",
        struct.pack(">II", 6, 1) + struct.pack(">I", 2) + b"\xff\xfe",
        struct.pack(">II", 100, 1) + b"cut off",
    ],
    ids=range(10),
)
def test_what_is_no_message_ends_the_conversation(pair: Pair, frame: bytes) -> None:
    pair[0].sendall(frame)
    pair[0].shutdown(socket.SHUT_WR)
    with pytest.raises(Disconnected):
        receive(pair[1], timeout=5)


def test_silence_ends_the_conversation_in_time(pair: Pair) -> None:
    with pytest.raises(Disconnected):
        receive(pair[1], timeout=0.05)


def test_drop_by_drop_does_not_stretch_the_time(pair: Pair) -> None:
    stop = Event()

    def drip() -> None:
        pair[0].sendall(struct.pack(">II", 100_000, 1))
        while not stop.wait(0.01):
            pair[0].sendall(b"x")

    sender = Thread(target=drip)
    sender.start()
    begun = time.monotonic()
    with pytest.raises(Disconnected):
        receive(pair[1], timeout=0.2)
    assert time.monotonic() - begun < 5
    stop.set()
    sender.join()


def test_nobody_listening_ends_the_conversation(pair: Pair) -> None:
    pair[1].close()
    with pytest.raises(Disconnected):
        send(pair[0], Message({}), timeout=1)


def test_a_full_socket_ends_the_conversation_in_time(pair: Pair) -> None:
    with pytest.raises(Disconnected):
        send(pair[0], Message({}, [bytes(5_000_000)]), timeout=0.05)


@pytest.mark.rule("I-21")
def test_the_bytes_of_a_message_do_not_show(pair: Pair) -> None:
    assert "Kunren" not in repr(Message({"do": "bundle"}, [b"Kunren#2026"]))


def through_json(told: dict[str, object]) -> dict[str, object]:
    back = json.loads(json.dumps(told))
    assert isinstance(back, dict)
    return back


@pytest.mark.parametrize("algorithm", list(KeyAlgorithm))
def test_an_order_arrives_as_it_was_given(algorithm: KeyAlgorithm) -> None:
    order = an_order(NOW, key_algorithm=algorithm)
    assert order_from(through_json(words_of_order(order))) == order


def test_a_profile_arrives_as_it_was_given() -> None:
    assert profile_from(through_json(words_of_profile(PROFILE))) == PROFILE


@pytest.mark.parametrize("listed", [b"", b"ab", b"ax", b"xb", b"axb", b"longer than that"])
def test_a_crl_order_arrives_as_it_was_given_whatever_was_listed_before(listed: bytes) -> None:
    order = CrlOrder(number=2**150, this_update=NOW, next_update=NOW.replace(year=2027), entries=b"axb")
    message = message_of_crl_order(order, listed)
    assert crl_order_from(Message(through_json(dict(message.words)), message.pieces), listed) == order


@pytest.mark.rule("I-14")
def test_of_a_crl_only_what_is_new_travels_and_to_nobody_who_knows_another_one() -> None:
    listed = b"0123456789" * 1_000
    order = CrlOrder(number=7, this_update=NOW, next_update=NOW.replace(year=2027), entries=listed + b"new")
    message = message_of_crl_order(order, listed)
    assert message.pieces == (b"new",)
    for other in (b"", listed[1:], listed + b"new"):
        with pytest.raises(ValueError, match="another list"):
            crl_order_from(message, other)


@pytest.mark.parametrize(
    "error",
    [IssueFailed(), SignerLocked(), SignerUnavailable(), CertificateRefusedByLint(("serial", "subject"))],
    ids=lambda error: type(error).__name__,
)
def test_a_refusal_arrives_as_it_was_raised(error: KioskError) -> None:
    arrived = error_in(message_of_error(error))
    assert type(arrived) is type(error)
    assert vars(arrived) == vars(error)


def test_an_unknown_refusal_counts_as_a_failed_issue() -> None:
    assert isinstance(error_in(Message({"error": "os.system"})), IssueFailed)


def test_an_answer_is_no_refusal() -> None:
    assert error_in(Message({"handle": "x"})) is None
