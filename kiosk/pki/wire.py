"""How the screen process and the signer process talk: length-prefixed JSON for the words, raw bytes for the rest.

Nothing that arrives is ever executed or unpickled. Passwords and passphrases travel as raw bytes, never in the JSON.
"""

import json
import socket
import struct
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

MAX_FRAME_OCTETS = 256 * 1024 * 1024
"""A CRL of two million entries; anything longer is no message of ours."""

_PREFIX = struct.Struct(">II")
"""How many octets of body, how many pieces in it."""
_LENGTH = struct.Struct(">I")
_WORTH_A_COPY = 64 * 1024
"""Shorter messages leave in one piece."""


class Disconnected(Exception):
    """The other side is gone, silent for too long, or does not speak this language."""


@dataclass(frozen=True)
class Message:
    """Words, and pieces of bytes beside them."""

    words: Mapping[str, Any]
    """What JSON can hold; never a secret."""
    pieces: Sequence[bytes] = field(default=(), repr=False)


def send(channel: socket.socket, message: Message, *, timeout: float | None = None) -> None:
    """Send one message within `timeout` seconds; raises `Disconnected`."""
    parts = [json.dumps(message.words, allow_nan=False).encode("utf-8"), *message.pieces]
    length = sum(_LENGTH.size + len(part) for part in parts)
    if length > MAX_FRAME_OCTETS:
        raise Disconnected
    halves = [_PREFIX.pack(length, len(parts))]
    for part in parts:
        halves += (_LENGTH.pack(len(part)), part)
    if length < _WORTH_A_COPY:
        halves = [b"".join(halves)]
    deadline = _deadline(timeout)
    try:
        for half in halves:
            channel.settimeout(_left(deadline))
            channel.sendall(half)
    except OSError:
        raise Disconnected from None


def receive(channel: socket.socket, *, timeout: float | None = None) -> Message:
    """The next message, waiting at most `timeout` seconds for all of it; raises `Disconnected`."""
    deadline = _deadline(timeout)
    length, count = _PREFIX.unpack(_exactly(channel, _PREFIX.size, deadline))
    if length > MAX_FRAME_OCTETS:
        raise Disconnected
    try:
        words, *pieces = _split(_exactly(channel, length, deadline), count)
        understood = json.loads(words)
    except ValueError:
        raise Disconnected from None
    if not isinstance(understood, dict):
        raise Disconnected
    return Message(understood, pieces)


def _split(body: memoryview, count: int) -> list[bytes]:
    parts = []
    at = 0
    for _ in range(count):
        begin = at + _LENGTH.size
        if begin > len(body):
            raise ValueError("cut off")
        at = begin + _LENGTH.unpack_from(body, at)[0]
        parts.append(bytes(body[begin:at]))
    if at != len(body):
        raise ValueError("pieces do not add up")
    return parts


def _exactly(channel: socket.socket, octets: int, deadline: float | None) -> memoryview:
    held = memoryview(bytearray(octets))
    missing = held
    while missing:
        try:
            channel.settimeout(_left(deadline))
            arrived = channel.recv_into(missing)
        except OSError:
            raise Disconnected from None
        if not arrived:
            raise Disconnected
        missing = missing[arrived:]
    return held


def _deadline(timeout: float | None) -> float | None:
    return None if timeout is None else time.monotonic() + timeout


def _left(deadline: float | None) -> float | None:
    return None if deadline is None else max(deadline - time.monotonic(), 0.001)
