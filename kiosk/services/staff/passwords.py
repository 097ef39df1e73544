"""Stored passwords: Argon2id with a key that does not lie in the database."""

import re
import secrets
import threading
from dataclasses import dataclass, field
from typing import Final

from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from kiosk.errors import CannotCheckNow
from kiosk.secret import Secret

TIME_COST: Final = 3
MEMORY_KIB: Final = 64 * 1024
LANES: Final = 1
"""More lanes cost more here and protect no better."""
SALT_BYTES: Final = 16
HASH_BYTES: Final = 32
KEY_BYTES: Final = 32

# Two hashes at once would only double the wait of both and the memory of the process.
_ONE_AT_A_TIME: Final = threading.Lock()

_PHC: Final = re.compile(
    r"\$argon2id\$v=19\$m=(?P<memory>[0-9]+),t=(?P<time>[0-9]+),p=(?P<lanes>[0-9]+)"
    r"\$[A-Za-z0-9+/]+\$[A-Za-z0-9+/]+"
)


_KNOWN: Final = (
    "$argon2id$v=19$m=1024,t=3,p=1$c2FsdHNhbHRzYWx0c2FsdA$1fmrevZX9Qm9qDihFhcjJ/Vp1+eAZ5r3Ojpjeuyb0RY"
)
"""Of `Kunren#2026` under the key 0, 1, 2 … 31."""


def known_answer_holds() -> bool:
    """Whether a hash made long ago still matches; for the self-check at start."""
    hasher = PasswordHasher(key=bytes(range(KEY_BYTES)))
    return hasher.matches(Secret("Kunren#2026"), _KNOWN) and not hasher.matches(Secret("kunren#2026"), _KNOWN)


def new_key() -> bytes:
    """A key for `PasswordHasher`; kept in the data folder, so that a stolen database alone cannot be guessed at."""
    return secrets.token_bytes(KEY_BYTES)


@dataclass(frozen=True, kw_only=True)
class PasswordHasher:
    """Makes and checks password hashes, one at a time in the whole process.

    Call it outside transactions: a hash takes a fifth of a second, and nobody should wait for a row meanwhile.
    """

    key: bytes = field(repr=False)
    time_cost: int = TIME_COST
    memory_kib: int = MEMORY_KIB
    lanes: int = LANES

    def __post_init__(self) -> None:
        if len(self.key) != KEY_BYTES:
            raise ValueError(f"the password key has {len(self.key)} bytes instead of {KEY_BYTES}")

    def hash_password(self, password: Secret) -> str:
        """The text to store (PHC string format). Raises `CannotCheckNow` when memory is short."""
        try:
            with _ONE_AT_A_TIME:
                return self._argon2id().derive_phc_encoded(_characters(password))
        except MemoryError as short:
            raise CannotCheckNow from short

    def matches(self, password: Secret, stored: str | None) -> bool:
        """Whether `password` is the one behind `stored`.

        Without a stored hash (nobody has that name) the answer is no, after the same work, so that the time tells
        nothing (I-11). Raises `CannotCheckNow` when memory is short or what is stored is no hash: neither is a wrong
        password.
        """
        if stored is not None and _PHC.fullmatch(stored) is None:
            raise CannotCheckNow
        try:
            with _ONE_AT_A_TIME:
                if stored is None:
                    self._argon2id().derive(_characters(password))
                    return False
                Argon2id.verify_phc_encoded(_characters(password), stored, secret=self.key)
        except MemoryError as short:
            raise CannotCheckNow from short
        except InvalidKey:
            return False
        return True

    def needs_rehash(self, stored: str) -> bool:
        """Whether `stored` was made with other costs than those in force; to be asked after a right password."""
        found = _PHC.fullmatch(stored)
        costs = (self.memory_kib, self.time_cost, self.lanes)
        return found is None or tuple(int(found[name]) for name in ("memory", "time", "lanes")) != costs

    def _argon2id(self) -> Argon2id:
        return Argon2id(
            salt=secrets.token_bytes(SALT_BYTES),
            length=HASH_BYTES,
            iterations=self.time_cost,
            lanes=self.lanes,
            memory_cost=self.memory_kib,
            secret=self.key,
        )


def _characters(password: Secret) -> bytes:
    # A lone surrogate can come from a keyboard line with broken UTF-8; it is a wrong password, not a crash.
    return password.reveal().encode("utf-8", "surrogatepass")
