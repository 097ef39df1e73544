"""The real comparisons of passwords, while something else happens at the counter."""

from collections.abc import Callable
from dataclasses import dataclass, field

from kiosk.secret import Secret
from kiosk.services.staff.passwords import PasswordHasher
from kiosk.services.staff.proving import PasswordVerifier, Verdict
from tests.support.builders import HASHER


@dataclass(frozen=True, kw_only=True)
class SlowHasher(PasswordHasher):
    """Of customers."""

    meanwhile: Callable[[], object] = field(repr=False)

    def matches(self, password: Secret, stored: str | None) -> bool:
        self.meanwhile()
        return super().matches(password, stored)


@dataclass(frozen=True, kw_only=True)
class SlowVerifier(PasswordVerifier):
    """Of staff."""

    meanwhile: Callable[[], object] = field(repr=False)

    def check(self, stored: str | None, password: Secret) -> Verdict:
        self.meanwhile()
        return super().check(stored, password)


def slow_hasher(meanwhile: Callable[[], object]) -> SlowHasher:
    """The cheap hasher of the tests, with something that happens before it compares."""
    return SlowHasher(
        key=HASHER.key, time_cost=HASHER.time_cost, memory_kib=HASHER.memory_kib, meanwhile=meanwhile
    )
