"""A second opinion on a certificate before it exists: every field against the order, in words of its own.

Nothing of `kiosk.pki.profiles` that builds the certificate is used here, so that one slip does not agree with itself.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import time, timedelta
from enum import StrEnum

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import (
    AuthorityInformationAccessOID,
    ExtendedKeyUsageOID,
    ExtensionOID,
    NameOID,
    SignatureAlgorithmOID,
)

from kiosk.pki.keys import is_kind
from kiosk.pki.profiles import Profile
from kiosk.pki.signer import CertificateOrder

MIN_SERIAL_BITS = 64
MAX_SERIAL_BITS = 159
"""20 octets without the sign bit (RFC 5280 4.1.2.2)."""

LIFE = timedelta(days=366, seconds=-1)
"""Both ends are valid seconds (RFC 5280 4.1.2.5), so this is 366 whole days (I-6)."""

USER_ID = re.compile(r"[A-Za-z0-9]{6,12}", re.ASCII)
MAILBOX = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+", re.ASCII)

JAPAN = timedelta(hours=9)
MIDNIGHT = time(0)


class Finding(StrEnum):
    """What a certificate must not be."""

    NOT_ENCODABLE = "not_encodable"
    VERSION = "version"
    SERIAL = "serial"
    SIGNATURE_ALGORITHM = "signature_algorithm"
    ISSUER = "issuer"
    VALIDITY = "validity"
    BEYOND_CA = "beyond_ca"
    SUBJECT = "subject"
    PUBLIC_KEY = "public_key"
    EXTENSIONS = "extensions"
    BASIC_CONSTRAINTS = "basic_constraints"
    KEY_USAGE = "key_usage"
    EXTENDED_KEY_USAGE = "extended_key_usage"
    SUBJECT_KEY_ID = "subject_key_id"
    AUTHORITY_KEY_ID = "authority_key_id"
    CRL_URL = "crl_url"
    CA_ISSUERS_URL = "ca_issuers_url"
    POLICY = "policy"
    ALTERNATIVE_NAME = "alternative_name"


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What the certificate is held against."""

    profile: Profile
    order: CertificateOrder
    issuer: x509.Certificate


_CRITICAL = {
    ExtensionOID.BASIC_CONSTRAINTS: True,
    ExtensionOID.KEY_USAGE: True,
    ExtensionOID.EXTENDED_KEY_USAGE: False,
    ExtensionOID.SUBJECT_KEY_IDENTIFIER: False,
    ExtensionOID.AUTHORITY_KEY_IDENTIFIER: False,
    ExtensionOID.CRL_DISTRIBUTION_POINTS: False,
    ExtensionOID.AUTHORITY_INFORMATION_ACCESS: False,
    ExtensionOID.CERTIFICATE_POLICIES: False,
    ExtensionOID.SUBJECT_ALTERNATIVE_NAME: False,
}
"""Exactly these extensions, and whether each is critical."""


def findings_in(certificate: x509.Certificate, expected: Expected) -> tuple[Finding, ...]:
    """Everything wrong with the certificate; empty when it is what was ordered (PKIX client, RFC 5280 4)."""
    try:
        extensions = certificate.extensions
    except (ValueError, x509.DuplicateExtension, x509.UnsupportedGeneralNameType):
        return (Finding.EXTENSIONS,)
    found = [*_in_fields(certificate, expected), *_in_names(certificate, expected)]
    if {extension.oid: extension.critical for extension in extensions} != _CRITICAL:
        return (*found, Finding.EXTENSIONS)
    found += _in_uses(extensions)
    found += _in_key_ids(certificate, extensions, expected)
    found += _in_pointers(extensions, expected)
    return tuple(found)


def _in_fields(certificate: x509.Certificate, expected: Expected) -> Iterator[Finding]:
    if certificate.version is not x509.Version.v3:
        yield Finding.VERSION
    serial = certificate.serial_number
    if serial != expected.order.serial or not MIN_SERIAL_BITS <= serial.bit_length() <= MAX_SERIAL_BITS:
        yield Finding.SERIAL
    if not _signed_with_sha_256(certificate) or (
        certificate.signature_algorithm_oid != _algorithm_of_the_ca(expected.issuer)
    ):
        yield Finding.SIGNATURE_ALGORITHM
    begins, ends = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    as_ordered = (begins, ends) == (expected.order.not_before, expected.order.not_after)
    if not as_ordered or ends - begins != LIFE or (begins + JAPAN).time() != MIDNIGHT:
        yield Finding.VALIDITY
    if ends > expected.issuer.not_valid_after_utc:
        yield Finding.BEYOND_CA
    key = certificate.public_key()
    if not is_kind(key, expected.order.key_algorithm) or key == expected.issuer.public_key():
        yield Finding.PUBLIC_KEY


