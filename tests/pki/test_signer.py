"""What every signer promises: the one in this process and the one in a process of its own."""

import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import pkcs12

from kiosk.errors import CertificateRefusedByLint, IssueFailed, SignerLocked, SignerUnavailable
from kiosk.pki.ca_creation import NewCa
from kiosk.pki.crl import crl_window, entry_der
from kiosk.pki.crl_reading import read_crl
from kiosk.pki.local_signer import LocalSigner
from kiosk.pki.pkcs12 import read_mac_rounds
from kiosk.pki.signer import CrlOrder, KeyAlgorithm, Signer
from kiosk.pki.signer_process import SignerProcess
from kiosk.secret import Secret
from tests.support.certificates import PROFILE, a_ca, an_order, assert_in_crl, assert_is_leaf

NOW = datetime(2026, 11, 22, 1, 30, tzinfo=UTC)
PASSWORD = "Kunren#2026"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> NewCa:
    return a_ca(tmp_path_factory.mktemp("home") / "ca", now=NOW)


@pytest.fixture(scope="module")
def ca_certificate(made: NewCa) -> x509.Certificate:
    return x509.load_der_x509_certificate(made.facts.certificate_der)


@pytest.fixture(scope="module", params=["in this process", "in its own process"])
def signer(request: pytest.FixtureRequest, made: NewCa) -> Iterator[Signer]:
    if request.param == "in this process":
        yield LocalSigner(made.folder, PROFILE).unlock(made.passphrase)
        return
    with SignerProcess(made.folder.path, PROFILE, passphrase=lambda: made.passphrase) as process:
        yield process


@pytest.fixture(params=["in this process", "in its own process"])
def locked_signer(request: pytest.FixtureRequest, made: NewCa) -> Iterator[Signer]:
    if request.param == "in this process":
        yield LocalSigner(made.folder, PROFILE)
        return
    with SignerProcess(made.folder.path, PROFILE, passphrase=lambda: None) as process:
        yield process


def test_a_certificate_and_its_p12_come_out(signer: Signer, ca_certificate: x509.Certificate) -> None:
    order = an_order(NOW)
    prepared = signer.prepare(order)
    certificate = x509.load_der_x509_certificate(signer.sign(prepared.handle))
    bundle = signer.bundle(prepared.handle, Secret(PASSWORD), "Tanaka01 2026-11-22")

    assert_is_leaf(certificate, of=ca_certificate, user_id="Tanaka01")
    opened = pkcs12.load_pkcs12(bundle, PASSWORD.encode())
    assert opened.cert is not None
    assert opened.cert.certificate == certificate


def test_facts_name_the_ca(signer: Signer, ca_certificate: x509.Certificate) -> None:
    facts = signer.facts()
    assert x509.load_der_x509_certificate(facts.certificate_der) == ca_certificate
    assert facts.not_after == ca_certificate.not_valid_after_utc


def test_a_refused_order_tells_what_was_found(signer: Signer) -> None:
    with pytest.raises(CertificateRefusedByLint) as refused:
        signer.prepare(an_order(NOW, organization_code="x" * 65))
    assert refused.value.findings == ("subject",)


def test_one_key_goes_into_one_p12(signer: Signer) -> None:
    prepared = signer.prepare(an_order(NOW))
    signer.sign(prepared.handle)
    signer.bundle(prepared.handle, Secret(PASSWORD), "Tanaka01")
    with pytest.raises(IssueFailed):
        signer.bundle(prepared.handle, Secret(PASSWORD), "Tanaka01")


@pytest.mark.parametrize("expected", [PASSWORD, "Chigau#2026"])
def test_what_was_done_ahead_changes_nothing_in_the_p12(signer: Signer, expected: str) -> None:
    """It is used once, and for the customer it was made for."""
    salts = set()
    signer.expect(Secret(expected), KeyAlgorithm.P_256)
    for _ in range(2):
        prepared = signer.prepare(an_order(NOW))
        signer.sign(prepared.handle)
        bundle = signer.bundle(prepared.handle, Secret(PASSWORD), "Tanaka01")
        signer.confirm(prepared.handle)
        assert read_mac_rounds(bundle) == 100_000
        salts.add(bundle[-40:])
    assert len(salts) == 2


@pytest.mark.rule("R-93")
def test_what_was_expected_in_vain_is_forgotten_and_the_next_customer_is_served(signer: Signer) -> None:
    signer.expect(Secret("Chigau#2026"), KeyAlgorithm.P_256)
    for _ in range(2):
        signer.expect_nothing()
    if isinstance(signer, LocalSigner):
        assert signer._expected is None  # nothing public tells
    prepared = signer.prepare(an_order(NOW))
    signer.sign(prepared.handle)
    signer.bundle(prepared.handle, Secret(PASSWORD), "Tanaka01")
    signer.confirm(prepared.handle)


@pytest.mark.rule("E-83")
def test_a_p12_is_confirmed_until_it_is_discarded(signer: Signer) -> None:
    prepared = signer.prepare(an_order(NOW))
    signer.sign(prepared.handle)
    with pytest.raises(IssueFailed):
        signer.confirm(prepared.handle)
    signer.bundle(prepared.handle, Secret(PASSWORD), "Tanaka01")
    signer.confirm(prepared.handle)
    signer.confirm(prepared.handle)
    signer.discard(prepared.handle)
    with pytest.raises(IssueFailed):
        signer.confirm(prepared.handle)


def test_a_discarded_key_cannot_be_signed(signer: Signer) -> None:
    prepared = signer.prepare(an_order(NOW))
    signer.discard(prepared.handle)
    signer.discard(prepared.handle)
    with pytest.raises(IssueFailed):
        signer.sign(prepared.handle)


