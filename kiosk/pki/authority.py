"""The CA: a twin of each certificate, signed with a throw-away key, is linted before the real key touches anything."""

from dataclasses import dataclass, field

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes

from kiosk.errors import CertificateRefusedByLint, IssueFailed
from kiosk.pki.crl import NOTHING, CrlFrame, CrlOrderWrong, signed_frame
from kiosk.pki.keys import PrivateKey, PublicKey, throw_away_key_like
from kiosk.pki.lint import Expected, Finding, findings_in
from kiosk.pki.profiles import Profile, client_certificate
from kiosk.pki.signer import CertificateOrder, CrlOrder


@dataclass(frozen=True)
class Twin:
    """What will be signed, proven clean, and the bytes the signature will cover."""

    builder: x509.CertificateBuilder = field(repr=False)
    to_be_signed: bytes = field(repr=False)


class CertificateAuthority:
    """Holds the CA key and signs nothing that was not linted first."""

    def __init__(self, certificate: x509.Certificate, key: PrivateKey, profile: Profile) -> None:
        self.certificate = certificate
        self.profile = profile
        self._key = key
        self._throw_away_key = throw_away_key_like(key)
        self._known = NOTHING

    def twin(self, order: CertificateOrder, public_key: PublicKey) -> Twin:
        """The certificate that would be signed; `CertificateRefusedByLint` means that nothing was signed (I-4)."""
        try:
            builder = client_certificate(self.profile, order, self.certificate, public_key)
            twin = builder.sign(self._throw_away_key, hashes.SHA256())
        except (ValueError, TypeError):
            raise CertificateRefusedByLint((Finding.NOT_ENCODABLE,)) from None
        found = findings_in(twin, Expected(profile=self.profile, order=order, issuer=self.certificate))
        if found:
            raise CertificateRefusedByLint(found)
        return Twin(builder, twin.tbs_certificate_bytes)

    def sign(self, twin: Twin) -> x509.Certificate:
        """The real certificate; `IssueFailed` when it is not the twin to the byte or its signature does not verify."""
        certificate = twin.builder.sign(self._key, hashes.SHA256())
        if certificate.tbs_certificate_bytes != twin.to_be_signed:
            raise IssueFailed
        try:
            certificate.verify_directly_issued_by(self.certificate)
        except (InvalidSignature, ValueError, TypeError):
            raise IssueFailed from None
        return certificate

    def sign_crl(self, order: CrlOrder) -> bytes:
        """A full CRL in DER; `IssueFailed` for a list that must not be signed."""
        return self.frame_crl(order).around(order.entries)

    def frame_crl(self, order: CrlOrder) -> CrlFrame:
        """The same without the entries, for a caller who has them."""
        try:
            frame, known = signed_frame(order, self.certificate, self._key, self._known)
        except CrlOrderWrong as wrong:
            raise IssueFailed from wrong
        self._known = known
        return frame

    @property
    def listed(self) -> bytes:
        """The entries of the list that was signed last."""
        return self._known.entries

    def __repr__(self) -> str:
        return f"CertificateAuthority({self.certificate.subject.rfc4514_string()})"
