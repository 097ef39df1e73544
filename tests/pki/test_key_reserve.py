"""A key pair made ahead goes to one customer and to no second one."""

from threading import Thread

import pytest

from kiosk.pki import key_reserve
from kiosk.pki.key_reserve import KeyReserve
from kiosk.pki.keys import PrivateKey, is_kind, new_key, public_key_sha256
from kiosk.pki.signer import KeyAlgorithm

RSA = KeyAlgorithm.RSA_2048


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[KeyAlgorithm]:
    """Which keys were made, in order."""
    seen: list[KeyAlgorithm] = []
    really = new_key

    def watched(algorithm: KeyAlgorithm) -> PrivateKey:
        seen.append(algorithm)
        return really(algorithm)

    monkeypatch.setattr(key_reserve, "new_key", watched)
    return seen


def test_the_pair_in_reserve_saves_the_wait(made: list[KeyAlgorithm]) -> None:
    reserve = KeyReserve()
    reserve.refill(RSA)
    reserve.wait()
    assert made == [RSA]
    assert is_kind(reserve.take(RSA).public_key(), RSA)
    assert made == [RSA]


def test_no_pair_goes_to_two_customers() -> None:
    reserve = KeyReserve()
    reserve.refill(RSA)
    reserve.wait()
    taken: list[str] = []
    threads = [
        Thread(target=lambda: taken.append(public_key_sha256(reserve.take(RSA).public_key())))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(taken)) == 4


def test_one_pair_is_kept_and_no_more(made: list[KeyAlgorithm]) -> None:
    reserve = KeyReserve()
    for _ in range(5):
        reserve.refill(RSA)
    reserve.wait()
    reserve.refill(RSA)
    reserve.wait()
    assert made == [RSA]


def test_a_quick_key_is_never_kept(made: list[KeyAlgorithm]) -> None:
    reserve = KeyReserve()
    reserve.refill(KeyAlgorithm.P_256)
    reserve.wait()
    assert made == []


def test_another_kind_is_not_handed_out() -> None:
    reserve = KeyReserve()
    reserve.refill(RSA)
    reserve.wait()
    assert is_kind(reserve.take(KeyAlgorithm.P_256).public_key(), KeyAlgorithm.P_256)


def test_what_is_forgotten_is_not_handed_out(made: list[KeyAlgorithm]) -> None:
    reserve = KeyReserve()
    reserve.refill(RSA)
    reserve.wait()
    reserve.clear()
    reserve.take(RSA)
    assert made == [RSA, RSA]
