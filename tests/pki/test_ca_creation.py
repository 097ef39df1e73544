"""A new CA, and a CA that comes from elsewhere."""

import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)
from cryptography.x509.oid import NameOID

from kiosk.errors import CaNotUsable
from kiosk.pki.ca_creation import CaName, CaProblem, create, import_ca, is_training_ca, problems_in
from kiosk.pki.ca_files import published_crl
from kiosk.pki.keys import PrivateKey, new_key
from kiosk.pki.local_signer import LocalSigner
from kiosk.pki.profiles import Profile
from kiosk.pki.serials import fresh_serial
from kiosk.pki.signer import KeyAlgorithm
from kiosk.pki.signing_key import read_rounds
from kiosk.secret import Secret
from tests.support.certificates import FEW_ROUNDS, PROFILE, a_ca, an_order, assert_is_leaf

NOW = datetime(2026, 11, 22, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize("algorithm", [KeyAlgorithm.RSA_3072, KeyAlgorithm.P_256])
def test_a_new_ca_may_sign_certificates_and_lists_and_nothing_else(
    tmp_path: Path, algorithm: KeyAlgorithm
) -> None:
    certificate = a_ca(tmp_path / "ca", now=NOW, algorithm=algorithm).folder.chain()[0]
    assert problems_in(certificate, NOW) == ()
    constraints = certificate.extensions.get_extension_for_class(x509.BasicConstraints)
    usage = certificate.extensions.get_extension_for_class(x509.KeyUsage)
    assert constraints.critical
    assert constraints.value == x509.BasicConstraints(ca=True, path_length=0)
    assert usage.critical
    assert (usage.value.key_cert_sign, usage.value.crl_sign, usage.value.digital_signature) == (
        True,
        True,
        False,
    )
    certificate.verify_directly_issued_by(certificate)


@pytest.mark.rule("E-02")
def test_a_ca_made_in_the_afternoon_covers_certificates_of_that_very_day(tmp_path: Path) -> None:
    made = a_ca(tmp_path / "ca", now=NOW)
    assert made.facts.not_before <= an_order(NOW).not_before
    assert made.facts.not_after == datetime(2036, 11, 21, 14, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize("training", [True, False])
def test_a_training_ca_says_so_in_every_certificate(tmp_path: Path, *, training: bool) -> None:
    certificate = a_ca(tmp_path / "ca", now=NOW, training=training).folder.chain()[0]
    assert is_training_ca(certificate) is training
    assert ("TRAINING ONLY" in certificate.subject.rfc4514_string()) is training
    assert ("試験労働金庫" in certificate.subject.rfc4514_string()) is not training


@pytest.mark.rule("I-14")
def test_an_empty_list_is_published_before_the_first_certificate(tmp_path: Path) -> None:
    made = create(
        tmp_path / "ca",
        name=CaName(organization="O", common_name="CN"),
        now=NOW,
        algorithm=KeyAlgorithm.P_256,
        crl_folder=tmp_path / "public",
        rounds=FEW_ROUNDS,
    )
    told = published_crl(tmp_path / "public")
    assert (told.number, told.serials) == (made.crl_number, frozenset())
    assert told.this_update < NOW < told.next_update


def test_the_passphrase_shown_is_the_one_that_opens_both_keys(tmp_path: Path) -> None:
    made = a_ca(tmp_path / "ca", now=NOW)
    signer = LocalSigner(made.folder, PROFILE).unlock(Secret(made.passphrase.reveal().lower()))
    assert signer.attest(b"x")
    assert made.passphrase.reveal() not in repr(made)


def test_a_real_ca_key_costs_two_million_rounds_a_guess(tmp_path: Path) -> None:
    made = create(
        tmp_path / "ca", name=CaName(organization="O", common_name="C"), now=NOW, algorithm=KeyAlgorithm.P_256
    )
    assert read_rounds(made.folder.key.read_bytes()) == 2_000_000
    assert read_rounds(made.folder.attestation_key.read_bytes()) == 2_000_000


def test_a_second_ca_never_replaces_the_first(tmp_path: Path) -> None:
    first = a_ca(tmp_path / "ca", now=NOW)
    with pytest.raises(CaNotUsable) as refused:
        a_ca(tmp_path / "ca", now=NOW)
    assert refused.value.problems == (CaProblem.FOLDER_IN_USE,)
    LocalSigner(first.folder, PROFILE).unlock(first.passphrase)


def test_no_ca_is_left_that_nobody_can_open(tmp_path: Path) -> None:
    (tmp_path / "public").write_text("a file where the folder should be")
    with pytest.raises(CaNotUsable) as refused:
        create(
            tmp_path / "ca",
            name=CaName(organization="O", common_name="C"),
            now=NOW,
            algorithm=KeyAlgorithm.P_256,
            crl_folder=tmp_path / "public",
            rounds=FEW_ROUNDS,
        )
    assert refused.value.problems == (CaProblem.FOLDER_NOT_WRITABLE,)
    assert not (tmp_path / "ca").exists()


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file where the folder should be")
    with pytest.raises(CaNotUsable) as refused:
        a_ca(tmp_path / "home" / "of" / "ca", now=NOW)
    assert refused.value.problems == (CaProblem.FOLDER_NOT_WRITABLE,)


def test_a_short_rsa_key_is_no_ca_key(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="3072"):
        a_ca(tmp_path / "ca", now=NOW, algorithm=KeyAlgorithm.RSA_2048)


@pytest.mark.rule("I-6")
@pytest.mark.parametrize("zone", ["Asia/Tokyo", "UTC", "America/New_York", "Pacific/Kiritimati"])
def test_validity_does_not_depend_on_the_zone_of_the_machine(tmp_path: Path, zone: str) -> None:
    program = """
from datetime import UTC, datetime
from pathlib import Path
import sys
from cryptography import x509
from tests.support.certificates import an_opened_ca, an_order
now = datetime(2027, 2, 28, 15, 0, tzinfo=UTC)
ca = an_opened_ca(Path(sys.argv[1]) / "ca", now=now)
certificate = x509.load_der_x509_certificate(ca.signer.sign(ca.signer.prepare(an_order(now)).handle))
print(certificate.not_valid_before_utc, certificate.not_valid_after_utc, ca.certificate.not_valid_before_utc)
"""
    told = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)],
        env={"TZ": zone, "PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.split("+00:00") == [
        "2027-02-28 15:00:00",
        " 2028-02-29 14:59:59",
        " 2027-02-28 15:00:00",
        "\n",
    ]


