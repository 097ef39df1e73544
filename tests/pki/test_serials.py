"""Serial numbers: unpredictable, positive, short enough (I-5)."""

import pytest

from kiosk.pki.serials import INSTANCE_PREFIX, RANDOM_OCTETS, fresh_serial

DRAWN = 100_000
RANDOM_BITS = RANDOM_OCTETS * 8
SIX_SIGMA = 6 * (DRAWN**0.5) / 2


@pytest.fixture(scope="module")
def serials() -> list[int]:
    return [fresh_serial() for _ in range(DRAWN)]


@pytest.mark.rule("I-5")
def test_a_hundred_thousand_serials_are_all_different(serials: list[int]) -> None:
    assert len(set(serials)) == DRAWN


@pytest.mark.rule("I-5")
def test_every_serial_is_positive_and_fits_into_twenty_octets(serials: list[int]) -> None:
    assert all(0 < serial < 2**159 for serial in serials)
    assert {serial >> RANDOM_BITS for serial in serials} == {INSTANCE_PREFIX}


@pytest.mark.rule("I-5")
def test_every_one_of_136_bits_is_random(serials: list[int]) -> None:
    assert RANDOM_BITS >= 128
    written = "".join(f"{serial:0{RANDOM_BITS + 1}b}" for serial in serials)
    for bit in range(1, RANDOM_BITS + 1):
        assert abs(written[bit :: RANDOM_BITS + 1].count("1") - DRAWN / 2) < SIX_SIGMA, f"bit {bit}"


@pytest.mark.rule("I-5")
def test_neighbouring_bits_do_not_follow_each_other(serials: list[int]) -> None:
    changes = "".join(f"{(serial ^ serial >> 1):0{RANDOM_BITS + 1}b}" for serial in serials)
    for bit in range(2, RANDOM_BITS + 1):
        assert abs(changes[bit :: RANDOM_BITS + 1].count("1") - DRAWN / 2) < SIX_SIGMA, (
            f"bits {bit - 1} and {bit}"
        )
