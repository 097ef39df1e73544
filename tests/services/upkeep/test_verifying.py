"""The registry check finds each kind of damage, names it, and finds nothing else."""

import ast
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from sqlmodel import col, select

from db.database import Database
from db.tables import Certificate
from kiosk.pki.ca_files import CaFolder
from kiosk.pki.keys import PrivateKey
from kiosk.pki.signing_key import unlocked
from kiosk.rules.naming import serial_value
from kiosk.secret import Secret
from kiosk.services.upkeep import _second_look, verifying
from kiosk.services.upkeep._second_look import Misfit
from kiosk.services.upkeep.verifying import Verification, Verifying
from kiosk.training.setting_up import PASSPHRASE_FILE
from tests.support.journal import told
from tests.support.lists import revoke_serial
from tests.support.practice import Practice

DAY = timedelta(days=1)
Rebuild = Callable[["Forger"], None]


@dataclass
class Forger:
    """Signs what the program never would, with the CA's own key: only the content can give it away."""

    row: Certificate
    ca: x509.Certificate
    key: PrivateKey

    def __post_init__(self) -> None:
        assert self.row.der is not None
        old = x509.load_der_x509_certificate(self.row.der)
        self.subject, self.serial = old.subject, old.serial_number
        self.begins, self.ends = old.not_valid_before_utc, old.not_valid_after_utc
        self.public_key = old.public_key()
        self.extensions = {one.oid: (one.value, one.critical) for one in old.extensions}
        self.issuer = old.issuer

    def signed(self, key: PrivateKey | None = None) -> bytes:
        """The certificate as it is now."""
        builder = (
            x509.CertificateBuilder()
            .issuer_name(self.issuer)
            .subject_name(self.subject)
            .serial_number(self.serial)
            .not_valid_before(self.begins)
            .not_valid_after(self.ends)
            .public_key(self.public_key)
        )
        for value, critical in self.extensions.values():
            builder = builder.add_extension(value, critical)
        return builder.sign(key or self.key, hashes.SHA256()).public_bytes(Encoding.DER)

    def put(
        self, kind: type[x509.ExtensionType], value: x509.ExtensionType, critical: bool | None = None
    ) -> None:
        """Replace an extension."""
        before = self.extensions[kind.oid][1]
        self.extensions[kind.oid] = (value, before if critical is None else critical)


@dataclass(frozen=True)
class Registry:
    """A practice counter with certificates in force, one of them revoked and listed."""

    practice: Practice
    check: Verifying
    key: PrivateKey

    @property
    def database(self) -> Database:
        return self.practice.database

    def row(self, state: str = "active") -> Certificate:
        """The first certificate in a state."""
        with self.database.reading() as session:
            statement = select(Certificate).where(col(Certificate.state) == state)
            return session.exec(statement.order_by(col(Certificate.pk))).all()[0]

    def change(self, row: Certificate, **values: object) -> None:
        """Damage a row behind the program's back."""
        with self.database.transaction() as session:
            session.get_one(Certificate, row.pk).sqlmodel_update(values)

    def found(self) -> list[tuple[str, Misfit]]:
        """Serial and kind of everything that does not fit."""
        return [(one.serial, one.misfit) for one in self.check.verify().named]


@pytest.fixture
def registry(practice: Practice) -> Registry:
    """Everything fits."""
    settings, publishing = practice.services.settings, practice.services.publishing
    folder = CaFolder(settings.paths.ca)
    passphrase = Secret((settings.paths.data / PASSPHRASE_FILE).read_text().strip())
    key = unlocked(folder.key.read_bytes(), passphrase)
    assert isinstance(key, PrivateKey)
    made = Registry(
        practice=practice,
        check=Verifying(desk=publishing.desk, ca=folder.chain()[0], published=settings.paths.crl / "crl.der"),
        key=key,
    )
    revoke_serial(publishing.desk, publishing.signer.facts().key_id, made.row().serial)
    publishing.publish()
    return made


def test_a_registry_that_fits_has_no_finding(registry: Registry) -> None:
    result = registry.check.verify()
    assert (result.count, result.named) == (0, ())
    assert result.examined >= 3
    assert result.list_number is not None
    assert ("registry:certificates:verified", "done") in told(registry.database)


