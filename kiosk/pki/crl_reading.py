"""Reading a published list: what it says, who signed it, and what an older one held that it lacks."""

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.serialization import Encoding

from kiosk.pki import der
from kiosk.pki.crl import CrlFrame, entries_of, to_be_signed
from kiosk.pki.signer import CrlOrder

_PEM_BEGINS = b"-----BEGIN"
_TIMES = {der.UTC_TIME: "%y%m%d%H%M%SZ", der.GENERALIZED_TIME: "%Y%m%d%H%M%SZ"}
_EXTENSIONS = der.CONTEXT | 0
_CRL_NUMBER = der.object_identifier("2.5.29.20")


class NotACrl(ValueError):
    """The octets are no full CRL with a number (RFC 5280 5)."""


@dataclass(frozen=True, kw_only=True)
class ReadCrl:
    """A full CRL, taken apart as far as it is needed; its entries stay joined."""

    issuer: bytes = field(repr=False)
    """Name in DER."""
    number: int
    this_update: datetime
    next_update: datetime
    """Past this moment every relying party refuses everybody."""
    data: bytes = field(repr=False)
    """The whole list in DER."""
    signature: bytes = field(repr=False)
    _listed: slice = field(repr=False)
    _signed: slice = field(repr=False)

    @property
    def entries(self) -> bytes:
        """The elements of `revokedCertificates`, one after the other."""
        return self.data[self._listed]

    @property
    def entries_begin(self) -> int:
        """At which octet the entries begin."""
        return int(self._listed.start)

    @property
    def signed(self) -> bytes:
        """What the signature is over."""
        return self.data[self._signed]

    def is_signed_over(self, frame: CrlFrame, entries: bytes) -> bool:
        """Whether these are the octets that the signature is over."""
        begin, end = self._signed.start, self._signed.stop
        entries_begin, tail_begin = begin + len(frame.head), end - len(frame.tail)
        return (
            entries_begin + len(entries) == tail_begin
            and self.data.startswith(frame.head, begin)
            and self.data.startswith(entries, entries_begin)
            and self.data.startswith(frame.tail, tail_begin)
        )

    @property
    def frame(self) -> CrlFrame:
        """What stands around the entries."""
        return CrlFrame(self.data[: self._listed.start], self.data[self._listed.stop :])

    def holds(self, entries: bytes) -> bool:
        """Whether these are the entries, without taking them out."""
        length = self._listed.stop - self._listed.start
        return length == len(entries) and self.data.startswith(entries, self._listed.start)

    def is_signed_by(self, certificate: x509.Certificate, ahead: "HashAhead | None" = None) -> bool:
        """Whether issuer name and signature (SHA-256) are those of this CA."""
        key, name = _issuer(certificate)
        digest = None if ahead is None else ahead.hash_of(self)
        if digest is None:
            digest = hashlib.sha256(memoryview(self.data)[self._signed]).digest()
        hashed = Prehashed(hashes.SHA256())
        try:
            if isinstance(key, rsa.RSAPublicKey):
                key.verify(self.signature, digest, padding.PKCS1v15(), hashed)
            elif isinstance(key, ec.EllipticCurvePublicKey):
                key.verify(self.signature, digest, ec.ECDSA(hashed))
            else:
                return False
        except InvalidSignature:
            return False
        return self.issuer == name


class HashAhead:
    """The hash that a list must be signed over, made before the list is there, while it is being signed."""

    def __init__(self, order: CrlOrder, issuer: x509.Certificate) -> None:
        self._order = order
        self._issuer = issuer
        self._made: tuple[CrlFrame, bytes] | None = None

    def make(self) -> None:
        """Make it now."""
        frame = to_be_signed(self._order, self._issuer)
        made = hashlib.sha256(frame.head)
        made.update(self._order.entries)
        made.update(frame.tail)
        self._made = frame, made.digest()

    def hash_of(self, made: ReadCrl) -> bytes | None:
        """It, if it is over exactly what this list is signed over."""
        if self._made is None:
            return None
        frame, digest = self._made
        return digest if made.is_signed_over(frame, self._order.entries) else None


@dataclass(frozen=True, kw_only=True)
class Revoked:
    """What one entry says."""

    serial: int
    revoked_at: datetime
    reason: int
    """RFC 5280 5.3.1; 0 where none is given."""


def read_crl(data: bytes) -> ReadCrl:
    """A list in DER or PEM; raises `NotACrl`.

    Reads no more than the frame, so that a list of a hundred thousand entries costs a few milliseconds.
    """
    try:
        if data.lstrip().startswith(_PEM_BEGINS):
            data = x509.load_pem_x509_crl(data).public_bytes(Encoding.DER)
        return _read(data)
    except (ValueError, IndexError):
        raise NotACrl from None


@lru_cache(maxsize=8)
def _issuer(certificate: x509.Certificate) -> tuple[CertificatePublicKeyTypes, bytes]:
    """Key, and name in DER: read once, for to take them out takes as long as to verify a signature."""
    return certificate.public_key(), certificate.subject.public_bytes()


def missing_entries(old: ReadCrl, joined: bytes) -> tuple[bytes, ...]:
    """The entries of a list that these joined entries lack."""
    if old.holds(joined):
        return ()
    kept = frozenset(entries_of(joined))
    return tuple(entry for entry in entries_of(old.entries) if entry not in kept)


def revoked_in(entry: bytes) -> Revoked:
    """What one element says; raises `NotDer`."""
    serial, revoked_at, *extensions = der.children(entry, der.whole(entry, der.SEQUENCE))
    value = _extension(entry, extensions[0], der.object_identifier("2.5.29.21")) if extensions else None
    return Revoked(
        serial=der.whole_number(entry, serial),
        revoked_at=_time(entry, revoked_at),
        reason=0 if value is None else value[-1],
    )


def _read(data: bytes) -> ReadCrl:
    to_be_signed, _, signature = der.children(data, der.whole(data, der.SEQUENCE))
    _, _, issuer, this_update, next_update, *rest = der.children(data, to_be_signed)
    listed = [one for one in rest if one.tag == der.SEQUENCE]
    (extensions,) = (one for one in rest if one.tag == _EXTENSIONS)
    number = _extension(data, der.children(data, extensions)[0], _CRL_NUMBER)
    if number is None:
        raise NotACrl
    return ReadCrl(
        issuer=data[issuer.start : issuer.end],
        number=der.whole_number(number, der.whole(number, der.INTEGER)),
        this_update=_time(data, this_update),
        next_update=_time(data, next_update),
        data=data,
        signature=data[signature.body_start + 1 : signature.end],
        _listed=slice(listed[0].body_start, listed[0].end) if listed else slice(0, 0),
        _signed=slice(to_be_signed.start, to_be_signed.end),
    )


def _extension(data: bytes, extensions: der.Element, identifier: bytes) -> bytes | None:
    """The value of one extension."""
    for one in der.children(data, extensions):
        name, *_, value = der.children(data, one)
        if data[name.start : name.end] == identifier:
            return data[value.body_start : value.end]
    return None


def _time(data: bytes, element: der.Element) -> datetime:
    if element.tag not in _TIMES:
        raise der.NotDer("time")
    text = data[element.body_start : element.end].decode("ascii")
    return datetime.strptime(text, _TIMES[element.tag]).replace(tzinfo=UTC)
