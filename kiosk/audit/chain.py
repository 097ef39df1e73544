"""The hash chain: what makes a quiet change to the journal visible.

Pure: bytes in, bytes out. An entry's hash covers the hash before it and the entry's stored bytes; the stored bytes are
hashed as they are and never made a second time, so no later version of this program can disagree with an old entry.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Final

HASH_BYTES: Final = 32
GENESIS: Final = bytes(HASH_BYTES)
"""What stands before the first entry of a chain."""

Fact = str | int | bool | None
Body = Mapping[str, Fact | Mapping[str, Fact]]


def canonical(body: Body) -> bytes:
    """The one spelling of an entry: JSON with sorted keys, no spaces, UTF-8.

    Raises `ValueError` for text that is not Unicode (a lone surrogate).
    """
    return json.dumps(
        body, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    ).encode()


def link(previous: bytes, body: bytes) -> bytes:
    """The hash of an entry: SHA-256 over the hash before it and its stored bytes (I-13)."""
    if len(previous) != HASH_BYTES:
        raise ValueError(f"a hash has {HASH_BYTES} bytes, not {len(previous)}")
    return hashlib.sha256(previous + body).digest()