@pytest.mark.parametrize(
    ("values", "misfit"),
    [
        ({"der": b"0\x00"}, Misfit.UNREADABLE),
        ({"serial": "0A"}, Misfit.SERIAL),
        ({"key_sha256": "0" * 64}, Misfit.KEY),
        ({"tbs_sha256": "0" * 64}, Misfit.INTENT),
        ({"not_after": datetime.fromisoformat("2036-01-01T14:59:59+00:00")}, Misfit.DATES),
        ({"issue_date": datetime.fromisoformat("2020-01-01").date()}, Misfit.DATES),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else None,
)
def test_a_row_that_was_changed_is_found(
    registry: Registry, values: dict[str, object], misfit: Misfit
) -> None:
    row = registry.row()
    registry.change(row, **values)
    assert registry.found() == [(values.get("serial", row.serial), misfit)]
    assert ("registry:certificates:misfits", "failed") in told(registry.database)


def longer(forger: Forger) -> None:
    forger.ends += timedelta(seconds=1)


def another_serial(forger: Forger) -> None:
    forger.serial += 1


def another_user(forger: Forger) -> None:
    parts = [*forger.subject][:-1]
    forger.subject = x509.Name([*parts, x509.NameAttribute(NameOID.COMMON_NAME, "dareka99")])


def weak_key(forger: Forger) -> None:
    forger.public_key = ec.generate_private_key(ec.SECP384R1()).public_key()
    forger.put(x509.SubjectKeyIdentifier, x509.SubjectKeyIdentifier.from_public_key(forger.public_key))


def short_rsa_key(forger: Forger) -> None:
    forger.public_key = rsa.generate_private_key(65537, 1024).public_key()  # noqa: S505  # what the check must find
    forger.put(x509.SubjectKeyIdentifier, x509.SubjectKeyIdentifier.from_public_key(forger.public_key))


def a_ca(forger: Forger) -> None:
    forger.put(x509.BasicConstraints, x509.BasicConstraints(ca=True, path_length=None))


def not_critical(forger: Forger) -> None:
    forger.put(x509.BasicConstraints, forger.extensions[x509.BasicConstraints.oid][0], critical=False)


def for_servers(forger: Forger) -> None:
    forger.put(x509.ExtendedKeyUsage, x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]))


