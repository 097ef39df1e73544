"""The p12 file (PKCS #12, RFC 7292) a customer imports: encrypted under the login password, MAC included.

cryptography writes the MAC with 2,048 rounds whatever it is told. Because the password is the login password, that MAC
would be the cheap place to guess it, so it is computed anew with as many rounds as the rest.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.serialization import pkcs12

from kiosk.pki import der
from kiosk.pki.keys import PrivateKey
from kiosk.pki.signer import P12Flavour
from kiosk.secret import Secret

ROUNDS = 100_000
"""For key bag, certificate bag and MAC each; Windows' importer stops at 600,000 in all."""

MAC_SALT_OCTETS = 16

_PASSWORD = re.compile(r"[\x21-\x7e]+")
"""What every importer turns into the same key; a yen sign opens in some and not in others."""

_MAC_HASHES = {
    "2.16.840.1.101.3.4.2.1": "sha256",
    "2.16.840.1.101.3.4.2.2": "sha384",
    "2.16.840.1.101.3.4.2.3": "sha512",
    "1.3.14.3.2.26": "sha1",
}


class BundleWrong(ValueError):
    """The p12 cannot be made, or does not hold what it must; never names the password."""


def make(
    *,
    key: PrivateKey,
    certificate: x509.Certificate,
    chain: Sequence[x509.Certificate] = (),
    password: Secret,
    friendly_name: str,
    flavour: P12Flavour = P12Flavour.MODERN,
    mac_key: "MacKey | None" = None,
) -> bytes:
    """A p12 in DER with `ROUNDS` everywhere; `BundleWrong` for a password that importers would read differently.

    `mac_key` is one that `stretch_ahead` made of this very password, and is never used for a second p12.
    """
    spelled = _spelled(password)
    key_encryption, mac_hash = _FLAVOURS[flavour]
    encryption = (
        serialization.PrivateFormat.PKCS12.encryption_builder()
        .kdf_rounds(ROUNDS)
        .key_cert_algorithm(key_encryption)
        .hmac_hash(mac_hash)
        .build(spelled)
    )
    written = pkcs12.serialize_key_and_certificates(
        friendly_name.encode("utf-8"), key, certificate, list(chain) or None, encryption
    )
    return with_new_mac(written, password, ROUNDS, mac_key)


@dataclass(frozen=True)
class MacKey:
    """The stretched key of one p12's MAC, made before there was anything to protect."""

    salt: bytes
    key: bytes = field(repr=False)


def stretch_ahead(password: Secret, flavour: P12Flavour = P12Flavour.MODERN) -> MacKey:
    """Do ahead what depends on the password alone, half of what a p12 takes; raises `BundleWrong` as `make` does."""
    _, mac_hash = _FLAVOURS[flavour]
    salt = secrets.token_bytes(MAC_SALT_OCTETS)
    return MacKey(salt, derive_mac_key(mac_hash.name, password, salt, ROUNDS))


_FLAVOURS = {
    P12Flavour.MODERN: (pkcs12.PBES.PBESv2SHA256AndAES256CBC, hashes.SHA256()),
    P12Flavour.LEGACY_3DES: (pkcs12.PBES.PBESv1SHA1And3KeyTripleDESCBC, hashes.SHA1()),  # noqa: S303  what Server 2016 can read
}


def verify(
    bundle: bytes, *, key: PrivateKey, certificate: x509.Certificate, password: Secret, friendly_name: str
) -> None:
    """Open the p12 again with the password and compare everything in it; `BundleWrong` when something differs."""
    spelled = _spelled(password)
    try:
        opened = pkcs12.load_pkcs12(bundle, spelled)
    except ValueError:
        raise BundleWrong("does not open with its password") from None
    if opened.cert is None or opened.cert.certificate != certificate:
        raise BundleWrong("holds another certificate")
    if opened.cert.friendly_name != friendly_name.encode("utf-8"):
        raise BundleWrong("holds another name")
    if not isinstance(opened.key, PrivateKey) or opened.key.public_key() != key.public_key():
        raise BundleWrong("holds another key")
    if read_mac_rounds(bundle) != ROUNDS:
        raise BundleWrong("its MAC is cheap to guess against")


