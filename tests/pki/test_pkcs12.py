"""The p12 is what the customer imports, and what a finder of the stick would guess against."""

import string
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.serialization import pkcs12 as library

from kiosk.pki import pkcs12
from kiosk.pki.keys import PrivateKey, new_key
from kiosk.pki.known_answers import known_answers_hold
from kiosk.pki.pkcs12 import BundleWrong
from kiosk.pki.profiles import client_certificate
from kiosk.pki.signer import KeyAlgorithm, P12Flavour
from kiosk.secret import Secret
from tests.support.certificates import PROFILE, an_opened_ca, an_order

NOW = datetime(2026, 11, 22, 1, 30, tzinfo=UTC)
PASSWORD = "Kunren#2026"
NAME = "Tanaka01 2026-11-22"
KEY = new_key(KeyAlgorithm.P_256)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> x509.Certificate:
    ca = an_opened_ca(tmp_path_factory.mktemp("home") / "ca", now=NOW)
    builder = client_certificate(PROFILE, an_order(NOW), ca.certificate, KEY.public_key())
    return builder.sign(new_key(KeyAlgorithm.P_256), hashes.SHA256())


@pytest.fixture(scope="module")
def bundle(certificate: x509.Certificate) -> bytes:
    return pkcs12.make(key=KEY, certificate=certificate, password=Secret(PASSWORD), friendly_name=NAME)


def verify(bundle: bytes, certificate: x509.Certificate, **changes: object) -> None:
    given = {"key": KEY, "certificate": certificate, "password": Secret(PASSWORD), "friendly_name": NAME}
    pkcs12.verify(bundle, **{**given, **changes})  # type: ignore[arg-type]  # each test changes one of the four


@pytest.mark.rule("R-84", "E-83", "E-89")
def test_another_library_opens_it_with_the_password(bundle: bytes, certificate: x509.Certificate) -> None:
    opened = library.load_pkcs12(bundle, PASSWORD.encode())
    assert isinstance(opened.key, PrivateKey)
    assert opened.key.private_numbers() == KEY.private_numbers()
    assert opened.cert is not None
    assert opened.cert.certificate == certificate
    assert opened.cert.friendly_name == NAME.encode()
    assert opened.additional_certs == []


@pytest.mark.rule("E-89")
def test_a_guess_at_the_password_costs_a_hundred_thousand_rounds(bundle: bytes) -> None:
    assert pkcs12.read_mac_rounds(bundle) == 100_000


def test_without_the_new_mac_a_guess_would_cost_fifty_times_less(certificate: x509.Certificate) -> None:
    encryption = (
        serialization.PrivateFormat.PKCS12.encryption_builder().kdf_rounds(100_000).build(PASSWORD.encode())
    )
    written = library.serialize_key_and_certificates(b"x", KEY, certificate, None, encryption)
    assert pkcs12.read_mac_rounds(written) == 2048


def test_the_bags_cost_as_much_as_the_mac(bundle: bytes) -> None:
    hundred_thousand_in_der = bytes.fromhex("02030186a0")
    assert bundle.count(hundred_thousand_in_der) == len(("key bag", "certificate bag", "MAC"))


@pytest.mark.parametrize("wrong", ["Kunren#2025", "kunren#2026", "Kunren#2026 ", "x"])
def test_a_wrong_password_opens_nothing(bundle: bytes, wrong: str) -> None:
    with pytest.raises(ValueError, match="password"):
        library.load_pkcs12(bundle, wrong.encode())


@pytest.mark.rule("E-41")
@pytest.mark.parametrize(
    "password",
    [
        string.punctuation[:12],
        string.punctuation[12:24],
        string.punctuation[20:],
        "Aa1\\\"#'`$%&",
        "!!!!!!!!",
    ],
)
def test_every_one_of_the_32_symbols_opens_again(certificate: x509.Certificate, password: str) -> None:
    assert len(string.punctuation) == 32
    secret = Secret(password)
    made = pkcs12.make(key=KEY, certificate=certificate, password=secret, friendly_name=NAME)
    verify(made, certificate, password=secret)


@pytest.mark.rule("E-41")
@pytest.mark.parametrize(
    "password", ["", "Kunren 2026", "Kunren¥2026", "くんれん#2026", "Kunren\n", "a\x00b", "\udc80"]
)
def test_a_password_that_importers_read_differently_is_refused_and_not_told(
    certificate: x509.Certificate, password: str
) -> None:
    with pytest.raises(BundleWrong) as wrong:
        pkcs12.make(key=KEY, certificate=certificate, password=Secret(password), friendly_name=NAME)
    assert str(wrong.value) == "password is not printable ASCII"
    assert wrong.value.__context__ is None


