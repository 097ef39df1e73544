"""The CA key at rest: what a guess costs, and that people can type what was shown to them."""

import math

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from kiosk.pki import signing_key
from kiosk.pki.der import NotDer
from kiosk.pki.keys import new_key
from kiosk.pki.signer import KeyAlgorithm
from kiosk.pki.signing_key import KeyNotOpened, as_written, locked_pem, new_passphrase, read_rounds, unlocked
from kiosk.secret import Secret

KEY = ec.generate_private_key(ec.SECP256R1())
PASSPHRASE = Secret("ABCD-EFGH-2345-JKMN-6789-PQRS")


@pytest.mark.parametrize(
    "key",
    [KEY, new_key(KeyAlgorithm.RSA_2048), ed25519.Ed25519PrivateKey.generate()],
    ids=["P-256", "RSA", "Ed25519"],
)
def test_another_library_opens_the_key_file(key: signing_key.StoredKey) -> None:
    opened = load_pem_private_key(locked_pem(key, PASSPHRASE, rounds=1000), PASSPHRASE.reveal().encode())
    assert opened.public_key() == key.public_key()


def test_a_guess_at_the_passphrase_costs_two_million_rounds() -> None:
    assert read_rounds(locked_pem(KEY, PASSPHRASE)) == 2_000_000


def test_the_same_key_never_looks_the_same_twice() -> None:
    assert locked_pem(KEY, PASSPHRASE, rounds=1) != locked_pem(KEY, PASSPHRASE, rounds=1)


@pytest.mark.parametrize("wrong", ["", "ABCD-EFGH-2345-JKMN-6789-PQRT", "abcd", "\udc80", "あ"])
def test_a_wrong_passphrase_opens_nothing_and_is_not_told(wrong: str) -> None:
    with pytest.raises(KeyNotOpened) as refused:
        unlocked(locked_pem(KEY, PASSPHRASE, rounds=1000), Secret(wrong))
    assert str(refused.value) == ""
    assert refused.value.__suppress_context__


@pytest.mark.parametrize(
    "rubbish", [b"", b"no key", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"]
)
def test_what_is_no_key_file_opens_nothing(rubbish: bytes) -> None:
    with pytest.raises(KeyNotOpened):
        unlocked(rubbish, PASSPHRASE)


def test_a_key_in_clear_does_not_pass_for_an_encrypted_one() -> None:
    clear = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    with pytest.raises(KeyNotOpened):
        unlocked(clear, PASSPHRASE)
    assert unlocked(clear, None).public_key() == KEY.public_key()


def test_another_kind_of_key_is_not_taken() -> None:
    from cryptography.hazmat.primitives.asymmetric import x25519

    other = x25519.X25519PrivateKey.generate().private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    with pytest.raises(KeyNotOpened):
        unlocked(other, None)


def test_the_rounds_of_a_foreign_file_are_not_guessed() -> None:
    clear = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    with pytest.raises(NotDer):
        read_rounds(clear)
    with pytest.raises(NotDer):
        read_rounds(b"rubbish")


def test_the_librarys_own_encryption_would_be_a_thousand_times_cheaper() -> None:
    theirs = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"x"))
    assert read_rounds(theirs) == 2048


def test_a_passphrase_has_more_than_a_hundred_bits() -> None:
    letters = signing_key.GROUPS * signing_key.GROUP_LETTERS
    assert letters * math.log2(len(set(signing_key.ALPHABET))) > 100


def test_a_passphrase_has_no_letter_that_looks_like_another() -> None:
    assert not set("01ILO") & set(signing_key.ALPHABET)
    shown = new_passphrase().reveal()
    assert [len(group) for group in shown.split("-")] == [4] * 6
    assert set(shown) <= set(signing_key.ALPHABET) | {"-"}


def test_passphrases_use_every_letter_and_never_repeat() -> None:
    shown = {new_passphrase().reveal() for _ in range(500)}
    assert len(shown) == 500
    assert set("".join(shown)) == set(signing_key.ALPHABET) | {"-"}


@pytest.mark.parametrize(
    "typed",
    [
        "ABCD-EFGH-2345-JKMN-6789-PQRS",
        "abcd-efgh-2345-jkmn-6789-pqrs",
        "ABCDEFGH2345JKMN6789PQRS",
        "  abcd efgh 2345 jkmn 6789 pqrs\n",
        "ABCD EFGH-2345\tJKMN-6789 PQRS\r\n",
    ],
)
def test_however_it_is_typed_it_is_the_one_that_was_shown(typed: str) -> None:
    assert as_written(Secret(typed)).reveal() == PASSPHRASE.reveal()
