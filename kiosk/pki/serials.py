"""Serial numbers that nobody can foresee."""

from secrets import token_bytes

INSTANCE_PREFIX = 0x01
"""The first octet; it keeps the number positive and of one length, and leaves room for a second signer."""

RANDOM_OCTETS = 17


def fresh_serial() -> int:
    """A serial number with 136 random bits: positive, 18 octets, far below the 20 of RFC 5280 4.1.2.2 (I-5)."""
    return int.from_bytes(bytes((INSTANCE_PREFIX,)) + token_bytes(RANDOM_OCTETS), "big")
