"""Every way in which a certificate could be wrong has a test that it is noticed."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

from kiosk.pki.keys import PrivateKey, new_key
from kiosk.pki.lint import Expected, Finding, findings_in
from kiosk.pki.profiles import client_certificate
from kiosk.pki.signer import KeyAlgorithm
from kiosk.pki.signing_key import unlocked
from tests.support.certificates import PROFILE, a_ca, an_order

NOW = datetime(2026, 11, 22, 1, 30, tzinfo=UTC)
KEY = new_key(KeyAlgorithm.P_256)
OTHER_KEY = new_key(KeyAlgorithm.P_256)
Extensions = dict[type[x509.ExtensionType], tuple[x509.ExtensionType, bool]]
Fields = dict[str, object]
SHA256 = hashes.SHA256()


@pytest.fixture(scope="module")
def ca(tmp_path_factory: pytest.TempPathFactory) -> tuple[x509.Certificate, PrivateKey]:
    made = a_ca(tmp_path_factory.mktemp("home") / "ca", now=NOW)
    key = unlocked(made.folder.key.read_bytes(), made.passphrase)
    assert isinstance(key, PrivateKey)
    return made.folder.chain()[0], key


@pytest.fixture(scope="module")
def expected(ca: tuple[x509.Certificate, PrivateKey]) -> Expected:
    return Expected(profile=PROFILE, order=an_order(NOW), issuer=ca[0])


@pytest.fixture(scope="module")
def good(ca: tuple[x509.Certificate, PrivateKey], expected: Expected) -> x509.Certificate:
    builder = client_certificate(PROFILE, expected.order, ca[0], KEY.public_key())
    return builder.sign(ca[1], hashes.SHA256())


def changed(
    good: x509.Certificate,
    ca_key: PrivateKey,
    *,
    extensions: Callable[[Extensions], None] | None = None,
    hash_algorithm: hashes.SHA256 | hashes.SHA384 = SHA256,
    **fields: object,
) -> x509.Certificate:
    """The good certificate with some fields or extensions exchanged, signed again."""
    held: Extensions = {type(one.value): (one.value, one.critical) for one in good.extensions}
    if extensions is not None:
        extensions(held)
    given: Fields = {
        "serial_number": good.serial_number,
        "issuer_name": good.issuer,
        "subject_name": good.subject,
        "not_valid_before": good.not_valid_before_utc,
        "not_valid_after": good.not_valid_after_utc,
        "public_key": good.public_key(),
    }
    builder = x509.CertificateBuilder()
    for name, value in {**given, **fields}.items():
        builder = getattr(builder, name)(value)
    for extension, critical in held.values():
        builder = builder.add_extension(extension, critical=critical)
    return builder.sign(ca_key, hash_algorithm)


def test_the_certificate_that_was_ordered_has_no_findings(good: x509.Certificate, expected: Expected) -> None:
    assert findings_in(good, expected) == ()


def name(*pairs: tuple[x509.ObjectIdentifier, str]) -> x509.Name:
    return x509.Name([x509.NameAttribute(oid, text) for oid, text in pairs])


C, ORG, OU, CN = (
    NameOID.COUNTRY_NAME,
    NameOID.ORGANIZATION_NAME,
    NameOID.ORGANIZATIONAL_UNIT_NAME,
    NameOID.COMMON_NAME,
)
COMPANY = "株式会社　丸の内商事"


@pytest.mark.parametrize(
    ("fields", "finding"),
    [
        ({"serial_number": 2**100}, Finding.SERIAL),
        ({"issuer_name": name((CN, "Somebody else"))}, Finding.ISSUER),
        ({"not_valid_before": NOW}, Finding.VALIDITY),
        ({"not_valid_after": NOW + timedelta(days=30)}, Finding.VALIDITY),
        (
            {"subject_name": name((C, "JP"), (ORG, COMPANY), (OU, "0012345"), (CN, "tanaka01"))},
            Finding.SUBJECT,
        ),
        ({"subject_name": name((C, "JP"), (ORG, COMPANY), (CN, "Tanaka01"))}, Finding.SUBJECT),
        (
            {"subject_name": name((ORG, COMPANY), (C, "JP"), (OU, "0012345"), (CN, "Tanaka01"))},
            Finding.SUBJECT,
        ),
        (
            {
                "subject_name": x509.Name(
                    [
                        x509.RelativeDistinguishedName([x509.NameAttribute(C, "JP")]),
                        x509.RelativeDistinguishedName([x509.NameAttribute(ORG, COMPANY)]),
                        x509.RelativeDistinguishedName(
                            [x509.NameAttribute(OU, "0012345"), x509.NameAttribute(CN, "Tanaka01")]
                        ),
                    ]
                )
            },
            Finding.SUBJECT,
        ),
        ({"hash_algorithm": hashes.SHA384()}, Finding.SIGNATURE_ALGORITHM),
    ],
)
def test_a_wrong_field_is_found(
    good: x509.Certificate,
    ca: tuple[x509.Certificate, PrivateKey],
    expected: Expected,
    fields: Fields,
    finding: Finding,
) -> None:
    assert findings_in(changed(good, ca[1], **fields), expected) == (finding,)  # type: ignore[arg-type]


def replaced(extension: x509.ExtensionType, *, critical: bool = False) -> Callable[[Extensions], None]:
    def replace(held: Extensions) -> None:
        held[type(extension)] = (extension, critical)

    return replace


def critical_flipped(kind: type[x509.ExtensionType]) -> Callable[[Extensions], None]:
    def flip(held: Extensions) -> None:
        value, critical = held[kind]
        held[kind] = (value, not critical)

    return flip


def dropped(kind: type[x509.ExtensionType]) -> Callable[[Extensions], None]:
    return lambda held: held.pop(kind) and None


def usage(**bits: bool) -> x509.KeyUsage:
    names = (
        "digital_signature",
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
        "key_cert_sign",
        "crl_sign",
        "encipher_only",
        "decipher_only",
    )
    return x509.KeyUsage(**({"digital_signature": True} | dict.fromkeys(names[1:], False) | bits))


def points(*urls: str, reasons: frozenset[x509.ReasonFlags] | None = None) -> x509.CRLDistributionPoints:
    return x509.CRLDistributionPoints(
        [x509.DistributionPoint([x509.UniformResourceIdentifier(url)], None, reasons, None) for url in urls]
    )


def access(*pairs: tuple[x509.ObjectIdentifier, str]) -> x509.AuthorityInformationAccess:
    return x509.AuthorityInformationAccess(
        [x509.AccessDescription(method, x509.UniformResourceIdentifier(url)) for method, url in pairs]
    )


def policies(*pairs: tuple[str, list[str | x509.UserNotice] | None]) -> x509.CertificatePolicies:
    return x509.CertificatePolicies(
        [x509.PolicyInformation(x509.ObjectIdentifier(oid), qualifiers) for oid, qualifiers in pairs]
    )


MAIL = x509.RFC822Name("tanaka@marunouchi.example.jp")
CA_ISSUERS = AuthorityInformationAccessOID.CA_ISSUERS
OCSP = AuthorityInformationAccessOID.OCSP
PURPOSES = x509.ExtendedKeyUsage


@pytest.mark.parametrize(
    ("change", "finding"),
    [
        (
            replaced(x509.BasicConstraints(ca=True, path_length=None), critical=True),
            Finding.BASIC_CONSTRAINTS,
        ),
        (replaced(usage(key_cert_sign=True), critical=True), Finding.KEY_USAGE),
        (replaced(usage(key_encipherment=True), critical=True), Finding.KEY_USAGE),
        (replaced(usage(digital_signature=False, crl_sign=True), critical=True), Finding.KEY_USAGE),
        (replaced(PURPOSES([ExtendedKeyUsageOID.SERVER_AUTH])), Finding.EXTENDED_KEY_USAGE),
        (
            replaced(PURPOSES([ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE])),
            Finding.EXTENDED_KEY_USAGE,
        ),
        (
            replaced(x509.SubjectKeyIdentifier.from_public_key(OTHER_KEY.public_key())),
            Finding.SUBJECT_KEY_ID,
        ),
        (
            replaced(x509.AuthorityKeyIdentifier.from_issuer_public_key(OTHER_KEY.public_key())),
            Finding.AUTHORITY_KEY_ID,
        ),
        (replaced(points("http://crl.example.jp/other.crl")), Finding.CRL_URL),
        (replaced(points(PROFILE.crl_url, "http://crl.example.jp/second.crl")), Finding.CRL_URL),
        (
            replaced(points(PROFILE.crl_url, reasons=frozenset({x509.ReasonFlags.key_compromise}))),
            Finding.CRL_URL,
        ),
        (replaced(access((OCSP, PROFILE.ca_issuers_url))), Finding.CA_ISSUERS_URL),
        (
            replaced(access((CA_ISSUERS, PROFILE.ca_issuers_url), (OCSP, PROFILE.ca_issuers_url))),
            Finding.CA_ISSUERS_URL,
        ),
        (replaced(policies(("2.5.29.32.0", None))), Finding.POLICY),
        (replaced(policies((PROFILE.policy_oid, ["http://cps.example.jp/"]))), Finding.POLICY),
        (replaced(x509.SubjectAlternativeName([x509.RFC822Name("x@example.jp")])), Finding.ALTERNATIVE_NAME),
        (replaced(x509.SubjectAlternativeName([MAIL, x509.DNSName("example.jp")])), Finding.ALTERNATIVE_NAME),
        (replaced(x509.OCSPNoCheck()), Finding.EXTENSIONS),
    ],
)
def test_a_wrong_extension_is_found(
    good: x509.Certificate,
    ca: tuple[x509.Certificate, PrivateKey],
    expected: Expected,
    change: Callable[[Extensions], None],
    finding: Finding,
) -> None:
    assert findings_in(changed(good, ca[1], extensions=change), expected) == (finding,)


EVERY_KIND = [
    x509.BasicConstraints,
    x509.KeyUsage,
    x509.ExtendedKeyUsage,
    x509.SubjectKeyIdentifier,
    x509.AuthorityKeyIdentifier,
    x509.CRLDistributionPoints,
    x509.AuthorityInformationAccess,
    x509.CertificatePolicies,
    x509.SubjectAlternativeName,
]


@pytest.mark.parametrize("how", [critical_flipped, dropped])
@pytest.mark.parametrize("kind", EVERY_KIND)
def test_every_extension_must_be_there_and_as_critical_as_it_should(
    good: x509.Certificate,
    ca: tuple[x509.Certificate, PrivateKey],
    expected: Expected,
    how: Callable[[type[x509.ExtensionType]], Callable[[Extensions], None]],
    kind: type[x509.ExtensionType],
) -> None:
    assert findings_in(changed(good, ca[1], extensions=how(kind)), expected) == (Finding.EXTENSIONS,)


@pytest.mark.parametrize(
    "key",
    [
        ec.generate_private_key(ec.SECP384R1()),
        rsa.generate_private_key(65537, 2048),
    ],
    ids=["P-384", "RSA"],
)
def test_another_kind_of_key_is_found(
    good: x509.Certificate, ca: tuple[x509.Certificate, PrivateKey], expected: Expected, key: PrivateKey
) -> None:
    own_id = replaced(x509.SubjectKeyIdentifier.from_public_key(key.public_key()))
    certificate = changed(good, ca[1], extensions=own_id, public_key=key.public_key())
    assert findings_in(certificate, expected) == (Finding.PUBLIC_KEY,)


def test_the_cas_own_key_is_not_a_customers_key(
    good: x509.Certificate, ca: tuple[x509.Certificate, PrivateKey], expected: Expected
) -> None:
    own_id = replaced(x509.SubjectKeyIdentifier.from_public_key(ca[1].public_key()))
    certificate = changed(good, ca[1], extensions=own_id, public_key=ca[1].public_key())
    assert findings_in(certificate, expected) == (Finding.PUBLIC_KEY,)


def test_several_slips_are_all_named(
    good: x509.Certificate, ca: tuple[x509.Certificate, PrivateKey], expected: Expected, tmp_path: Path
) -> None:
    certificate = changed(
        good, ca[1], serial_number=2**100, extensions=replaced(points("http://a.example.jp/x"))
    )
    assert findings_in(certificate, expected) == (Finding.SERIAL, Finding.CRL_URL)


def with_octets_changed(good: x509.Certificate, old: bytes, new: bytes) -> x509.Certificate:
    """A certificate as no builder would write it."""
    octets = good.public_bytes(Encoding.DER)
    assert octets.count(old) >= 1
    assert len(old) == len(new)
    return x509.load_der_x509_certificate(octets.replace(old, new))


def test_an_extension_that_stands_there_twice_is_found(good: x509.Certificate, expected: Expected) -> None:
    key_usage, subject_key_id = bytes.fromhex("0603551d0f"), bytes.fromhex("0603551d0e")
    doubled = with_octets_changed(good, key_usage, subject_key_id)
    assert findings_in(doubled, expected) == (Finding.EXTENSIONS,)


def test_a_signature_algorithm_nobody_knows_is_found(good: x509.Certificate, expected: Expected) -> None:
    ecdsa_with_sha256, unknown = bytes.fromhex("06082a8648ce3d040302"), bytes.fromhex("06082a8648ce3d04037f")
    strange = with_octets_changed(good, ecdsa_with_sha256, unknown)
    assert findings_in(strange, expected) == (Finding.SIGNATURE_ALGORITHM,)
