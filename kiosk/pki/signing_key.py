"""The CA key at rest: PKCS #8 under a generated passphrase that is shown once and kept by people.

cryptography encrypts PKCS #8 with 2,048 rounds and offers no more, so the envelope (PBES2, RFC 8018) is built here;
every tool that reads PKCS #8 reads it.
"""

import base64
import hashlib
import secrets
import textwrap

from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from kiosk.pki import der
from kiosk.secret import Secret

ROUNDS = 2_000_000
"""PBKDF2 rounds for each guess at the passphrase; about half a second."""

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Nothing that is mistaken for something else on paper: no 0 and O, no 1, I and L."""

GROUPS = 6
GROUP_LETTERS = 4
"""24 letters out of 31: 118 bits."""

_PBES2 = der.object_identifier("1.2.840.113549.1.5.13")
_PBKDF2 = der.object_identifier("1.2.840.113549.1.5.12")
_HMAC_SHA256 = der.object_identifier("1.2.840.113549.2.9")
_AES_256_CBC = der.object_identifier("2.16.840.1.101.3.4.1.42")
_KEY_OCTETS = 32
_SALT_OCTETS = 16

StoredKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey


class KeyNotOpened(ValueError):
    """Not the passphrase of this key, or not a key file; which of the two cannot be told."""


def new_passphrase() -> Secret:
    """Six groups of four letters from the system's randomness, like `7KQM-…`."""
    groups = ("".join(secrets.choice(ALPHABET) for _ in range(GROUP_LETTERS)) for _ in range(GROUPS))
    return Secret("-".join(groups))


def as_written(typed: Secret) -> Secret:
    """The passphrase as it was shown, however somebody types it: small letters, blanks, no hyphens."""
    letters = "".join(sign for sign in typed.reveal().upper() if sign not in " -\t\r\n")
    groups = (letters[at : at + GROUP_LETTERS] for at in range(0, len(letters), GROUP_LETTERS))
    return Secret("-".join(groups))


def locked_pem(key: StoredKey, passphrase: Secret, *, rounds: int = ROUNDS) -> bytes:
    """The private key as `ENCRYPTED PRIVATE KEY` in PEM: PBKDF2-HMAC-SHA-256, AES-256-CBC."""
    plain = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    salt, vector = secrets.token_bytes(_SALT_OCTETS), secrets.token_bytes(16)
    spelled = passphrase.reveal().encode("utf-8")
    encrypting = Cipher(
        algorithms.AES256(hashlib.pbkdf2_hmac("sha256", spelled, salt, rounds, _KEY_OCTETS)),
        modes.CBC(vector),
    ).encryptor()
    padder = padding.PKCS7(128).padder()
    hidden = encrypting.update(padder.update(plain) + padder.finalize()) + encrypting.finalize()
    stretching = der.sequence(
        der.octet_string(salt),
        der.integer(rounds),
        der.integer(_KEY_OCTETS),
        der.sequence(_HMAC_SHA256, der.null()),
    )
    scheme = der.sequence(
        der.sequence(_PBKDF2, stretching), der.sequence(_AES_256_CBC, der.octet_string(vector))
    )
    envelope = der.sequence(der.sequence(_PBES2, scheme), der.octet_string(hidden))
    lines = textwrap.wrap(base64.b64encode(envelope).decode("ascii"), 64)
    return "\n".join(
        ("-----BEGIN ENCRYPTED PRIVATE KEY-----", *lines, "-----END ENCRYPTED PRIVATE KEY-----", "")
    ).encode("ascii")


def unlocked(pem: bytes, passphrase: Secret | None) -> StoredKey:
    """The key out of its file; raises `KeyNotOpened`."""
    spelled = passphrase.reveal().encode("utf-8") if passphrase is not None else None
    try:
        key = load_pem_private_key(pem, spelled)
    except (ValueError, TypeError):
        raise KeyNotOpened from None
    if not isinstance(key, StoredKey):
        raise KeyNotOpened
    return key


def read_rounds(pem: bytes) -> int:
    """The PBKDF2 rounds of a key file made by `locked_pem`; `NotDer` for any other."""
    body = b"".join(line for line in pem.splitlines() if not line.startswith(b"-----"))
    envelope = base64.b64decode(body)
    algorithm, _ = der.children(envelope, der.whole(envelope, der.SEQUENCE))
    try:
        _, scheme = der.children(envelope, algorithm)
        stretching, _ = der.children(envelope, scheme)
        _, parameters = der.children(envelope, stretching)
        return der.whole_number(envelope, der.children(envelope, parameters)[1])
    except IndexError:
        raise der.NotDer("shape") from None
