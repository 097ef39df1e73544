"""The port to the one place that holds the CA key."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Protocol

from cryptography import x509

from kiosk.secret import Secret


class KeyAlgorithm(StrEnum):
    """What kind of key pair a customer gets."""

    RSA_2048 = "rsa-2048"
    RSA_3072 = "rsa-3072"
    P_256 = "p-256"


class P12Flavour(StrEnum):
    """How the p12 is encrypted."""

    MODERN = "modern"
    """PBES2, AES-256-CBC, HMAC-SHA-256; Windows 10 1709 and later."""
    LEGACY_3DES = "legacy-3des"
    """3DES and SHA-1, for Server 2016 and older only; a setting with a reason."""


@dataclass(frozen=True, kw_only=True)
class CertificateOrder:
    """Everything that is decided about a certificate before its key exists."""

    serial: int
    user_id: str
    organization_name: str
    organization_code: str
    email: str
    not_before: datetime
    """Aware; first valid second (RFC 5280 4.1.2.5)."""
    not_after: datetime
    """Aware; last valid second, inclusive (RFC 5280 4.1.2.5)."""
    key_algorithm: KeyAlgorithm


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """A key pair exists in the signer and the linted twin of its certificate is known; nothing is signed yet."""

    handle: str
    public_key_sha256: str
    """SHA-256 over SubjectPublicKeyInfo, hexadecimal."""
    tbs_sha256: str
    """SHA-256 over the TBSCertificate that will be signed, hexadecimal."""


@dataclass(frozen=True, kw_only=True)
class CrlOrder:
    """A full CRL to sign."""

    number: int
    this_update: datetime
    next_update: datetime
    entries: bytes = field(repr=False)
    """The DER elements of `revokedCertificates` one after the other, each serial once."""


@dataclass(frozen=True, kw_only=True)
class AuthorityFacts:
    """What may be known about the CA outside the signer."""

    subject: str
    key_id: str
    """SubjectKeyIdentifier, hexadecimal."""
    not_before: datetime
    not_after: datetime
    certificate_der: bytes = field(repr=False)
    attestation_public_key: bytes = field(repr=False)
    """Raw Ed25519 public key that journal checkpoints verify with."""

    @cached_property
    def certificate(self) -> x509.Certificate:
        """The CA certificate, read."""
        return x509.load_der_x509_certificate(self.certificate_der)


def nothing_else() -> None:
    """For a caller who only waits."""


class Signer(Protocol):
    """The CA key, the customers' key pairs until their p12 exists, and nothing else.

    Raises `kiosk.errors.SignerLocked`, `SignerUnavailable` or `CertificateRefusedByLint`, and `IssueFailed` for a
    handle that is not known any more, a p12 that does not open again, or a CRL that must not be.
    """

    def facts(self) -> AuthorityFacts:
        """The CA in force."""
        ...

    def expect(self, password: Secret, algorithm: KeyAlgorithm) -> None:
        """A customer with this password is about to get a certificate: do ahead what the order does not change."""
        ...

    def expect_nothing(self) -> None:
        """Nothing comes of what was expected: its password is not kept any longer. Nothing expected is no error."""
        ...

    def prepare(self, order: CertificateOrder) -> Prepared:
        """Make the key pair and the twin, lint the twin."""
        ...

    def sign(self, handle: str) -> bytes:
        """Sign exactly the twin's TBSCertificate; the certificate in DER."""
        ...

    def bundle(self, handle: str, password: Secret, friendly_name: str) -> bytes:
        """The PKCS #12 with key and certificate, MAC and bags at 100,000 rounds.

        Nobody gets it before `confirm`, which opens it again; the signer begins with that by itself, so that it costs
        no time while the file is being written.
        """
        ...

    def confirm(self, handle: str) -> None:
        """That the bundle opens with its password and holds this key and certificate (E-83).

        May be asked again until `discard`. Raises `IssueFailed` when it does not hold, or when there is no bundle.
        """
        ...

    def discard(self, handle: str) -> None:
        """Forget a key pair that will not be used; unknown handles are no error."""
        ...

    def sign_crl(self, order: CrlOrder, meanwhile: Callable[[], None] = nothing_else) -> bytes:
        """A signed full CRL in DER; `meanwhile` is done in the time that the signer takes for it."""
        ...

    def attest(self, message: bytes) -> bytes:
        """Ed25519 signature over a journal checkpoint."""
        ...

    def close(self) -> None:
        """End the process that holds the key."""
        ...
