"""Stored passwords."""

import subprocess
import sys
import time
from statistics import median

import pytest

from kiosk.errors import CannotCheckNow
from kiosk.secret import Secret
from kiosk.services.staff import passwords
from kiosk.services.staff.passwords import PasswordHasher

KEY = bytes(range(32))
FIXED_HASH = (
    "$argon2id$v=19$m=1024,t=3,p=1$c2FsdHNhbHRzYWx0c2FsdA$1fmrevZX9Qm9qDihFhcjJ/Vp1+eAZ5r3Ojpjeuyb0RY"
)


@pytest.fixture
def hasher() -> PasswordHasher:
    return PasswordHasher(key=KEY, memory_kib=1024)


def test_only_the_same_password_matches(hasher: PasswordHasher) -> None:
    stored = hasher.hash_password(Secret("Kunren#2026"))

    assert hasher.matches(Secret("Kunren#2026"), stored)
    assert not hasher.matches(Secret("kunren#2026"), stored)
    assert not hasher.matches(Secret(""), stored)


def test_the_stored_text_never_holds_the_password_and_is_new_each_time(hasher: PasswordHasher) -> None:
    first, second = (hasher.hash_password(Secret("Kunren#2026")) for _ in range(2))

    assert first != second
    assert "Kunren" not in first + second + repr(hasher)
    assert repr(KEY) not in repr(hasher)


def test_the_database_alone_is_not_enough_to_check_a_guess(hasher: PasswordHasher) -> None:
    stored = hasher.hash_password(Secret("Kunren#2026"))
    thief = PasswordHasher(key=bytes(32), memory_kib=1024)

    assert not thief.matches(Secret("Kunren#2026"), stored)


def test_the_costs_in_force_are_those_of_the_threat_model() -> None:
    stored = PasswordHasher(key=KEY).hash_password(Secret("Kunren#2026"))

    assert stored.startswith("$argon2id$v=19$m=65536,t=3,p=1$")


def test_a_hash_of_other_costs_still_matches_and_asks_to_be_made_anew(hasher: PasswordHasher) -> None:
    stored = hasher.hash_password(Secret("Kunren#2026"))
    grown = PasswordHasher(key=KEY, memory_kib=2048)

    assert grown.matches(Secret("Kunren#2026"), stored)
    assert grown.needs_rehash(stored)
    assert not grown.needs_rehash(grown.hash_password(Secret("Kunren#2026")))


def test_the_hash_is_the_one_the_standard_describes(hasher: PasswordHasher) -> None:
    """A hash made once and written down here: whatever changes underneath, stored passwords stay usable."""
    assert hasher.matches(Secret("Kunren#2026"), FIXED_HASH)
    assert passwords.known_answer_holds()


@pytest.mark.rule("I-11")
def test_a_missing_account_takes_as_long_as_a_wrong_password() -> None:
    hasher = PasswordHasher(key=KEY, memory_kib=16 * 1024)
    stored = hasher.hash_password(Secret("Kunren#2026"))

    def seconds(against: str | None) -> float:
        began = time.process_time()  # of the processor: what others do meanwhile is not in it
        assert not hasher.matches(Secret("wrong#2026"), against)
        return time.process_time() - began

    pairs = [(seconds(stored), seconds(None)) for _ in range(15)]

    assert median(there for there, _ in pairs) == pytest.approx(
        median(missing for _, missing in pairs), rel=0.4
    )


@pytest.mark.parametrize("damaged", ["", "x", "$argon2id$v=19$m=1024,t=3,p=1$", FIXED_HASH + "\n"])
def test_a_damaged_hash_is_not_a_wrong_password(hasher: PasswordHasher, damaged: str) -> None:
    with pytest.raises(CannotCheckNow):
        hasher.matches(Secret("Kunren#2026"), damaged)


@pytest.mark.rule("I-24")
def test_too_little_memory_is_not_a_wrong_password() -> None:
    """In a process of its own, because a limit on memory cannot be taken back."""
    program = f"""
import resource
from pathlib import Path
from kiosk.errors import CannotCheckNow
from kiosk.secret import Secret
from kiosk.services.staff.passwords import PasswordHasher
hasher = PasswordHasher(key=bytes(32))
used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + 20_000_000,) * 2)
for check in (lambda: hasher.hash_password(Secret("x")), lambda: hasher.matches(Secret("x"), None),
              lambda: hasher.matches(Secret("x"), {FIXED_HASH.replace("m=1024", "m=65536")!r})):
    try:
        check()
    except CannotCheckNow:
        print("cannot check now")
"""
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert answer.stdout.split("\n")[:3] == ["cannot check now"] * 3


def test_a_key_of_the_wrong_length_is_refused() -> None:
    with pytest.raises(ValueError, match="32"):
        PasswordHasher(key=b"short")


def test_new_keys_differ() -> None:
    assert passwords.new_key() != passwords.new_key()


@pytest.mark.rule("I-19")
def test_broken_characters_from_the_keyboard_line_are_only_wrong(hasher: PasswordHasher) -> None:
    assert not hasher.matches(Secret("\udcff" * 8), FIXED_HASH)
