"""Throw-away CAs for tests, and what a certificate must be to pass for one of ours."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from kiosk.pki.ca_creation import CaName, NewCa, create
from kiosk.pki.local_signer import LocalSigner
from kiosk.pki.profiles import Profile
from kiosk.pki.serials import fresh_serial
from kiosk.pki.signer import CertificateOrder, KeyAlgorithm
from kiosk.rules.validity import window_for

PROFILE = Profile(
    policy_oid="1.3.6.1.4.1.99999.1.1",
    crl_url="http://crl.kunren.example.jp/kiosk.crl",
    ca_issuers_url="http://crl.kunren.example.jp/kiosk.crt",
)

FEW_ROUNDS = 1000
"""Tests open a CA key hundreds of times; how many rounds a real one has is a test of its own."""


def a_ca(
    folder: Path,
    *,
    now: datetime,
    algorithm: KeyAlgorithm = KeyAlgorithm.P_256,
    training: bool = True,
    rounds: int = FEW_ROUNDS,
) -> NewCa:
    """A new CA in `folder`, quick to make and to open."""
    name = CaName(organization="試験労働金庫", common_name="Client CA")
    return create(folder, name=name, now=now, algorithm=algorithm, training=training, rounds=rounds)


@dataclass(frozen=True)
class OpenedCa:
    """A CA and a signer in this process that is already unlocked."""

    made: NewCa
    signer: LocalSigner

    @property
    def certificate(self) -> x509.Certificate:
        """The CA certificate."""
        return x509.load_der_x509_certificate(self.made.facts.certificate_der)


def an_opened_ca(
    folder: Path,
    *,
    now: datetime,
    algorithm: KeyAlgorithm = KeyAlgorithm.P_256,
    profile: Profile = PROFILE,
    training: bool = True,
) -> OpenedCa:
    """A new CA with an unlocked signer in this process."""
    made = a_ca(folder, now=now, algorithm=algorithm, training=training)
    return OpenedCa(made, LocalSigner(made.folder, profile).unlock(made.passphrase))


def an_order(now: datetime, **changes: object) -> CertificateOrder:
    """An order pressed at `now`, any field changed by name."""
    window = window_for(now)
    order = CertificateOrder(
        serial=fresh_serial(),
        user_id="Tanaka01",
        organization_name="株式会社　丸の内商事",
        organization_code="0012345",
        email="tanaka@marunouchi.example.jp",
        not_before=window.not_before,
        not_after=window.not_after,
        key_algorithm=KeyAlgorithm.P_256,
    )
    return replace(order, **changes)  # type: ignore[arg-type]  # the names are checked by replace itself


def assert_is_leaf(certificate: x509.Certificate, *, of: x509.Certificate, user_id: str) -> None:
    """The certificate is a client certificate of this user, and this CA vouches for it."""
    certificate.verify_directly_issued_by(of)
    assert certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value == user_id
    extensions = certificate.extensions
    assert not extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    purposes = extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(purposes) == [ExtendedKeyUsageOID.CLIENT_AUTH]
    assert extensions.get_extension_for_class(x509.KeyUsage).value.digital_signature


def assert_in_crl(crl_der: bytes, serials: Sequence[int], *, of: x509.Certificate) -> None:
    """The list is this CA's and revokes exactly these serials."""
    crl = x509.load_der_x509_crl(crl_der)
    key = of.public_key()
    assert crl.issuer == of.subject
    assert crl.is_signature_valid(key)  # type: ignore[arg-type]  # our CAs are RSA or EC
    assert sorted(entry.serial_number for entry in crl) == sorted(serials)
