"""What a certificate says, to the bit and to the second, and that nothing unlinted is signed."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID
from cryptography.x509.verification import PolicyBuilder, Store

from kiosk.errors import CertificateRefusedByLint, IssueFailed
from kiosk.pki.authority import CertificateAuthority, Twin
from kiosk.pki.keys import PrivateKey, new_key
from kiosk.pki.profiles import client_certificate
from kiosk.pki.signer import CertificateOrder, KeyAlgorithm
from kiosk.pki.signing_key import unlocked
from kiosk.rules.validity import day_start, window_of_issue_day
from tests.support.certificates import PROFILE, a_ca, an_order, assert_is_leaf

NOW = datetime(2026, 11, 22, 1, 30, tzinfo=UTC)
CUSTOMER_KEY = new_key(KeyAlgorithm.P_256)


def authority_in(
    folder: Path, *, now: datetime = NOW, algorithm: KeyAlgorithm = KeyAlgorithm.P_256
) -> CertificateAuthority:
    made = a_ca(folder, now=now, algorithm=algorithm)
    key = unlocked(made.folder.key.read_bytes(), made.passphrase)
    assert isinstance(key, PrivateKey)
    return CertificateAuthority(made.folder.chain()[0], key, PROFILE)


@pytest.fixture(scope="module", params=[KeyAlgorithm.RSA_3072, KeyAlgorithm.P_256])
def authority(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> CertificateAuthority:
    return authority_in(tmp_path_factory.mktemp("home") / "ca", algorithm=request.param)


def signed(authority: CertificateAuthority, order: CertificateOrder) -> x509.Certificate:
    return authority.sign(authority.twin(order, CUSTOMER_KEY.public_key()))


def test_a_certificate_says_exactly_what_the_profile_says(authority: CertificateAuthority) -> None:
    order = an_order(NOW)
    certificate = signed(authority, order)

    assert certificate.version is x509.Version.v3
    assert certificate.serial_number == order.serial
    assert isinstance(certificate.signature_hash_algorithm, hashes.SHA256)
    assert certificate.issuer.public_bytes() == authority.certificate.subject.public_bytes()
    assert [(one.oid, one.value) for one in certificate.subject] == [
        (NameOID.COUNTRY_NAME, "JP"),
        (NameOID.ORGANIZATION_NAME, "株式会社　丸の内商事"),
        (NameOID.ORGANIZATIONAL_UNIT_NAME, "0012345"),
        (NameOID.COMMON_NAME, "Tanaka01"),
    ]
    assert_is_leaf(certificate, of=authority.certificate, user_id="Tanaka01")


def test_the_extensions_are_these_nine_and_no_other(authority: CertificateAuthority) -> None:
    certificate = signed(authority, an_order(NOW))
    found = {type(one.value): (one.critical, one.value) for one in certificate.extensions}
    key_id = authority.certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    url = x509.UniformResourceIdentifier
    usage = x509.KeyUsage(
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
    assert found == {
        x509.BasicConstraints: (True, x509.BasicConstraints(ca=False, path_length=None)),
        x509.KeyUsage: (True, usage),
        x509.ExtendedKeyUsage: (False, x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH])),
        x509.SubjectKeyIdentifier: (
            False,
            x509.SubjectKeyIdentifier.from_public_key(CUSTOMER_KEY.public_key()),
        ),
        x509.AuthorityKeyIdentifier: (False, x509.AuthorityKeyIdentifier(key_id.digest, None, None)),
        x509.CRLDistributionPoints: (
            False,
            x509.CRLDistributionPoints([x509.DistributionPoint([url(PROFILE.crl_url)], None, None, None)]),
        ),
        x509.AuthorityInformationAccess: (
            False,
            x509.AuthorityInformationAccess(
                [
                    x509.AccessDescription(
                        AuthorityInformationAccessOID.CA_ISSUERS, url(PROFILE.ca_issuers_url)
                    )
                ]
            ),
        ),
        x509.CertificatePolicies: (
            False,
            x509.CertificatePolicies(
                [x509.PolicyInformation(x509.ObjectIdentifier(PROFILE.policy_oid), None)]
            ),
        ),
        x509.SubjectAlternativeName: (
            False,
            x509.SubjectAlternativeName([x509.RFC822Name("tanaka@marunouchi.example.jp")]),
        ),
    }


@pytest.mark.rule("R-41", "E-45")
def test_users_that_differ_by_case_only_have_different_subjects(authority: CertificateAuthority) -> None:
    upper = signed(authority, an_order(NOW, user_id="Taro01"))
    lower = signed(authority, an_order(NOW, user_id="taro01"))
    assert upper.subject != lower.subject


@pytest.mark.rule("R-01", "E-02", "E-03", "E-04", "I-6")
@pytest.mark.parametrize(
    ("issued_on", "begins", "ends"),
    [
        (date(2026, 11, 22), b"261121150000Z", b"271122145959Z"),
        (date(2027, 3, 1), b"270228150000Z", b"280229145959Z"),
        (date(2028, 2, 29), b"280228150000Z", b"290228145959Z"),
        (date(2027, 12, 31), b"271230150000Z", b"281230145959Z"),
        (date(2049, 1, 1), b"481231150000Z", b"20500101145959Z"),
        (date(2049, 12, 31), b"491230150000Z", b"20501231145959Z"),
        (date(2050, 1, 1), b"491231150000Z", b"20510101145959Z"),
        (date(2050, 1, 2), b"20500101150000Z", b"20510102145959Z"),
    ],
)
def test_validity_stands_in_the_certificate_to_the_second(
    tmp_path: Path, issued_on: date, begins: bytes, ends: bytes
) -> None:
    pressed_at = day_start(issued_on) + timedelta(hours=23, minutes=59, seconds=59)
    authority = authority_in(tmp_path / "ca", now=pressed_at)
    certificate = signed(authority, an_order(pressed_at))

    window = window_of_issue_day(issued_on)
    assert certificate.not_valid_before_utc == window.not_before
    assert certificate.not_valid_after_utc == window.not_after
    assert encoded_times(begins, ends) in certificate.tbs_certificate_bytes


def encoded_times(*times: bytes) -> bytes:
    """A Validity SEQUENCE: UTCTime through 2049, GeneralizedTime from 2050 (RFC 5280 4.1.2.5)."""
    inner = b"".join(bytes((0x17 if len(text) == 13 else 0x18, len(text))) + text for text in times)
    return bytes((0x30, len(inner))) + inner


@pytest.mark.rule("I-4")
def test_what_is_signed_is_the_twin_to_the_byte(authority: CertificateAuthority) -> None:
    twin = authority.twin(an_order(NOW), CUSTOMER_KEY.public_key())
    assert authority.sign(twin).tbs_certificate_bytes == twin.to_be_signed


@pytest.mark.rule("I-4")
def test_a_certificate_that_is_not_its_twin_does_not_leave_the_authority(
    authority: CertificateAuthority,
) -> None:
    twin = authority.twin(an_order(NOW), CUSTOMER_KEY.public_key())
    other = client_certificate(PROFILE, an_order(NOW), authority.certificate, CUSTOMER_KEY.public_key())
    with pytest.raises(IssueFailed):
        authority.sign(Twin(other, twin.to_be_signed))


@pytest.mark.rule("I-4")
def test_the_ca_key_never_signs_a_twin(
    authority: CertificateAuthority, monkeypatch: pytest.MonkeyPatch
) -> None:
    vouched_for: list[bool] = []

    def look_at(twin: x509.Certificate, expected: object) -> tuple[str, ...]:
        try:
            twin.verify_directly_issued_by(authority.certificate)
        except InvalidSignature:
            vouched_for.append(False)
        else:
            vouched_for.append(True)
        return ("subject",)

    monkeypatch.setattr("kiosk.pki.authority.findings_in", look_at)
    with pytest.raises(CertificateRefusedByLint):
        authority.twin(an_order(NOW), CUSTOMER_KEY.public_key())
    assert vouched_for == [False]


def test_nothing_is_issued_past_the_end_of_the_ca(authority: CertificateAuthority) -> None:
    ends = authority.certificate.not_valid_after_utc
    last_possible = ends - timedelta(days=366) + timedelta(seconds=1)
    assert signed(authority, an_order(last_possible)).not_valid_after_utc == ends
    with pytest.raises(CertificateRefusedByLint) as refused:
        signed(authority, an_order(last_possible + timedelta(days=1)))
    assert refused.value.findings == ("beyond_ca",)


@pytest.mark.parametrize(
    ("changes", "finding"),
    [
        ({"organization_name": ""}, "subject"),
        ({"organization_name": "社" * 65}, "subject"),
        ({"email": "田中@example.jp"}, "not_encodable"),
        ({"user_id": ""}, "not_encodable"),
        ({"user_id": "taro"}, "subject"),
        ({"user_id": "Tanaka01\n"}, "subject"),
        ({"user_id": "Tａnaka01"}, "subject"),  # a full-width letter
        ({"user_id": "x" * 13}, "subject"),
        ({"organization_name": "丸の内\x1b]0;商事"}, "subject"),
        ({"organization_name": "丸の内\u202e商事"}, "subject"),
        ({"organization_name": "丸の内\x00商事"}, "subject"),
        ({"email": "tanaka@localhost"}, "alternative_name"),
        ({"email": "tanaka;x@marunouchi.example.jp"}, "alternative_name"),
        ({"serial": 0}, "not_encodable"),
        ({"serial": -5}, "not_encodable"),
        ({"serial": 2**160}, "not_encodable"),
        ({"serial": 1}, "serial"),
        ({"not_before": NOW, "not_after": NOW - timedelta(seconds=1)}, "not_encodable"),
        ({"not_before": NOW, "not_after": NOW + timedelta(days=366, seconds=-1)}, "validity"),
        ({"key_algorithm": KeyAlgorithm.RSA_2048}, "public_key"),
    ],
)
def test_an_order_that_cannot_be_kept_is_refused_before_anything_is_signed(
    authority: CertificateAuthority, changes: dict[str, object], finding: str
) -> None:
    with pytest.raises(CertificateRefusedByLint) as refused:
        authority.twin(an_order(NOW, **changes), CUSTOMER_KEY.public_key())
    assert refused.value.findings == (finding,)


def test_another_library_accepts_the_chain_for_client_login(authority: CertificateAuthority) -> None:
    certificate = signed(authority, an_order(NOW))
    verifier = PolicyBuilder().store(Store([authority.certificate])).time(NOW).build_client_verifier()
    client = verifier.verify(certificate, [])
    assert client.subjects == [x509.RFC822Name("tanaka@marunouchi.example.jp")]


def test_an_authority_shows_no_key(authority: CertificateAuthority) -> None:
    assert repr(authority).startswith("CertificateAuthority(")
    assert "PRIVATE" not in repr(authority).upper()


def test_a_signature_that_does_not_verify_does_not_leave_the_authority(
    authority: CertificateAuthority,
) -> None:
    of_another = CertificateAuthority(authority.certificate, new_key(KeyAlgorithm.P_256), PROFILE)
    right_kind = isinstance(authority.certificate.public_key(), ec.EllipticCurvePublicKey)
    with pytest.raises(IssueFailed if right_kind else CertificateRefusedByLint):
        of_another.sign(of_another.twin(an_order(NOW), CUSTOMER_KEY.public_key()))
