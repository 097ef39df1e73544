"""pkilint, a linter of other people, finds nothing to say about what the CA signs (RFC 5280)."""

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding

from kiosk.pki.crl import crl_window, entry_der
from kiosk.pki.serials import fresh_serial
from kiosk.pki.signer import CrlOrder, KeyAlgorithm
from tests.support.certificates import OpenedCa, an_opened_ca, an_order

NOW = datetime(2026, 11, 22, 1, 30, tzinfo=UTC)


@pytest.fixture(scope="module", params=[KeyAlgorithm.RSA_3072, KeyAlgorithm.P_256])
def ca(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> OpenedCa:
    return an_opened_ca(tmp_path_factory.mktemp("home") / "ca", now=NOW, algorithm=request.param)


def findings(program: str, *arguments: str | Path) -> str:
    """What the linter prints from NOTICE upwards; nothing when it is content."""
    ran = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", f"pkilint.bin.{program}", "lint", "-s", "NOTICE", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    assert not ran.stderr
    said = ran.stdout.strip()
    assert (ran.returncode == 0) == (not said)
    return said


def in_pem(path: Path, certificate: x509.Certificate) -> Path:
    path.write_bytes(certificate.public_bytes(Encoding.PEM))
    return path


def test_it_finds_nothing_in_a_certificate_its_chain_and_its_ca(ca: OpenedCa, tmp_path: Path) -> None:
    rsa = isinstance(ca.certificate.public_key(), RSAPublicKey)
    order = an_order(NOW, key_algorithm=KeyAlgorithm.RSA_2048 if rsa else KeyAlgorithm.P_256)
    certificate = x509.load_der_x509_certificate(ca.signer.sign(ca.signer.prepare(order).handle))
    user = in_pem(tmp_path / "user.crt", certificate)
    issuer = in_pem(tmp_path / "ca.crt", ca.certificate)
    assert findings("lint_pkix_cert", user) == ""
    assert findings("lint_pkix_cert", issuer) == ""
    assert findings("lint_pkix_signer_signee_cert_chain", issuer, user) == ""


@pytest.mark.parametrize("revoked", [0, 3])
def test_it_finds_nothing_in_a_list(ca: OpenedCa, tmp_path: Path, revoked: int) -> None:
    begins, ends = crl_window(NOW)
    serials = sorted(fresh_serial() for _ in range(revoked))
    listed = [entry_der(serial, NOW, reason) for serial, reason in zip(serials, (0, 1, 5), strict=False)]
    path = tmp_path / "crl.der"
    order = CrlOrder(number=2, this_update=begins, next_update=ends, entries=b"".join(sorted(listed)))
    path.write_bytes(ca.signer.sign_crl(order))
    assert findings("lint_crl", "-t", "CRL", "-p", "PKIX", path) == ""


def test_it_would_have_found_something(ca: OpenedCa, tmp_path: Path) -> None:
    """Otherwise its silence would prove nothing."""
    bare = tmp_path / "bare.crt"
    certificate = x509.load_der_x509_certificate(ca.signer.sign(ca.signer.prepare(an_order(NOW)).handle))
    broken = certificate.public_bytes(Encoding.DER).replace(b"http://", b"htt!://")
    bare.write_bytes(broken)
    assert findings("lint_pkix_cert", bare) != ""