def _spelled(password: Secret) -> bytes:
    spelled = password.reveal()
    if not _PASSWORD.fullmatch(spelled):
        raise BundleWrong("password is not printable ASCII")
    return spelled.encode("ascii")


@dataclass(frozen=True)
class _Parts:
    """A PFX taken apart (RFC 7292 4)."""

    version: bytes
    auth_safe: bytes
    """The ContentInfo, as it stands in the file."""
    protected: bytes
    """What the MAC is computed over: the content of authSafe's OCTET STRING."""
    digest_algorithm: bytes
    mac_hash: str
    rounds: int


def read_mac_rounds(bundle: bytes) -> int:
    """How many rounds a guesser pays for each password tried against the MAC."""
    return _take_apart(bundle).rounds


def with_new_mac(bundle: bytes, password: Secret, rounds: int, ahead: MacKey | None = None) -> bytes:
    """The same p12 with a fresh salt and this many rounds in its MAC (RFC 7292 appendix B)."""
    parts = _take_apart(bundle)
    if ahead is None:
        salt = secrets.token_bytes(MAC_SALT_OCTETS)
        ahead = MacKey(salt, derive_mac_key(parts.mac_hash, password, salt, rounds))
    digest = hmac.digest(ahead.key, parts.protected, parts.mac_hash)
    digest_info = der.sequence(parts.digest_algorithm, der.octet_string(digest))
    mac_data = der.sequence(digest_info, der.octet_string(ahead.salt), der.integer(rounds))
    return der.sequence(parts.version, parts.auth_safe, mac_data)


def derive_mac_key(mac_hash: str, password: Secret, salt: bytes, rounds: int) -> bytes:
    """RFC 7292 B.2 with ID 3; one block is enough because a MAC key is as long as the hash."""
    block = hashlib.new(mac_hash).block_size
    as_bmp_string = _spelled(password).decode("ascii").encode("utf-16-be") + b"\x00\x00"
    hashed = b"\x03" * block + _filled(salt, block) + _filled(as_bmp_string, block)
    digest = getattr(hashlib, mac_hash)
    for _ in range(rounds):
        hashed = digest(hashed).digest()
    return hashed


def _filled(text: bytes, block: int) -> bytes:
    """The text repeated to a whole number of blocks."""
    length = block * -(-len(text) // block)
    return (text * (length // len(text) + 1))[:length]


def _take_apart(bundle: bytes) -> _Parts:
    try:
        version, auth_safe, mac_data = der.children(bundle, der.whole(bundle, der.SEQUENCE))
        _, wrapped = der.children(bundle, auth_safe)
        (content,) = der.children(bundle, wrapped)
        digest_info, _, rounds = der.children(bundle, mac_data)
        digest_algorithm, _ = der.children(bundle, digest_info)
        name = der.children(bundle, digest_algorithm)[0]
    except ValueError:
        raise BundleWrong("is no p12 with a MAC") from None
    mac_hash = _HASH_BY_OID.get(bundle[name.start : name.end])
    if mac_hash is None:
        raise BundleWrong("its MAC uses an unknown hash")
    return _Parts(
        version=bundle[version.start : version.end],
        auth_safe=bundle[auth_safe.start : auth_safe.end],
        protected=bundle[content.body_start : content.end],
        digest_algorithm=bundle[digest_algorithm.start : digest_algorithm.end],
        mac_hash=mac_hash,
        rounds=der.whole_number(bundle, rounds),
    )


_HASH_BY_OID = {der.object_identifier(dotted): name for dotted, name in _MAC_HASHES.items()}
