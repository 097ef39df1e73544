"""The CA key at rest: PKCS #8 under a generated passphrase that is shown once and kept by people.

cryptography encrypts PKCS #8 with 2,048 rounds and offers no more, so the envelope (PBES2, RFC 8018) is built here;
every tool that reads PKCS #8 reads it.
"""

import base64
import secrets
import textwrap

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, padding
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC
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
_BLOCK_OCTETS = 16
_LABEL = "ENCRYPTED PRIVATE KEY"

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
    salt, vector = secrets.token_bytes(_SALT_OCTETS), secrets.token_bytes(_BLOCK_OCTETS)
    stretching = der.sequence(
        der.octet_string(salt),
        der.integer(rounds),
        der.integer(_KEY_OCTETS),
        der.sequence(_HMAC_SHA256, der.null()),
    )
    scheme = der.sequence(
        der.sequence(_PBKDF2, stretching), der.sequence(_AES_256_CBC, der.octet_string(vector))
    )
    stretched = PBKDF2HMAC(hashes.SHA256(), _KEY_OCTETS, salt, rounds).derive(_spelled(passphrase))
    hidden = _encrypted(
        key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()), stretched, vector
    )
    return _pem(der.sequence(der.sequence(_PBES2, scheme), der.octet_string(hidden)))


def _encrypted(plain: bytes, key: bytes, vector: bytes) -> bytes:
    padder = padding.PKCS7(_BLOCK_OCTETS * 8).padder()
    padded = padder.update(plain) + padder.finalize()
    encryptor = Cipher(algorithms.AES256(key), modes.CBC(vector)).encryptor()
    return encryptor.update(padded) + encryptor.finalize()


def _pem(envelope: bytes) -> bytes:
    lines = textwrap.wrap(base64.b64encode(envelope).decode("ascii"), 64)
    return "\n".join((f"-----BEGIN {_LABEL}-----", *lines, f"-----END {_LABEL}-----", "")).encode("ascii")


def _spelled(passphrase: Secret) -> bytes:
    """Never raises: an encoding error would carry the passphrase in itself."""
    return passphrase.reveal().encode("utf-8", "surrogatepass")


def unlocked(pem: bytes, passphrase: Secret | None) -> StoredKey:
    """The key out of its file; raises `KeyNotOpened`."""
    try:
        key = load_pem_private_key(pem, _spelled(passphrase) if passphrase is not None else None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise KeyNotOpened from None
    if not isinstance(key, StoredKey):
        raise KeyNotOpened
    return key


def read_rounds(pem: bytes) -> int:
    """What a guess at the passphrase of a key file made by `locked_pem` costs; `NotDer` for any other file."""
    try:
        envelope = base64.b64decode(b"".join(pem.splitlines()[1:-1]), validate=True)
        algorithm, _ = der.children(envelope, der.whole(envelope, der.SEQUENCE))
        _, scheme = der.children(envelope, algorithm)
        stretching, _ = der.children(envelope, scheme)
        _, parameters = der.children(envelope, stretching)
        return der.whole_number(envelope, der.children(envelope, parameters)[1])
    except (ValueError, IndexError):
        raise der.NotDer("shape") from None
