"""Known-answer tests of the formats written by hand, for the self-check at start."""

import hashlib
from datetime import UTC, datetime

from kiosk.pki.crl import entry_der
from kiosk.pki.pkcs12 import derive_mac_key
from kiosk.secret import Secret

_MAC_KEY = "e879704f283cd7cafced2235d82095e729f5a3094200d06f6168c6370739ca58"
"""As `openssl kdf … PKCS12KDF` computes it with SHA-256, ID 3 and 1,000 rounds."""

_CRL_ENTRY = "302102021000170d3236313132323031333030305a300c300a0603551d1504030a0101"
"""As cryptography's own builder writes it."""

_SHA256_OF_ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
"""FIPS 180-4, appendix."""


def known_answers_hold() -> bool:
    """Whether hash, p12 MAC and CRL entry come out as other implementations compute them."""
    mac_key = derive_mac_key("sha256", Secret("Kunren#2026"), bytes(range(16)), 1000)
    entry = entry_der(0x1000, datetime(2026, 11, 22, 1, 30, tzinfo=UTC), 1)
    return (
        mac_key.hex() == _MAC_KEY
        and entry.hex() == _CRL_ENTRY
        and hashlib.sha256(b"abc").hexdigest() == _SHA256_OF_ABC
    )
