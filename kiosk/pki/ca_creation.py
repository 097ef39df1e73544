"""How a CA comes into being: made new, or taken over with a key that exists already."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

from kiosk.errors import CaNotUsable
from kiosk.pki.ca_files import SECRET_MODE, CaFolder, publish_crl, write_folder
from kiosk.pki.crl import crl_window, signed_crl
from kiosk.pki.keys import PrivateKey, new_key, subject_public_key_info
from kiosk.pki.new_files import PUBLIC_MODE
from kiosk.pki.serials import fresh_serial
from kiosk.pki.signer import AuthorityFacts, CrlOrder, KeyAlgorithm
from kiosk.pki.signing_key import ROUNDS, KeyNotOpened, locked_pem, new_passphrase, unlocked
from kiosk.rules.validity import VALIDITY_DAYS, day_start, jst_date
from kiosk.secret import Secret

CA_LIFE = timedelta(days=3653)
"""Ten years."""

TRAINING_MARK = "TRAINING ONLY"
"""Stands in the subject of every training CA, and so in the issuer of every training certificate."""

TRAINING_ORGANIZATION = "訓練用"


class CaProblem(StrEnum):
    """Why a CA certificate or key cannot be used."""

    UNREADABLE_CERTIFICATE = "unreadable_certificate"
    UNREADABLE_KEY = "unreadable_key"
    KEY_OF_ANOTHER = "key_of_another"
    WEAK_KEY = "weak_key"
    NOT_A_CA = "not_a_ca"
    PATH_LENGTH = "path_length"
    KEY_USAGE = "key_usage"
    NO_KEY_ID = "no_key_id"
    NAME = "name"
    NOT_YET_VALID = "not_yet_valid"
    ENDS_TOO_SOON = "ends_too_soon"
    TRAINING = "training"
    FOLDER_IN_USE = "folder_in_use"
    FOLDER_NOT_WRITABLE = "folder_not_writable"


@dataclass(frozen=True, kw_only=True)
class NewCa:
    """What is told once, when a CA was made."""

    folder: CaFolder
    facts: AuthorityFacts
    passphrase: Secret
    """Shown once, written down by people, never stored."""
    crl_number: int
    """The number of the empty CRL that was published; the next one must be greater."""


@dataclass(frozen=True, kw_only=True)
class CaName:
    """The subject of a new CA: C=JP, O, CN."""

    organization: str
    common_name: str


def create(
    folder: Path,
    *,
    name: CaName,
    now: datetime,
    algorithm: KeyAlgorithm = KeyAlgorithm.RSA_3072,
    training: bool = False,
    crl_folder: Path | None = None,
    rounds: int = ROUNDS,
) -> NewCa:
    """Make a self-signed CA for client certificates and publish its empty CRL.

    A training CA carries `TRAINING_MARK` in its subject, whatever its name. The CA is valid from the start of the day
    in Japan for `CA_LIFE`. Raises `CaNotUsable` when the folder holds something already or cannot be written.
    """
    if algorithm is KeyAlgorithm.RSA_2048:
        raise ValueError("a CA key has 3072 bits or is P-256")
    key = new_key(algorithm)
    certificate = _self_signed(key, _subject(name, training=training), now)
    return _establish(folder, key, (certificate,), now=now, crl_folder=crl_folder, rounds=rounds)


def import_ca(
    folder: Path,
    *,
    key_pem: bytes,
    key_passphrase: Secret | None,
    certificate_pem: bytes,
    now: datetime,
    crl_folder: Path | None = None,
    last_crl_number: int = 0,
    rounds: int = ROUNDS,
) -> NewCa:
    """Take over a CA key that nobody else signs with; it is encrypted anew under a generated passphrase.

    `certificate_pem` may hold intermediates after the CA certificate; `last_crl_number` is that of the newest CRL
    published so far. Raises `CaNotUsable` naming every problem found.
    """
    try:
        chain = tuple(x509.load_pem_x509_certificates(certificate_pem))
    except ValueError:
        raise CaNotUsable((CaProblem.UNREADABLE_CERTIFICATE,)) from None
    try:
        key = unlocked(key_pem, key_passphrase)
    except KeyNotOpened:
        raise CaNotUsable((CaProblem.UNREADABLE_KEY,)) from None
    found = [*problems_in(chain[0], now)]
    if is_training_ca(chain[0]):
        found.append(CaProblem.TRAINING)
    if isinstance(key, ed25519.Ed25519PrivateKey):
        raise CaNotUsable((*found, CaProblem.WEAK_KEY))
    if subject_public_key_info(key.public_key()) != _public_key_of(chain[0]):
        found.append(CaProblem.KEY_OF_ANOTHER)
    if found:
        raise CaNotUsable(tuple(found))
    return _establish(
        folder, key, chain, now=now, crl_folder=crl_folder, rounds=rounds, last_crl_number=last_crl_number
    )


def is_training_ca(certificate: x509.Certificate) -> bool:
    """Whether a CA may only sign in training mode."""
    return any(TRAINING_MARK in str(attribute.value) for attribute in certificate.subject)


def problems_in(certificate: x509.Certificate, now: datetime) -> tuple[CaProblem, ...]:
    """What keeps a CA certificate from issuing client certificates now, read from the certificate alone."""
    return tuple(_problems_in(certificate, now))


def _problems_in(certificate: x509.Certificate, now: datetime) -> Iterator[CaProblem]:
    if not _is_strong(certificate):
        yield CaProblem.WEAK_KEY
    if certificate.subject.public_bytes() not in certificate.tbs_certificate_bytes or not list(
        certificate.subject
    ):
        yield CaProblem.NAME
    if now < certificate.not_valid_before_utc:
        yield CaProblem.NOT_YET_VALID
    if now + timedelta(days=VALIDITY_DAYS) > certificate.not_valid_after_utc:
        yield CaProblem.ENDS_TOO_SOON
    try:
        extensions = certificate.extensions
    except (ValueError, x509.DuplicateExtension):
        yield CaProblem.UNREADABLE_CERTIFICATE
        return
    yield from _problems_in_extensions(extensions)


def _problems_in_extensions(extensions: x509.Extensions) -> Iterator[CaProblem]:
    by_oid = {extension.oid: extension for extension in extensions}
    constraints = by_oid.get(x509.BasicConstraints.oid)
    if constraints is None or not constraints.critical or not constraints.value.ca:
        yield CaProblem.NOT_A_CA
    elif constraints.value.path_length != 0:
        yield CaProblem.PATH_LENGTH
    usage = by_oid.get(x509.KeyUsage.oid)
    if usage is None or not (usage.value.key_cert_sign and usage.value.crl_sign):
        yield CaProblem.KEY_USAGE
    if x509.SubjectKeyIdentifier.oid not in by_oid:
        yield CaProblem.NO_KEY_ID


def _is_strong(certificate: x509.Certificate) -> bool:
    key = certificate.public_key()
    if isinstance(key, rsa.RSAPublicKey):
        return key.key_size >= 2048
    return isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1 | ec.SECP384R1)


def _public_key_of(certificate: x509.Certificate) -> bytes:
    return certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _subject(name: CaName, *, training: bool) -> x509.Name:
    organization, common_name = name.organization, name.common_name
    if training:
        organization = TRAINING_ORGANIZATION
        common_name = f"{TRAINING_MARK} {name.common_name}"
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "JP"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


def _self_signed(key: PrivateKey, subject: x509.Name, now: datetime) -> x509.Certificate:
    begins = day_start(jst_date(now))
    own_id = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    return (
        x509.CertificateBuilder()
        .serial_number(fresh_serial())
        .issuer_name(subject)
        .subject_name(subject)
        .not_valid_before(begins)
        .not_valid_after(begins + CA_LIFE - timedelta(seconds=1))
        .public_key(key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_certificates_and_crls_only(), critical=True)
        .add_extension(own_id, critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(own_id), critical=False)
        .sign(key, hashes.SHA256())
    )


def _certificates_and_crls_only() -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=False,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )


def _establish(
    folder: Path,
    key: PrivateKey,
    chain: tuple[x509.Certificate, ...],
    *,
    now: datetime,
    crl_folder: Path | None,
    rounds: int,
    last_crl_number: int = 0,
) -> NewCa:
    passphrase = new_passphrase()
    attestation = ed25519.Ed25519PrivateKey.generate()
    home = CaFolder(folder)
    public = attestation.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    this_update, next_update = crl_window(now)
    number = last_crl_number + 1
    crl = signed_crl(
        CrlOrder(number=number, this_update=this_update, next_update=next_update, entries=b""), chain[0], key
    )
    files = {
        home.certificate.name: (b"".join(one.public_bytes(Encoding.PEM) for one in chain), PUBLIC_MODE),
        home.key.name: (locked_pem(key, passphrase, rounds=rounds), SECRET_MODE),
        home.attestation_key.name: (locked_pem(attestation, passphrase, rounds=rounds), SECRET_MODE),
        home.attestation_public_key.name: (public, PUBLIC_MODE),
    }
    try:
        write_folder(folder, files)
    except FileExistsError:
        raise CaNotUsable((CaProblem.FOLDER_IN_USE,)) from None
    except OSError:
        raise CaNotUsable((CaProblem.FOLDER_NOT_WRITABLE,)) from None
    try:
        publish_crl(crl_folder or folder, crl)
    except OSError:
        shutil.rmtree(folder)  # its passphrase was shown to nobody, so this CA could never be opened
        raise CaNotUsable((CaProblem.FOLDER_NOT_WRITABLE,)) from None
    return NewCa(folder=home, facts=home.facts(), passphrase=passphrase, crl_number=number)