def test_salts_differ_each_time(bundle: bytes, certificate: x509.Certificate) -> None:
    again = pkcs12.with_new_mac(bundle, Secret(PASSWORD), 1000)
    assert again[-40:] != pkcs12.with_new_mac(bundle, Secret(PASSWORD), 1000)[-40:]


@pytest.mark.rule("E-89")
@pytest.mark.parametrize("rounds", [2, 127, 128, 2048, 300_000])
def test_any_number_of_rounds_opens(bundle: bytes, rounds: int) -> None:
    made = pkcs12.with_new_mac(bundle, Secret(PASSWORD), rounds)
    assert pkcs12.read_mac_rounds(made) == rounds
    assert library.load_pkcs12(made, PASSWORD.encode()).cert is not None


@pytest.mark.rule("E-89")
def test_the_weak_flavour_opens_and_its_mac_is_no_cheaper(certificate: x509.Certificate) -> None:
    made = pkcs12.make(
        key=KEY,
        certificate=certificate,
        password=Secret(PASSWORD),
        friendly_name=NAME,
        flavour=P12Flavour.LEGACY_3DES,
    )
    verify(made, certificate)
    assert pkcs12.read_mac_rounds(made) == 100_000


def test_a_chain_goes_in_when_it_is_given(certificate: x509.Certificate) -> None:
    made = pkcs12.make(
        key=KEY, certificate=certificate, chain=[certificate], password=Secret(PASSWORD), friendly_name=NAME
    )
    assert [one.certificate for one in library.load_pkcs12(made, PASSWORD.encode()).additional_certs] == [
        certificate
    ]


class TestVerify:
    """Opening again finds every way in which a p12 could be somebody else's."""

    def test_the_right_one_passes(self, bundle: bytes, certificate: x509.Certificate) -> None:
        verify(bundle, certificate)

    def test_another_password(self, bundle: bytes, certificate: x509.Certificate) -> None:
        with pytest.raises(BundleWrong, match="does not open"):
            verify(bundle, certificate, password=Secret("Kunren#2025"))

    def test_another_name(self, bundle: bytes, certificate: x509.Certificate) -> None:
        with pytest.raises(BundleWrong, match="another name"):
            verify(bundle, certificate, friendly_name="Tanaka02")

    def test_another_key(self, bundle: bytes, certificate: x509.Certificate) -> None:
        with pytest.raises(BundleWrong, match="another key"):
            verify(bundle, certificate, key=new_key(KeyAlgorithm.P_256))

    def test_a_certificate_without_its_key(self, certificate: x509.Certificate) -> None:
        encryption = serialization.BestAvailableEncryption(PASSWORD.encode())
        keyless = library.serialize_key_and_certificates(NAME.encode(), None, certificate, None, encryption)
        with pytest.raises(BundleWrong, match="another certificate"):
            verify(keyless, certificate)

    def test_another_certificate(self, bundle: bytes, tmp_path: Path) -> None:
        other = an_opened_ca(tmp_path / "ca", now=NOW).certificate
        with pytest.raises(BundleWrong, match="another certificate"):
            verify(bundle, other)

    def test_a_cheap_mac(self, bundle: bytes, certificate: x509.Certificate) -> None:
        with pytest.raises(BundleWrong, match="cheap"):
            verify(pkcs12.with_new_mac(bundle, Secret(PASSWORD), 2048), certificate)

    def test_a_flipped_bit_anywhere(self, bundle: bytes, certificate: x509.Certificate) -> None:
        cheap = pkcs12.with_new_mac(bundle, Secret(PASSWORD), 2)
        for at in range(0, len(cheap), 97):
            broken = bytearray(cheap)
            broken[at] ^= 0x10
            with pytest.raises(BundleWrong):
                verify(bytes(broken), certificate)


@pytest.mark.parametrize("rubbish", [b"", b"0", b"\x30\x80\x00\x00", b"\x30\x03\x02\x01\x03", b"%PDF-1.7"])
def test_what_is_no_p12_is_called_so(rubbish: bytes) -> None:
    with pytest.raises(BundleWrong):
        pkcs12.read_mac_rounds(rubbish)


def test_the_hand_written_formats_agree_with_other_implementations() -> None:
    assert known_answers_hold()


def test_a_broken_mac_code_would_be_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kiosk.pki.known_answers.derive_mac_key", lambda *_: b"\x00" * 32)
    assert not known_answers_hold()