def _signed_with_sha_256(certificate: x509.Certificate) -> bool:
    try:
        return isinstance(certificate.signature_hash_algorithm, hashes.SHA256)
    except UnsupportedAlgorithm:
        return False


def _algorithm_of_the_ca(issuer: x509.Certificate) -> x509.ObjectIdentifier:
    if isinstance(issuer.public_key(), ec.EllipticCurvePublicKey):
        return SignatureAlgorithmOID.ECDSA_WITH_SHA256
    return SignatureAlgorithmOID.RSA_WITH_SHA256


def _in_names(certificate: x509.Certificate, expected: Expected) -> Iterator[Finding]:
    if certificate.issuer.public_bytes() != expected.issuer.subject.public_bytes():
        yield Finding.ISSUER
    order = expected.order
    wanted = [
        (NameOID.COUNTRY_NAME, "JP"),
        (NameOID.ORGANIZATION_NAME, order.organization_name),
        (NameOID.ORGANIZATIONAL_UNIT_NAME, order.organization_code),
        (NameOID.COMMON_NAME, order.user_id),
    ]
    one_value_each = all(len(list(part)) == 1 for part in certificate.subject.rdns)
    found = [(attribute.oid, attribute.value) for attribute in certificate.subject]
    harmless = all(_is_harmless(text) for _, text in wanted) and USER_ID.fullmatch(order.user_id)
    if found != wanted or not one_value_each or not harmless:
        yield Finding.SUBJECT


def _is_harmless(text: str) -> bool:
    """One to 64 signs (RFC 5280 appendix A.1), none of which steers a terminal or the direction of writing."""
    return 1 <= len(text) <= 64 and not any(unicodedata.category(sign).startswith("C") for sign in text)


def _in_uses(extensions: x509.Extensions) -> Iterator[Finding]:
    constraints = extensions.get_extension_for_class(x509.BasicConstraints).value
    if constraints.ca or constraints.path_length is not None:
        yield Finding.BASIC_CONSTRAINTS
    usage = extensions.get_extension_for_class(x509.KeyUsage).value
    others = (
        usage.content_commitment,
        usage.key_encipherment,
        usage.data_encipherment,
        usage.key_agreement,
        usage.key_cert_sign,
        usage.crl_sign,
    )
    if not usage.digital_signature or any(others):
        yield Finding.KEY_USAGE
    purposes = extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    if list(purposes) != [ExtendedKeyUsageOID.CLIENT_AUTH]:
        yield Finding.EXTENDED_KEY_USAGE


def _in_key_ids(
    certificate: x509.Certificate, extensions: x509.Extensions, expected: Expected
) -> Iterator[Finding]:
    own = extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    if own != x509.SubjectKeyIdentifier.from_public_key(certificate.public_key()):
        yield Finding.SUBJECT_KEY_ID
    issuer_own = expected.issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    theirs = extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value
    only_the_id = theirs.authority_cert_issuer is None and theirs.authority_cert_serial_number is None
    if theirs.key_identifier != issuer_own.digest or not only_the_id:
        yield Finding.AUTHORITY_KEY_ID


def _in_pointers(extensions: x509.Extensions, expected: Expected) -> Iterator[Finding]:
    points = list(extensions.get_extension_for_class(x509.CRLDistributionPoints).value)
    names = [name.value for point in points for name in point.full_name or ()]
    scoped = any(point.reasons or point.crl_issuer or point.relative_name for point in points)
    if len(points) != 1 or names != [expected.profile.crl_url] or scoped:
        yield Finding.CRL_URL
    access = list(extensions.get_extension_for_class(x509.AuthorityInformationAccess).value)
    places = [(one.access_method, one.access_location.value) for one in access]
    if places != [(AuthorityInformationAccessOID.CA_ISSUERS, expected.profile.ca_issuers_url)]:
        yield Finding.CA_ISSUERS_URL
    policies = list(extensions.get_extension_for_class(x509.CertificatePolicies).value)
    stated = [(one.policy_identifier.dotted_string, one.policy_qualifiers) for one in policies]
    if stated != [(expected.profile.policy_oid, None)]:
        yield Finding.POLICY
    names_of_the_user = list(extensions.get_extension_for_class(x509.SubjectAlternativeName).value)
    if names_of_the_user != [x509.RFC822Name(expected.order.email)] or not MAILBOX.fullmatch(
        expected.order.email
    ):
        yield Finding.ALTERNATIVE_NAME