# --- a CA that exists already ---

SUBJECT = x509.Name(
    [x509.NameAttribute(NameOID.COUNTRY_NAME, "JP"), x509.NameAttribute(NameOID.COMMON_NAME, "Existing CA")]
)
CA_KEY = new_key(KeyAlgorithm.P_256)
ISSUES_ONLY_LEAVES = x509.BasicConstraints(ca=True, path_length=0)


def ca_certificate(
    key: PrivateKey | ed25519.Ed25519PrivateKey = CA_KEY,
    *,
    subject: x509.Name = SUBJECT,
    issuer: tuple[x509.Name, PrivateKey] | None = None,
    begins: datetime = NOW - timedelta(days=1),
    ends: datetime = NOW + timedelta(days=1000),
    constraints: x509.BasicConstraints | None = ISSUES_ONLY_LEAVES,
    may_sign_lists: bool = True,
    with_key_id: bool = True,
) -> x509.Certificate:
    issuer_name, issuer_key = issuer or (subject, key)
    builder = (
        x509.CertificateBuilder()
        .serial_number(fresh_serial())
        .subject_name(subject)
        .issuer_name(issuer_name)
        .public_key(key.public_key())
        .not_valid_before(begins)
        .not_valid_after(ends)
        .add_extension(
            x509.KeyUsage(
                digital_signature=False,
                content_commitment=False,
                key_encipherment=False,
                data_encipherment=False,
                key_agreement=False,
                key_cert_sign=True,
                crl_sign=may_sign_lists,
                encipher_only=False,
                decipher_only=False,
            ),
            critical=True,
        )
    )
    if constraints is not None:
        builder = builder.add_extension(constraints, critical=True)
    if with_key_id:
        builder = builder.add_extension(
            x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False
        )
    return builder.sign(
        issuer_key, None if isinstance(issuer_key, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    )


def pem_of(key: PrivateKey | ed25519.Ed25519PrivateKey, passphrase: str | None = "old passphrase") -> bytes:
    hiding = BestAvailableEncryption(passphrase.encode()) if passphrase else NoEncryption()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, hiding)


