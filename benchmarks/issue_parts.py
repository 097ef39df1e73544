"""What the parts of an issue cost by themselves: key, signature, p12 with its MAC, and opening it again.

The benchmark of the whole issue runs these in the same round and compares sums, so that a busy machine slows both.
By itself: `python -m benchmarks.issue_parts`.
"""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.serialization import pkcs12 as library
from cryptography.x509.oid import NameOID

from kiosk.pki.keys import PrivateKey, new_key
from kiosk.pki.pkcs12 import ROUNDS, with_new_mac
from kiosk.pki.profiles import Profile, client_certificate
from kiosk.pki.serials import fresh_serial
from kiosk.pki.signer import CertificateOrder, KeyAlgorithm
from kiosk.rules.validity import window_for
from kiosk.secret import Secret

Result = TypeVar("Result")

PASSWORD = Secret("Kunren#2026")
NAME = "bench001"
PROFILE = Profile(
    policy_oid="1.3.6.1.4.1.99999.1.1",
    crl_url="http://crl.bench.example.jp/kiosk.crl",
    ca_issuers_url="http://crl.bench.example.jp/kiosk.crt",
)


@dataclass(frozen=True, kw_only=True)
class Parts:
    """Seconds of one round."""

    key: float
    signature: float
    p12: float
    """Bags and MAC, `ROUNDS` each."""
    opening: float
    """The p12 opened again by the library: nothing is handed over that was not (E-83)."""


class BareParts:
    """The library calls and nothing around them, for one kind of customer's key."""

    def __init__(
        self, algorithm: KeyAlgorithm, *, ca_algorithm: KeyAlgorithm = KeyAlgorithm.RSA_3072
    ) -> None:
        self._algorithm = algorithm
        self._ca_key = new_key(ca_algorithm)
        self._ca = _a_ca_certificate(self._ca_key)

    def once(self) -> Parts:
        """Every part one time."""
        key, key_seconds = _timed(lambda: new_key(self._algorithm))
        certificate, signature_seconds = _timed(lambda: self._signed(key))
        bundle, p12_seconds = _timed(lambda: _bundled(key, certificate))
        _, opening_seconds = _timed(lambda: library.load_pkcs12(bundle, PASSWORD.reveal().encode()))
        return Parts(key=key_seconds, signature=signature_seconds, p12=p12_seconds, opening=opening_seconds)

    def _signed(self, key: PrivateKey) -> x509.Certificate:
        window = window_for(datetime.now(UTC))
        order = CertificateOrder(
            serial=fresh_serial(),
            user_id=NAME,
            organization_name="計測株式会社",
            organization_code="0000001",
            email="bench@example.jp",
            not_before=window.not_before,
            not_after=window.not_after,
            key_algorithm=self._algorithm,
        )
        return client_certificate(PROFILE, order, self._ca, key.public_key()).sign(
            self._ca_key, hashes.SHA256()
        )


def _bundled(key: PrivateKey, certificate: x509.Certificate) -> bytes:
    encryption = (
        serialization.PrivateFormat.PKCS12.encryption_builder()
        .kdf_rounds(ROUNDS)
        .key_cert_algorithm(library.PBES.PBESv2SHA256AndAES256CBC)
        .hmac_hash(hashes.SHA256())
        .build(PASSWORD.reveal().encode())
    )
    written = library.serialize_key_and_certificates(NAME.encode(), key, certificate, None, encryption)
    return with_new_mac(written, PASSWORD, ROUNDS)


def _a_ca_certificate(key: PrivateKey) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Bench CA")])
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .serial_number(fresh_serial())
        .issuer_name(name)
        .subject_name(name)
        .public_key(key.public_key())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=3650))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )


def _timed(act: Callable[[], Result]) -> tuple[Result, float]:
    begun = time.perf_counter()
    result = act()
    return result, time.perf_counter() - begun


def main(rounds: int = 20) -> None:
    """Print the median milliseconds of each part."""
    for algorithm in KeyAlgorithm:
        bare = BareParts(algorithm)
        measured = [bare.once() for _ in range(rounds)]
        medians = {
            part: statistics.median(getattr(one, part) for one in measured) * 1000
            for part in ("key", "signature", "p12", "opening")
        }
        told = "  ".join(f"{part} {median:6.1f} ms" for part, median in medians.items())
        print(f"{algorithm:9} {told}")


if __name__ == "__main__":
    main()
