"""The little of DER (X.690) that cryptography cannot write: encrypted keys, p12 MACs and joined CRLs."""

from dataclasses import dataclass
from datetime import UTC, datetime

INTEGER = 0x02
OCTET_STRING = 0x04
NULL = 0x05
OBJECT_IDENTIFIER = 0x06
ENUMERATED = 0x0A
UTC_TIME = 0x17
GENERALIZED_TIME = 0x18
SEQUENCE = 0x30
CONTEXT = 0xA0

FIRST_YEAR_OF_GENERALIZED_TIME = 2050
"""RFC 5280 4.1.2.5: through 2049 UTCTime, from 2050 GeneralizedTime."""


class NotDer(ValueError):
    """The bytes are no DER of the expected shape."""


@dataclass(frozen=True)
class Element:
    """One tag-length-value and where it stands."""

    tag: int
    start: int
    body_start: int
    end: int


def tlv(tag: int, *parts: bytes) -> bytes:
    """An element with the parts, one after the other, as its content."""
    body = b"".join(parts)
    return header(tag, len(body)) + body


def header(tag: int, length: int) -> bytes:
    """What stands before a content of so many octets, for whoever keeps a large content where it is."""
    if length < 0x80:
        return bytes((tag, length))
    octets = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(octets))) + octets


def sequence(*parts: bytes) -> bytes:
    """A SEQUENCE of finished elements."""
    return tlv(SEQUENCE, *parts)


def integer(value: int) -> bytes:
    """An INTEGER of zero or more, with a leading zero octet where the sign bit would be set."""
    if value < 0:
        raise NotDer("negative integer")
    return tlv(INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def octet_string(body: bytes) -> bytes:
    """An OCTET STRING."""
    return tlv(OCTET_STRING, body)


def null() -> bytes:
    """The NULL that stands where an algorithm has no parameters."""
    return tlv(NULL)


def explicit(number: int, *parts: bytes) -> bytes:
    """An EXPLICIT context tag [number]."""
    return tlv(CONTEXT | number, *parts)


def object_identifier(dotted: str) -> bytes:
    """An OBJECT IDENTIFIER from its dotted form."""
    first, second, *rest = (int(arc) for arc in dotted.split("."))
    return tlv(OBJECT_IDENTIFIER, *(_base_128(arc) for arc in (first * 40 + second, *rest)))


def _base_128(arc: int) -> bytes:
    octets = [arc & 0x7F]
    while arc := arc >> 7:
        octets.append(0x80 | (arc & 0x7F))
    return bytes(reversed(octets))


def time(moment: datetime) -> bytes:
    """A UTCTime or GeneralizedTime in UTC; fractions of a second are cut off (RFC 5280 4.1.2.5)."""
    if moment.tzinfo is None:
        raise NotDer("naive time")
    utc = moment.astimezone(UTC)
    if utc.year >= FIRST_YEAR_OF_GENERALIZED_TIME:
        return tlv(GENERALIZED_TIME, f"{utc:%Y%m%d%H%M%S}Z".encode("ascii"))
    return tlv(UTC_TIME, f"{utc:%y%m%d%H%M%S}Z".encode("ascii"))


def read(data: bytes, at: int = 0) -> Element:
    """The element that begins at `at`; raises `NotDer` when it is cut off or its length is not in DER's short form."""
    try:
        tag, first = data[at], data[at + 1]
    except IndexError:
        raise NotDer("cut off") from None
    body_start, length = at + 2, first
    if first >= 0x80:
        octets = data[body_start : body_start + (first & 0x7F)]
        body_start += first & 0x7F
        length = int.from_bytes(octets, "big")
        if len(octets) not in range(1, 5) or length < 0x80 or octets[0] == 0:
            raise NotDer("length")
    if body_start + length > len(data):
        raise NotDer("cut off")
    return Element(tag, at, body_start, body_start + length)


def children(data: bytes, parent: Element) -> tuple[Element, ...]:
    """The elements inside a constructed one."""
    found = []
    at = parent.body_start
    while at < parent.end:
        child = read(data, at)
        if child.end > parent.end:
            raise NotDer("overlap")
        found.append(child)
        at = child.end
    return tuple(found)


def whole(data: bytes, tag: int) -> Element:
    """The one element that fills `data` and has this tag."""
    element = read(data)
    if element.tag != tag or element.end != len(data):
        raise NotDer("shape")
    return element


def whole_number(data: bytes, element: Element) -> int:
    """The value of an INTEGER element that must not be negative."""
    body = data[element.body_start : element.end]
    if element.tag != INTEGER or not body or body[0] >= 0x80:
        raise NotDer("number")
    return int.from_bytes(body, "big")
