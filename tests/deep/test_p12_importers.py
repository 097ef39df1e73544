"""The p12 opens where customers and administrators open one: OpenSSL, NSS, GnuTLS and Java."""

import re
import string
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from kiosk.pki.signer import KeyAlgorithm, P12Flavour
from kiosk.secret import Secret
from tests.support.certificates import PROFILE, an_opened_ca, an_order
from tests.support.deep import need

pytestmark = pytest.mark.deep

NOW = datetime(2026, 11, 22, 1, 30, tzinfo=UTC)
NAME = "Tanaka01 2026-11-22"
LEGACY = replace(PROFILE, p12_flavour=P12Flavour.LEGACY_3DES, p12_flavour_reason="a server of 2016")


@dataclass(frozen=True)
class Stick:
    """What a customer carries home."""

    path: Path
    certificate: x509.Certificate


@dataclass(frozen=True)
class Ran:
    """How an importer ended."""

    opened: bool
    said: str


Maker = Callable[..., Stick]


@pytest.fixture(scope="module")
def make(tmp_path_factory: pytest.TempPathFactory) -> Maker:
    home = tmp_path_factory.mktemp("home")

    def make(password: str, algorithm: KeyAlgorithm = KeyAlgorithm.P_256, *, legacy: bool = False) -> Stick:
        folder = home / str(len(list(home.iterdir())))
        signer = an_opened_ca(folder / "ca", now=NOW, profile=LEGACY if legacy else PROFILE).signer
        prepared = signer.prepare(an_order(NOW, key_algorithm=algorithm))
        certificate = x509.load_der_x509_certificate(signer.sign(prepared.handle))
        path = folder / "Tanaka0120261122103000.p12"
        path.write_bytes(signer.bundle(prepared.handle, Secret(password), NAME))
        return Stick(path, certificate)

    return make


def run(*command: str | Path, said_to_it: str = "") -> Ran:
    ran = subprocess.run(command, input=said_to_it, capture_output=True, text=True, check=False, timeout=60)
    return Ran(ran.returncode == 0, ran.stdout + ran.stderr)


def password_file(folder: Path, password: str) -> Path:
    path = folder / "password"
    path.write_text(password + "\n")
    return path


def openssl(stick: Stick, password: str, folder: Path, *, legacy: bool = False) -> Ran:
    need("openssl")
    options = ("-legacy",) if legacy else ()
    source = f"file:{password_file(folder, password)}"
    return run("openssl", "pkcs12", *options, "-in", stick.path, "-passin", source, "-nodes", "-info")


def nss(stick: Stick, password: str, folder: Path) -> Ran:
    need("pk12util", "certutil")
    database = folder / "nss"
    if not database.exists():
        database.mkdir()
        run("certutil", "-N", "--empty-password", "-d", f"sql:{database}")
    imported = run(
        "pk12util", "-i", stick.path, "-d", f"sql:{database}", "-w", password_file(folder, password), "-K", ""
    )
    listed = run("certutil", "-L", "-d", f"sql:{database}")
    return Ran(imported.opened, imported.said + listed.said)


def gnutls(stick: Stick, password: str, folder: Path) -> Ran:
    need("certtool")
    return run("certtool", "--p12-info", "--inder", "--infile", stick.path, "--password", password)


def java(stick: Stick, password: str, folder: Path) -> Ran:
    need("keytool")
    source = password_file(folder, password)
    return run(
        "keytool", "-J-Duser.language=en", "-list", "-v", "-storetype", "PKCS12", "-keystore", stick.path,
        "-storepass:file", source,
    )  # fmt: skip


IMPORTERS = [openssl, nss, gnutls, java]
Importer = Callable[[Stick, str, Path], Ran]


@pytest.mark.rule("R-84", "E-83", "E-89")
@pytest.mark.parametrize("importer", IMPORTERS)
@pytest.mark.parametrize("algorithm", list(KeyAlgorithm))
def test_it_opens_with_the_login_password_and_with_no_other(
    make: Maker, tmp_path: Path, importer: Importer, algorithm: KeyAlgorithm
) -> None:
    stick = make("Kunren#2026", algorithm)
    refused = importer(stick, "Kunren#2025", tmp_path)
    assert not refused.opened, refused.said
    opened = importer(stick, "Kunren#2026", tmp_path)
    assert opened.opened, opened.said
    assert NAME.casefold() in opened.said.casefold()


@pytest.mark.rule("E-41")
@pytest.mark.parametrize("importer", IMPORTERS)
@pytest.mark.parametrize(
    "symbols", [string.punctuation[:11], string.punctuation[11:22], string.punctuation[22:]]
)
def test_it_opens_with_each_of_the_32_symbols(
    make: Maker, tmp_path: Path, importer: Importer, symbols: str
) -> None:
    opened = importer(make(symbols + "a"), symbols + "a", tmp_path)
    assert opened.opened, opened.said


@pytest.mark.rule("E-89")
@pytest.mark.parametrize("importer", [nss, gnutls, java])
def test_the_weak_flavour_opens_too(make: Maker, tmp_path: Path, importer: Importer) -> None:
    opened = importer(make("Kunren#2026", KeyAlgorithm.RSA_2048, legacy=True), "Kunren#2026", tmp_path)
    assert opened.opened, opened.said


@pytest.mark.rule("E-89")
def test_openssl_names_strength_and_rounds(make: Maker, tmp_path: Path) -> None:
    said = openssl(make("Kunren#2026", KeyAlgorithm.RSA_2048), "Kunren#2026", tmp_path).said
    assert "MAC: sha256, Iteration 100000" in said
    assert "MAC length: 32, salt length: 16" in said
    assert len(re.findall("PBES2, PBKDF2, AES-256-CBC, Iteration 100000, PRF hmacWithSHA256", said)) == 2


@pytest.mark.rule("E-89")
def test_openssl_names_the_weak_flavour_and_its_rounds(make: Maker, tmp_path: Path) -> None:
    stick = make("Kunren#2026", KeyAlgorithm.RSA_2048, legacy=True)
    said = openssl(stick, "Kunren#2026", tmp_path, legacy=True).said
    assert "MAC: sha1, Iteration 100000" in said
    assert len(re.findall("pbeWithSHA1And3-KeyTripleDES-CBC, Iteration 100000", said)) == 2


@pytest.mark.parametrize("algorithm", list(KeyAlgorithm))
def test_the_key_inside_is_the_key_of_the_certificate(
    make: Maker, tmp_path: Path, algorithm: KeyAlgorithm
) -> None:
    stick = make("Kunren#2026", algorithm)
    said = openssl(stick, "Kunren#2026", tmp_path).said
    pem = re.search(r"-----BEGIN PRIVATE KEY-----.*?-----END PRIVATE KEY-----\n", said, re.DOTALL)
    assert pem is not None
    assert load_pem_private_key(pem[0].encode(), None).public_key() == stick.certificate.public_key()
    assert said.count("-----BEGIN CERTIFICATE-----") == 1