def signs_certificates(forger: Forger) -> None:
    usage = x509.KeyUsage(
        digital_signature=True, content_commitment=False, key_encipherment=False, data_encipherment=False,
        key_agreement=False, key_cert_sign=True, crl_sign=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    forger.put(x509.KeyUsage, usage)


def no_list(forger: Forger) -> None:
    del forger.extensions[x509.CRLDistributionPoints.oid]


def one_too_many(forger: Forger) -> None:
    forger.extensions[x509.OCSPNoCheck.oid] = (x509.OCSPNoCheck(), False)


def another_key_id(forger: Forger) -> None:
    forger.put(x509.SubjectKeyIdentifier, x509.SubjectKeyIdentifier(bytes(20)))


def another_issuer_id(forger: Forger) -> None:
    forger.put(x509.AuthorityKeyIdentifier, x509.AuthorityKeyIdentifier(bytes(20), None, None))


def a_host_name(forger: Forger) -> None:
    forger.put(x509.SubjectAlternativeName, x509.SubjectAlternativeName([x509.DNSName("a.example.jp")]))


def an_https_list(forger: Forger) -> None:
    url = x509.UniformResourceIdentifier("https://pki.example.jp/a.crl")
    points = x509.CRLDistributionPoints([x509.DistributionPoint([url], None, None, None)])
    forger.put(x509.CRLDistributionPoints, points)


@pytest.mark.parametrize(
    ("rebuild", "misfit", "fact"),
    [
        (longer, Misfit.DATES, ""),
        (another_serial, Misfit.SERIAL, ""),
        (another_user, Misfit.SUBJECT, "dareka99"),
        (weak_key, Misfit.KEY, "secp384r1"),
        (short_rsa_key, Misfit.KEY, "rsa-1024"),
        (a_ca, Misfit.EXTENSIONS, "basicConstraints"),
        (not_critical, Misfit.EXTENSIONS, "basicConstraints"),
        (for_servers, Misfit.EXTENSIONS, "extendedKeyUsage"),
        (signs_certificates, Misfit.EXTENSIONS, "keyUsage"),
        (no_list, Misfit.EXTENSIONS, "cRLDistributionPoints"),
        (an_https_list, Misfit.EXTENSIONS, "cRLDistributionPoints"),
        (one_too_many, Misfit.EXTENSIONS, "OCSPNoCheck"),
        (another_key_id, Misfit.EXTENSIONS, "subjectKeyIdentifier"),
        (another_issuer_id, Misfit.EXTENSIONS, "authorityKeyIdentifier"),
        (a_host_name, Misfit.EXTENSIONS, "subjectAltName"),
    ],
)
def test_a_certificate_that_the_ca_should_never_have_signed_is_found(
    registry: Registry, rebuild: Rebuild, misfit: Misfit, fact: str
) -> None:
    row = registry.row()
    forger = Forger(row, registry.check.ca, registry.key)
    rebuild(forger)
    swap(registry, forger, forger.signed())
    (finding,) = registry.check.verify().named
    assert (finding.serial, finding.misfit) == (row.serial, misfit)
    assert fact in finding.fact


def swap(registry: Registry, forger: Forger, der: bytes) -> None:
    """As if it had been prepared like this."""
    made = x509.load_der_x509_certificate(der)
    spki = made.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    registry.change(
        forger.row,
        der=der,
        tbs_sha256=hashlib.sha256(made.tbs_certificate_bytes).hexdigest(),
        key_sha256=hashlib.sha256(spki).hexdigest(),
    )


def test_a_certificate_of_another_key_is_found(registry: Registry) -> None:
    forger = Forger(registry.row(), registry.check.ca, registry.key)
    swap(registry, forger, forger.signed(ec.generate_private_key(ec.SECP256R1())))
    assert registry.found() == [(forger.row.serial, Misfit.SIGNATURE)]


def test_one_key_in_two_certificates_is_found(registry: Registry) -> None:
    first, second = registry.row("revoked"), registry.row()
    forger = Forger(second, registry.check.ca, registry.key)
    assert first.der is not None
    forger.public_key = x509.load_der_x509_certificate(first.der).public_key()
    forger.put(x509.SubjectKeyIdentifier, x509.SubjectKeyIdentifier.from_public_key(forger.public_key))
    swap(registry, forger, forger.signed())
    assert sorted(registry.found()) == sorted(
        [(first.serial, Misfit.KEY_TWICE), (second.serial, Misfit.KEY_TWICE)]
    )


@pytest.mark.rule("I-15")
def test_a_revocation_that_the_registry_forgot_is_found(registry: Registry) -> None:
    row = registry.row("revoked")
    registry.change(
        row,
        state="active",
        slot=None,
        revoked_at=None,
        revocation_reason=None,
        crl_entry=None,
        crl_number=None,
    )
    assert registry.found() == [(row.serial, Misfit.LIVE_AND_LISTED)]


@pytest.mark.rule("I-15")
def test_somebody_who_is_revoked_and_can_still_log_in_is_found(registry: Registry) -> None:
    publishing = registry.practice.services.publishing
    row = registry.row()
    revoke_serial(publishing.desk, publishing.signer.facts().key_id, row.serial)
    assert registry.found() == [], "revoked while the check runs"
    registry.practice.clock.step(seconds=1)
    assert registry.found() == [(row.serial, Misfit.NOT_LISTED)]
    publishing.publish_due()
    assert registry.found() == []


def test_a_revocation_with_another_date_or_reason_than_on_the_list_is_found(registry: Registry) -> None:
    row = registry.row("revoked")
    registry.change(row, revocation_reason="left")
    assert set(registry.found()) == {
        (row.serial, Misfit.LISTED_OTHERWISE),
        (row.serial, Misfit.LIST_ENTRY),
    }
    registry.change(row, revocation_reason="pc_lost", revoked_at=row.revoked_at and row.revoked_at - DAY)
    assert set(registry.found()) == {
        (row.serial, Misfit.LISTED_OTHERWISE),
        (row.serial, Misfit.LIST_ENTRY),
    }


@pytest.mark.parametrize("entry", [b"0\x00", b"0", bytes(60), b"0\x14\x02\x01\x01\x17\x0d261399000000Z"])
def test_an_entry_for_the_next_list_that_does_not_hold_is_found(registry: Registry, entry: bytes) -> None:
    row = registry.row("revoked")
    registry.change(row, crl_entry=entry)
    assert registry.found() == [(row.serial, Misfit.LIST_ENTRY)]


def test_a_certificate_that_the_registry_lost_is_found_by_the_list(registry: Registry) -> None:
    row = registry.row("revoked")
    registry.change(row, serial="0A", der=row.der, not_after=row.not_after)
    found = registry.found()
    assert (f"{serial_value(row.serial):X}", Misfit.UNKNOWN_ON_LIST) in found


def test_without_a_list_that_verifies_it_says_so_and_checks_certificates_all_the_same(
    registry: Registry,
) -> None:
    registry.check.published.write_bytes(b"rubbish")
    assert registry.found() == [("", Misfit.NO_LIST)]
    assert registry.check.verify().list_number is None
    registry.check.published.unlink()
    row = registry.row()
    registry.change(row, tbs_sha256="0" * 64)
    assert registry.found() == [("", Misfit.NO_LIST), (row.serial, Misfit.INTENT)]


def test_findings_without_end_are_counted_and_the_first_are_named(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verifying, "KEPT", 2)
    monkeypatch.setattr(verifying, "PAGE", 2)
    with registry.database.transaction() as session:
        for row in session.exec(select(Certificate)).all():
            row.tbs_sha256 = "0" * 64
    result: Verification = registry.check.verify()
    assert result.count == result.examined >= 3
    assert len(result.named) == 2


@pytest.mark.parametrize("module", [_second_look, verifying])
def test_the_check_stands_on_nothing_that_writes_certificates(module: object) -> None:
    file = Path(str(getattr(module, "__file__", "")))
    imported = [
        node.module or ""
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.ImportFrom)
    ]
    assert not [name for name in imported if name.startswith("kiosk.pki")]
