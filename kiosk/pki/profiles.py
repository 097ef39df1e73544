"""What every client certificate looks like: built here, checked again by `kiosk.pki.lint`."""

import re
from dataclasses import dataclass
from typing import ClassVar
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

from kiosk.pki.keys import PublicKey
from kiosk.pki.signer import CertificateOrder, P12Flavour

COUNTRY = "JP"


class ProfileWrong(ValueError):
    """A setting that cannot stand in a certificate; `key` names it, `problem` is one of a few words."""

    def __init__(self, key: str, problem: str) -> None:
        super().__init__(f"{key}: {problem}")
        self.key = key
        self.problem = problem


@dataclass(frozen=True, kw_only=True)
class Profile:
    """The operator's settings that go into every certificate and p12; raises `ProfileWrong` when one cannot."""

    NAME: ClassVar[str] = "client-1"
    """Stored with each certificate; another number means another look."""

    policy_oid: str
    """The operator's own certificate policy (RFC 5280 4.2.1.4)."""
    crl_url: str
    """Where relying parties fetch the CRL: http, because https would need the CRL it points to (RFC 5280 8)."""
    ca_issuers_url: str
    """Where relying parties fetch the CA certificate: http as well."""
    p12_flavour: P12Flavour = P12Flavour.MODERN
    p12_flavour_reason: str = ""
    """Why the weak flavour is needed; without a reason there is none."""
    root_in_p12: bool = False
    """Put the self-signed CA into the p12 too; Windows then warns the customer at import."""

    def __post_init__(self) -> None:
        _check_oid(self.policy_oid)
        _check_url("crl_url", self.crl_url)
        _check_url("ca_issuers_url", self.ca_issuers_url)
        if self.p12_flavour is not P12Flavour.MODERN and not self.p12_flavour_reason.strip():
            raise ProfileWrong("p12_flavour_reason", "missing")


_OID = re.compile(r"(?:[01]\.[1-3]?[0-9]|2\.(?:0|[1-9][0-9]*))(?:\.(?:0|[1-9][0-9]*))+", re.ASCII)
_HOST = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+", re.ASCII)
_PATH = re.compile(r"(?:/[A-Za-z0-9._~-]+)+", re.ASCII)


def _check_oid(dotted: str) -> None:
    if not _OID.fullmatch(dotted) or len(dotted) > 64:
        raise ProfileWrong("policy_oid", "not_an_oid")
    if dotted == "2.5.29.32.0":
        raise ProfileWrong("policy_oid", "any_policy")


def _check_url(key: str, url: str) -> None:
    try:
        parts = urlsplit(url)
    except ValueError:
        raise ProfileWrong(key, "host") from None
    if parts.scheme != "http":
        raise ProfileWrong(key, "not_http")
    if parts.hostname is None or parts.netloc != parts.hostname or not _HOST.fullmatch(parts.hostname):
        raise ProfileWrong(key, "host")
    if not _PATH.fullmatch(parts.path) or url != f"http://{parts.netloc}{parts.path}":
        raise ProfileWrong(key, "path")


def subject_of(order: CertificateOrder) -> x509.Name:
    """C=JP, O=organization, OU=its code, CN=user ID; no person's name, and letter case as registered (R-41, E-45)."""
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, COUNTRY),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, order.organization_name),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, order.organization_code),
            x509.NameAttribute(NameOID.COMMON_NAME, order.user_id),
        ]
    )


def client_certificate(
    profile: Profile, order: CertificateOrder, issuer: x509.Certificate, public_key: PublicKey
) -> x509.CertificateBuilder:
    """A client certificate ready to be signed; `ValueError` when a value of the order cannot be encoded."""
    url = x509.UniformResourceIdentifier
    issuer_key_id = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    extensions: tuple[tuple[x509.ExtensionType, bool], ...] = (
        (x509.BasicConstraints(ca=False, path_length=None), True),
        (_digital_signature_only(), True),
        (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), False),
        (x509.SubjectKeyIdentifier.from_public_key(public_key), False),
        (x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(issuer_key_id), False),
        (x509.CRLDistributionPoints([_full_name(profile.crl_url)]), False),
        (
            x509.AuthorityInformationAccess(
                [
                    x509.AccessDescription(
                        AuthorityInformationAccessOID.CA_ISSUERS, url(profile.ca_issuers_url)
                    )
                ]
            ),
            False,
        ),
        (
            x509.CertificatePolicies(
                [x509.PolicyInformation(x509.ObjectIdentifier(profile.policy_oid), None)]
            ),
            False,
        ),
        (x509.SubjectAlternativeName([x509.RFC822Name(order.email)]), False),
    )
    builder = (
        x509.CertificateBuilder()
        .serial_number(order.serial)
        .issuer_name(issuer.subject)
        .subject_name(subject_of(order))
        .not_valid_before(order.not_before)
        .not_valid_after(order.not_after)
        .public_key(public_key)
    )
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical=critical)
    return builder


def _digital_signature_only() -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )


def _full_name(url: str) -> x509.DistributionPoint:
    return x509.DistributionPoint(
        full_name=[x509.UniformResourceIdentifier(url)], relative_name=None, reasons=None, crl_issuer=None
    )
