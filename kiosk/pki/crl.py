"""Certificate revocation lists: one full list, joined from entries that were encoded when the certificate was revoked.

No IssuingDistributionPoint and no delta: nginx and Apache ignore deltas silently and lock everybody out over scoped
lists.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache, partial

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

from kiosk.pki import der
from kiosk.pki.crl_known import ONE, Known, NotEntries
from kiosk.pki.keys import PrivateKey
from kiosk.pki.signer import CrlOrder

BACKDATED = timedelta(minutes=5)
"""A relying party whose clock is slow refuses a list from its future."""

LIFE = timedelta(days=7)
"""From publication to nextUpdate; a list past it locks everybody out."""

MAX_NUMBER_BITS = 159
"""20 octets (RFC 5280 5.2.3)."""

_VERSION_2 = der.integer(1)
_REASON_CODE = der.object_identifier("2.5.29.21")
_AUTHORITY_KEY_IDENTIFIER = der.object_identifier("2.5.29.35")
_CRL_NUMBER = der.object_identifier("2.5.29.20")
_SHA256_WITH_RSA = der.sequence(der.object_identifier("1.2.840.113549.1.1.11"), der.null())
_ECDSA_WITH_SHA256 = der.sequence(der.object_identifier("1.2.840.10045.4.3.2"))
_NO_UNUSED_BITS = b"\x00"
_BIT_STRING = 0x03


NOTHING = Known()
"""Of a CA that has signed no list yet."""


class CrlOrderWrong(ValueError):
    """A list that must not be signed."""


def crl_window(now: datetime) -> tuple[datetime, datetime]:
    """thisUpdate and nextUpdate of a list published now, in whole seconds."""
    moment = now.replace(microsecond=0)
    return moment - BACKDATED, moment + LIFE


def entry_der(serial: int, revoked_at: datetime, reason: int) -> bytes:
    """One `revokedCertificates` element (RFC 5280 5.1.2.6); `reason` 0 is expressed by leaving it out (5.3.1)."""
    fields = [der.integer(serial), der.time(revoked_at)]
    if reason:
        code = der.octet_string(der.tlv(der.ENUMERATED, bytes((reason,))))
        fields.append(der.sequence(der.sequence(_REASON_CODE, code)))
    return der.sequence(*fields)


def entries_of(joined: bytes) -> list[bytes]:
    """The single elements of a joined list; `NotDer` when the octets are no such list.

    Lists of others are read as well, whose entries may be longer than ours.
    """
    found = ONE.findall(joined)
    if sum(map(len, found)) == len(joined):
        return found
    elements = der.children(joined, der.Element(der.SEQUENCE, 0, 0, len(joined)))
    return [joined[one.start : one.end] for one in elements]


@dataclass(frozen=True)
class CrlFrame:
    """A signed list without its entries, which stand between `head` and `tail`."""

    head: bytes
    tail: bytes

    def around(self, entries: bytes) -> bytes:
        """The whole list in DER."""
        return b"".join((self.head, entries, self.tail))


def signed_crl(order: CrlOrder, issuer: x509.Certificate, key: PrivateKey) -> bytes:
    """A full CRL in DER: version 2, AuthorityKeyIdentifier, CRLNumber (RFC 5280 5).

    Raises `CrlOrderWrong` for a number, a window or entries that a list must not have.
    """
    frame, _ = signed_frame(order, issuer, key)
    return frame.around(order.entries)


def signed_frame(
    order: CrlOrder, issuer: x509.Certificate, key: PrivateKey, known: Known = NOTHING
) -> tuple[CrlFrame, Known]:
    """The same without the entries, which are megabytes and known to whoever ordered the list; and what is known now.

    `known` are the entries of a list before: of an order that has one more, only that one is looked at.
    """
    _check(order)
    try:
        known, new = known.followed_by(order.entries)
    except NotEntries as wrong:
        raise CrlOrderWrong(*wrong.args) from None
    alone = _frame(replace(order, entries=new), issuer, _no_signature)
    _require_readable(alone.around(new))
    return _frame(order, issuer, partial(_signature, key)), known


def to_be_signed(order: CrlOrder, issuer: x509.Certificate) -> CrlFrame:
    """What the signature of a list is over (RFC 5280 5.1.2), without the entries in its middle."""
    told = _told_of(issuer)
    begins = b"".join(
        (
            _VERSION_2,
            told.algorithm,
            told.name,
            der.time(order.this_update),
            der.time(order.next_update),
            _before_entries(order.entries),
        )
    )
    extensions = der.explicit(0, der.sequence(told.key_identifier, _crl_number(order.number)))
    length = len(begins) + len(order.entries) + len(extensions)
    return CrlFrame(der.header(der.SEQUENCE, length) + begins, extensions)


def _frame(order: CrlOrder, issuer: x509.Certificate, sign: Callable[..., bytes]) -> CrlFrame:
    inner = to_be_signed(order, issuer)
    signature = sign(inner.head, order.entries, inner.tail)
    tail = inner.tail + _told_of(issuer).algorithm + der.tlv(_BIT_STRING, _NO_UNUSED_BITS, signature)
    head = der.header(der.SEQUENCE, len(inner.head) + len(order.entries) + len(tail)) + inner.head
    return CrlFrame(head, tail)


def _require_readable(crl_der: bytes) -> None:
    try:
        x509.load_der_x509_crl(crl_der)
    except ValueError:
        raise CrlOrderWrong("the entries are no revokedCertificates") from None


def _no_signature(*_message: bytes) -> bytes:
    """Of a list that is only read."""
    return b""


def _signature(key: PrivateKey, *message: bytes) -> bytes:
    """Over the parts one after the other, without copying them together."""
    digest = hashlib.sha256()
    for part in message:
        digest.update(part)
    hashed = Prehashed(hashes.SHA256())
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(digest.digest(), padding.PKCS1v15(), hashed)
    return key.sign(digest.digest(), ec.ECDSA(hashed))


def _before_entries(entries: bytes) -> bytes:
    """RFC 5280 5.1.2.6: with nothing revoked the field must be absent, not empty."""
    return der.header(der.SEQUENCE, len(entries)) if entries else b""


@dataclass(frozen=True)
class _Told:
    """What every list of an issuer says alike, in DER."""

    name: bytes
    algorithm: bytes
    key_identifier: bytes


@lru_cache(maxsize=8)
def _told_of(issuer: x509.Certificate) -> _Told:
    """Read once: a revocation waits for several looks at it."""
    is_rsa = isinstance(issuer.public_key(), rsa.RSAPublicKey)
    return _Told(
        name=issuer.subject.public_bytes(),
        algorithm=_SHA256_WITH_RSA if is_rsa else _ECDSA_WITH_SHA256,
        key_identifier=_authority_key_identifier(issuer),
    )


def _authority_key_identifier(issuer: x509.Certificate) -> bytes:
    key_id = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
    return der.sequence(_AUTHORITY_KEY_IDENTIFIER, der.octet_string(der.sequence(der.tlv(0x80, key_id))))


def _crl_number(number: int) -> bytes:
    return der.sequence(_CRL_NUMBER, der.octet_string(der.integer(number)))


def _check(order: CrlOrder) -> None:
    if order.number < 1 or order.number.bit_length() > MAX_NUMBER_BITS:
        raise CrlOrderWrong("number")
    if order.this_update >= order.next_update:
        raise CrlOrderWrong("window")
