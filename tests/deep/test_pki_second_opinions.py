"""Other programs agree: OpenSSL and GnuTLS on certificate, CRL and key file."""

import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from kiosk.pki.ca_files import publish_crl
from kiosk.pki.crl import crl_window, entry_der
from kiosk.pki.signer import CrlOrder, KeyAlgorithm
from kiosk.pki.signing_key import ROUNDS
from tests.support.certificates import OpenedCa, a_ca, an_opened_ca, an_order
from tests.support.deep import need

pytestmark = pytest.mark.deep


@pytest.fixture(params=[KeyAlgorithm.RSA_3072, KeyAlgorithm.P_256])
def ca(request: pytest.FixtureRequest, tmp_path: Path) -> OpenedCa:
    return an_opened_ca(tmp_path / "ca", now=datetime.now(UTC), algorithm=request.param)


def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def a_certificate(ca: OpenedCa, folder: Path) -> tuple[Path, int]:
    order = an_order(datetime.now(UTC))
    certificate = x509.load_der_x509_certificate(ca.signer.sign(ca.signer.prepare(order).handle))
    path = folder / "user.crt"
    path.write_bytes(certificate.public_bytes(Encoding.PEM))
    return path, order.serial


def revoke(ca: OpenedCa, serial: int) -> None:
    begins, ends = crl_window(datetime.now(UTC))
    order = CrlOrder(number=2, this_update=begins, next_update=ends, entries=entry_der(serial, begins, 1))
    publish_crl(ca.made.folder.path, ca.signer.sign_crl(order))


@pytest.mark.rule("I-14")
def test_openssl_accepts_it_strictly_until_it_is_revoked(ca: OpenedCa, tmp_path: Path) -> None:
    need("openssl")
    user, serial = a_certificate(ca, tmp_path)
    home = ca.made.folder.path
    command = (
        "openssl", "verify", "-x509_strict", "-purpose", "sslclient", "-crl_check_all", "-CAfile", home / "ca.crt",
        "-CRLfile", home / "crl.pem", user,
    )  # fmt: skip
    accepted = run(*command)
    assert accepted.returncode == 0, accepted.stderr
    revoke(ca, serial)
    refused = run(*command)
    assert refused.returncode != 0
    assert "certificate revoked" in refused.stderr


@pytest.mark.rule("I-14")
def test_gnutls_accepts_it_until_it_is_revoked(ca: OpenedCa, tmp_path: Path) -> None:
    need("certtool")
    user, serial = a_certificate(ca, tmp_path)
    home = ca.made.folder.path
    command = (
        "certtool", "--verify", "--load-ca-certificate", home / "ca.crt", "--load-crl", home / "crl.pem",
        "--infile", user,
    )  # fmt: skip
    accepted = run(*command)
    assert accepted.returncode == 0, accepted.stdout + accepted.stderr
    revoke(ca, serial)
    refused = run(*command)
    assert refused.returncode != 0
    assert "revoked" in refused.stdout + refused.stderr


def test_the_key_files_can_be_opened_without_this_program(tmp_path: Path) -> None:
    """A bank that leaves this program behind takes its key along."""
    need("openssl")
    made = a_ca(tmp_path / "ca", now=datetime.now(UTC), rounds=ROUNDS)
    passphrase = tmp_path / "passphrase"
    passphrase.write_text(made.passphrase.reveal() + "\n")
    for path in made.folder.secrets:
        public = run("openssl", "pkey", "-in", path, "-passin", f"file:{passphrase}", "-pubout")
        assert public.returncode == 0, public.stderr
        assert "BEGIN PUBLIC KEY" in public.stdout
    assert public.stdout == made.folder.attestation_public_key.read_text()
    told = run("openssl", "asn1parse", "-in", made.folder.key).stdout
    assert "PBKDF2" in told
    assert "hmacWithSHA256" in told
    assert "aes-256-cbc" in told
    assert f"INTEGER           :{ROUNDS:X}" in told
