"""Key pairs: how they are made and how they are told apart."""

import hashlib

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from kiosk.pki.signer import KeyAlgorithm

PUBLIC_EXPONENT = 65537

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey

_RSA_BITS = {KeyAlgorithm.RSA_2048: 2048, KeyAlgorithm.RSA_3072: 3072}


def new_key(algorithm: KeyAlgorithm) -> PrivateKey:
    """A fresh key pair; RSA takes from 60 milliseconds to seconds and leaves the interpreter free meanwhile."""
    if algorithm is KeyAlgorithm.P_256:
        return ec.generate_private_key(ec.SECP256R1())
    return rsa.generate_private_key(PUBLIC_EXPONENT, _RSA_BITS[algorithm])


def throw_away_key_like(key: PrivateKey) -> PrivateKey:
    """A key nobody keeps that signs with the same algorithm as `key`, so that the TBSCertificate comes out equal."""
    return new_key(KeyAlgorithm.RSA_2048 if isinstance(key, rsa.RSAPrivateKey) else KeyAlgorithm.P_256)


def is_kind(public_key: object, algorithm: KeyAlgorithm) -> bool:
    """Whether a public key is exactly what the order asks for."""
    if algorithm is KeyAlgorithm.P_256:
        return isinstance(public_key, ec.EllipticCurvePublicKey) and isinstance(
            public_key.curve, ec.SECP256R1
        )
    return (
        isinstance(public_key, rsa.RSAPublicKey)
        and public_key.key_size == _RSA_BITS[algorithm]
        and public_key.public_numbers().e == PUBLIC_EXPONENT
    )


def subject_public_key_info(public_key: PublicKey) -> bytes:
    """The public key in DER (RFC 5280 4.1.2.7)."""
    return public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def public_key_sha256(public_key: PublicKey) -> str:
    """SHA-256 over SubjectPublicKeyInfo, hexadecimal."""
    return hashlib.sha256(subject_public_key_info(public_key)).hexdigest()