def test_no_p12_without_a_certificate(signer: Signer) -> None:
    prepared = signer.prepare(an_order(NOW))
    with pytest.raises(IssueFailed):
        signer.bundle(prepared.handle, Secret(PASSWORD), "Tanaka01")


def test_signing_twice_gives_the_same_certificate(signer: Signer) -> None:
    prepared = signer.prepare(an_order(NOW))
    assert signer.sign(prepared.handle) == signer.sign(prepared.handle)


def test_a_crl_comes_out(signer: Signer, ca_certificate: x509.Certificate) -> None:
    this_update, next_update = crl_window(NOW)
    entries = b"".join(entry_der(serial, NOW, 1) for serial in (5, 300, 2**136))
    order = CrlOrder(number=2, this_update=this_update, next_update=next_update, entries=entries)
    assert_in_crl(signer.sign_crl(order), [5, 300, 2**136], of=ca_certificate)


@pytest.mark.rule("I-14")
def test_what_is_done_while_a_crl_is_signed_is_done_once(
    signer: Signer, ca_certificate: x509.Certificate
) -> None:
    this_update, next_update = crl_window(NOW)
    order = CrlOrder(number=3, this_update=this_update, next_update=next_update, entries=b"")
    done: list[str] = []
    assert_in_crl(signer.sign_crl(order, lambda: done.append("meanwhile")), [], of=ca_certificate)
    assert done == ["meanwhile"]


def a_crl_order(number: int, *serials: int) -> CrlOrder:
    this_update, next_update = crl_window(NOW)
    joined = b"".join(entry_der(serial, NOW, 1) for serial in serials)
    return CrlOrder(number=number, this_update=this_update, next_update=next_update, entries=joined)


@pytest.mark.rule("I-14")
def test_lists_follow_one_another_with_one_more_entry_several_or_fewer(
    signer: Signer, ca_certificate: x509.Certificate
) -> None:
    following = [
        (5, 9),
        (5, 7, 9),
        (5, 7, 9, 11),
        (2, 5, 7, 9, 11),
        (2, 5, 7, 9, 11),
        (7, 9),
        (7, 8, 9, 10),
        (),
    ]
    for number, serials in enumerate(following, 20):
        made = signer.sign_crl(a_crl_order(number, *serials))
        assert_in_crl(made, list(serials), of=ca_certificate)
        assert read_crl(made).number == number


@pytest.mark.rule("I-14")
def test_an_entry_that_must_not_be_is_refused_and_the_next_list_is_signed(
    signer: Signer, ca_certificate: x509.Certificate
) -> None:
    good = a_crl_order(30, 5, 7)
    signer.sign_crl(good)
    with pytest.raises(IssueFailed):
        signer.sign_crl(replace(good, number=31, entries=good.entries + b"\x30\x00"))
    assert_in_crl(signer.sign_crl(a_crl_order(32, 5, 7, 9)), [5, 7, 9], of=ca_certificate)


@pytest.mark.rule("I-14")
def test_a_list_that_was_refused_is_not_the_one_before(
    signer: Signer, ca_certificate: x509.Certificate
) -> None:
    signer.sign_crl(a_crl_order(30, 5, 7))
    refused = a_crl_order(31, 5, 7, 9)
    with pytest.raises(IssueFailed):
        signer.sign_crl(replace(refused, next_update=refused.this_update))
    assert_in_crl(signer.sign_crl(a_crl_order(32, 5, 7, 9, 11)), [5, 7, 9, 11], of=ca_certificate)


@pytest.mark.rule("I-14")
def test_a_process_that_was_started_again_is_told_the_whole_list(
    made: NewCa, ca_certificate: x509.Certificate
) -> None:
    with SignerProcess(made.folder.path, PROFILE, passphrase=lambda: made.passphrase) as signer:
        signer.sign_crl(a_crl_order(3, 5, 7))
        assert signer.process_id is not None
        os.kill(signer.process_id, signal.SIGKILL)
        with suppress(SignerUnavailable):  # told to whoever asks before the end of the process is seen
            signer.sign_crl(a_crl_order(4, 5, 6, 7))
        assert_in_crl(signer.sign_crl(a_crl_order(5, 5, 6, 7)), [5, 6, 7], of=ca_certificate)


@pytest.mark.rule("I-14")
def test_what_goes_wrong_meanwhile_gives_nobody_the_answer_to_another_question(made: NewCa) -> None:
    def goes_wrong() -> None:
        raise ZeroDivisionError

    this_update, next_update = crl_window(NOW)
    order = CrlOrder(number=3, this_update=this_update, next_update=next_update, entries=b"")
    with SignerProcess(made.folder.path, PROFILE, passphrase=lambda: made.passphrase) as signer:
        with pytest.raises(ZeroDivisionError):
            signer.sign_crl(order, goes_wrong)
        assert read_crl(signer.sign_crl(replace(order, number=4))).number == 4


def test_a_crl_that_goes_back_in_time_is_not_signed(signer: Signer) -> None:
    with pytest.raises(IssueFailed):
        signer.sign_crl(CrlOrder(number=2, this_update=NOW, next_update=NOW - timedelta(days=1), entries=b""))


def test_a_checkpoint_is_attested(signer: Signer) -> None:
    public_key = ed25519.Ed25519PublicKey.from_public_bytes(signer.facts().attestation_public_key)
    public_key.verify(signer.attest(b"node 1, entry 20"), b"node 1, entry 20")


def test_a_locked_signer_tells_the_facts_and_nothing_else(locked_signer: Signer) -> None:
    assert "TRAINING ONLY" in locked_signer.facts().subject
    with pytest.raises(SignerLocked):
        locked_signer.prepare(an_order(NOW))
    with pytest.raises(SignerLocked):
        locked_signer.attest(b"x")