def take_over(folder: Path, certificate: x509.Certificate, **changes: object) -> object:
    given: dict[str, object] = {
        "key_pem": pem_of(CA_KEY),
        "key_passphrase": Secret("old passphrase"),
        "certificate_pem": certificate.public_bytes(Encoding.PEM),
        "now": NOW,
        "rounds": FEW_ROUNDS,
    }
    return import_ca(folder, **{**given, **changes})  # type: ignore[arg-type]  # each test changes one of them


def test_a_ca_that_exists_can_be_taken_over(tmp_path: Path) -> None:
    certificate = ca_certificate()
    made = import_ca(
        tmp_path / "ca",
        key_pem=pem_of(CA_KEY),
        key_passphrase=Secret("old passphrase"),
        certificate_pem=certificate.public_bytes(Encoding.PEM),
        now=NOW,
        last_crl_number=41,
        rounds=FEW_ROUNDS,
    )
    signer = LocalSigner(made.folder, PROFILE).unlock(made.passphrase)
    leaf = x509.load_der_x509_certificate(signer.sign(signer.prepare(an_order(NOW)).handle))
    assert_is_leaf(leaf, of=certificate, user_id="Tanaka01")
    assert published_crl(tmp_path / "ca").number == made.crl_number == 42
    assert b"ENCRYPTED" in made.folder.key.read_bytes()


def test_a_key_in_clear_is_encrypted_when_taken_over(tmp_path: Path) -> None:
    take_over(tmp_path / "ca", ca_certificate(), key_pem=pem_of(CA_KEY, None), key_passphrase=None)
    assert (tmp_path / "ca" / "ca.key").read_bytes().startswith(b"-----BEGIN ENCRYPTED PRIVATE KEY-----")


@pytest.mark.parametrize(
    ("certificate", "problem"),
    [
        (lambda: ca_certificate(constraints=None), CaProblem.NOT_A_CA),
        (
            lambda: ca_certificate(constraints=x509.BasicConstraints(ca=False, path_length=None)),
            CaProblem.NOT_A_CA,
        ),
        (
            lambda: ca_certificate(constraints=x509.BasicConstraints(ca=True, path_length=None)),
            CaProblem.PATH_LENGTH,
        ),
        (
            lambda: ca_certificate(constraints=x509.BasicConstraints(ca=True, path_length=1)),
            CaProblem.PATH_LENGTH,
        ),
        (lambda: ca_certificate(may_sign_lists=False), CaProblem.KEY_USAGE),
        (lambda: ca_certificate(with_key_id=False), CaProblem.NO_KEY_ID),
        (lambda: ca_certificate(begins=NOW + timedelta(hours=1)), CaProblem.NOT_YET_VALID),
        (lambda: ca_certificate(ends=NOW + timedelta(days=365)), CaProblem.ENDS_TOO_SOON),
        (lambda: ca_certificate(new_key(KeyAlgorithm.P_256)), CaProblem.KEY_OF_ANOTHER),
        (
            lambda: ca_certificate(
                subject=x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "TRAINING ONLY x")])
            ),
            CaProblem.TRAINING,
        ),
        (
            lambda: ca_certificate(subject=x509.Name([]), issuer=(SUBJECT, CA_KEY)),
            CaProblem.NAME,
        ),
    ],
    ids=lambda value: value.value if isinstance(value, CaProblem) else "",
)
def test_a_ca_that_would_not_do_is_refused_and_leaves_nothing(
    tmp_path: Path, certificate: Callable[[], x509.Certificate], problem: CaProblem
) -> None:
    with pytest.raises(CaNotUsable) as refused:
        take_over(tmp_path / "ca", certificate())
    assert refused.value.problems == (problem,)
    assert not (tmp_path / "ca").exists()


@pytest.mark.parametrize(
    ("key", "problems"),
    [
        (rsa.generate_private_key(65537, 1024), (CaProblem.WEAK_KEY,)),  # noqa: S505  weak on purpose
        (ec.generate_private_key(ec.SECP256K1()), (CaProblem.WEAK_KEY,)),
    ],
    ids=["RSA-1024", "secp256k1"],
)
def test_a_weak_key_is_refused(tmp_path: Path, key: PrivateKey, problems: tuple[CaProblem, ...]) -> None:
    with pytest.raises(CaNotUsable) as refused:
        take_over(tmp_path / "ca", ca_certificate(key), key_pem=pem_of(key))
    assert refused.value.problems == problems


def test_an_ed25519_key_signs_checkpoints_and_no_certificates(tmp_path: Path) -> None:
    key = ed25519.Ed25519PrivateKey.generate()
    with pytest.raises(CaNotUsable) as refused:
        take_over(tmp_path / "ca", ca_certificate(key), key_pem=pem_of(key))
    assert CaProblem.WEAK_KEY in refused.value.problems


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"key_passphrase": Secret("wrong")}, CaProblem.UNREADABLE_KEY),
        ({"key_passphrase": None}, CaProblem.UNREADABLE_KEY),
        ({"key_pem": b"rubbish"}, CaProblem.UNREADABLE_KEY),
        ({"certificate_pem": b"rubbish"}, CaProblem.UNREADABLE_CERTIFICATE),
    ],
)
def test_files_that_cannot_be_read_are_told_apart(
    tmp_path: Path, changes: dict[str, object], problem: CaProblem
) -> None:
    with pytest.raises(CaNotUsable) as refused:
        take_over(tmp_path / "ca", ca_certificate(), **changes)
    assert refused.value.problems == (problem,)


def test_everything_wrong_is_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(CaNotUsable) as refused:
        take_over(tmp_path / "ca", ca_certificate(may_sign_lists=False, with_key_id=False))
    assert refused.value.problems == (CaProblem.KEY_USAGE, CaProblem.NO_KEY_ID)


# --- what goes into the p12 beside the customer's certificate ---


def authorities_in_p12(
    folder: Path, certificates: list[x509.Certificate], profile: Profile
) -> list[x509.Certificate]:
    made = import_ca(
        folder,
        key_pem=pem_of(CA_KEY),
        key_passphrase=Secret("old passphrase"),
        certificate_pem=b"".join(one.public_bytes(Encoding.PEM) for one in certificates),
        now=NOW,
        rounds=FEW_ROUNDS,
    )
    signer = LocalSigner(made.folder, profile).unlock(made.passphrase)
    prepared = signer.prepare(an_order(NOW))
    signer.sign(prepared.handle)
    bundle = signer.bundle(prepared.handle, Secret("Kunren#2026"), "Tanaka01")
    return [one.certificate for one in pkcs12.load_pkcs12(bundle, b"Kunren#2026").additional_certs]


@pytest.mark.rule("R-97")
def test_the_root_is_left_out_so_that_windows_does_not_warn(tmp_path: Path) -> None:
    root = ca_certificate()
    with_root = Profile(
        policy_oid=PROFILE.policy_oid,
        crl_url=PROFILE.crl_url,
        ca_issuers_url=PROFILE.ca_issuers_url,
        root_in_p12=True,
    )
    assert authorities_in_p12(tmp_path / "without", [root], PROFILE) == []
    assert authorities_in_p12(tmp_path / "with", [root], with_root) == [root]


def test_an_intermediate_goes_in_and_its_root_does_not(tmp_path: Path) -> None:
    root_key = new_key(KeyAlgorithm.P_256)
    root_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Root")])
    root = ca_certificate(root_key, subject=root_name)
    intermediate = ca_certificate(issuer=(root_name, root_key))
    assert authorities_in_p12(tmp_path / "ca", [intermediate, root], PROFILE) == [intermediate]
