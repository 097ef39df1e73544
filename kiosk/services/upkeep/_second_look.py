"""Whether a stored certificate is what the registry says, told from the standards and the manual alone.

Nothing here comes from the code that writes certificates (`kiosk.pki.profiles`, `lint`, `authority`, `crl`): a mistake
there must not vouch for itself.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from enum import StrEnum
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID, NameOID

from db.tables import Certificate

JAPAN: Final = timezone(timedelta(hours=9))
LIFE_IN_DAYS: Final = 366
"""The day of issue included (R-02)."""
MOST_SERIAL_OCTETS: Final = 20
LEAST_RSA_BITS: Final = 2048

SUBJECT: Final = [
    NameOID.COUNTRY_NAME,
    NameOID.ORGANIZATION_NAME,
    NameOID.ORGANIZATIONAL_UNIT_NAME,
    NameOID.COMMON_NAME,
]
CRITICAL: Final = {
    ExtensionOID.BASIC_CONSTRAINTS: True,
    ExtensionOID.KEY_USAGE: True,
    ExtensionOID.EXTENDED_KEY_USAGE: False,
    ExtensionOID.SUBJECT_KEY_IDENTIFIER: False,
    ExtensionOID.AUTHORITY_KEY_IDENTIFIER: False,
    ExtensionOID.CRL_DISTRIBUTION_POINTS: False,
    ExtensionOID.AUTHORITY_INFORMATION_ACCESS: False,
    ExtensionOID.CERTIFICATE_POLICIES: False,
    ExtensionOID.SUBJECT_ALTERNATIVE_NAME: False,
}
"""The extensions that a certificate has, all of them and no other, and whether each is critical."""


REASONS: Final = {1: "keyCompromise", 3: "affiliationChanged", 4: "superseded", 5: "cessationOfOperation"}
"""Of RFC 5280 5.3.1, those that are given."""
REASON_OF: Final = {
    "pc_change": "superseded",
    "p12_unopened": "superseded",
    "medium_lost": "keyCompromise",
    "pc_lost": "keyCompromise",
    "left": "cessationOfOperation",
    "reassigned": "affiliationChanged",
    "undelivered": "cessationOfOperation",
}
"""E-79 once more; a reason that is not here is not named on the list."""
_AFTER_THE_SERIAL: Final = re.compile(
    rb"(?:\x17\x0d(?P<short>\d{12})Z|\x18\x0f(?P<long>\d{14})Z)"
    rb"(?:\x30\x0c\x30\x0a\x06\x03\x55\x1d\x15\x04\x03\x0a\x01(?P<reason>.))?",
    re.DOTALL,
)
"""A time, and the reason as the only extension (RFC 5280 5.1.2.6)."""


class Misfit(StrEnum):
    """What does not fit."""

    UNREADABLE = "unreadable"
    """No certificate where there must be one."""
    SERIAL = "serial"
    SIGNATURE = "signature"
    """Not this CA's name and signature."""
    OUTLIVES_CA = "outlives_ca"
    DATES = "dates"
    """Not 366 days of Japan, or not those of the registry."""
    SUBJECT = "subject"
    KEY = "key"
    """Another key than was prepared, or one of a kind that is not issued."""
    KEY_TWICE = "key_twice"
    INTENT = "intent"
    """Not what was linted before it was signed (I-4)."""
    EXTENSIONS = "extensions"
    LIVE_AND_LISTED = "live_and_listed"
    """In force in the registry, revoked on the published list."""
    NOT_LISTED = "not_listed"
    """Revoked in the registry, unexpired, and not on the published list: the customer can log in."""
    LISTED_OTHERWISE = "listed_otherwise"
    """On the list with another date or reason."""
    LIST_ENTRY = "list_entry"
    """The stored entry does not say what the row says."""
    UNKNOWN_ON_LIST = "unknown_on_list"
    """On the published list, and not in the registry."""
    NO_LIST = "no_list"
    """There is no published list that this CA signed: whether the revoked can log in was not looked at."""


@dataclass(frozen=True)
class Entry:
    """What a list says about one certificate."""

    revoked_at: datetime
    reason: str
    """Empty where none is given."""


@dataclass(frozen=True, kw_only=True)
class Authority:
    """The CA as a relying party knows it."""

    certificate: x509.Certificate

    @property
    def key_id(self) -> bytes:
        """SubjectKeyIdentifier."""
        return self.certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest


def misfits_of(row: Certificate, user_id: str, authority: Authority) -> Iterator[tuple[Misfit, str]]:
    """What of one signed certificate does not fit, each with a word about it."""
    try:
        certificate = x509.load_der_x509_certificate(row.der or b"")
        extensions = certificate.extensions
    except (ValueError, x509.DuplicateExtension):
        yield Misfit.UNREADABLE, ""
        return
    yield from _in_serial(certificate, row)
    yield from _in_signature(certificate, authority)
    yield from _in_dates(certificate, row)
    yield from _in_subject(certificate, user_id)
    yield from _in_key(certificate, row)
    if hashlib.sha256(certificate.tbs_certificate_bytes).hexdigest() != row.tbs_sha256:
        yield Misfit.INTENT, ""
    for name in sorted(_wrong_extensions(certificate, extensions, authority)):
        yield Misfit.EXTENSIONS, name


def wanted_of(row: Certificate) -> Entry | None:
    """What a list must say about a revoked certificate."""
    if row.revoked_at is None:
        return None
    return Entry(row.revoked_at.replace(microsecond=0), REASON_OF.get(row.revocation_reason or "", ""))


def said_by(entry: x509.RevokedCertificate) -> Entry:
    """What a list says."""
    try:
        reason = str(entry.extensions.get_extension_for_class(x509.CRLReason).value.reason.value)
    except x509.ExtensionNotFound:
        reason = ""
    return Entry(entry.revocation_date_utc, reason)


def in_stored_entry(row: Certificate) -> Iterator[tuple[Misfit, str]]:
    """Whether the entry that goes onto the next list says what the row says."""
    octets = row.crl_entry or bytes(4)
    length = octets[3] if len(octets) > 3 else 0
    serial, rest = int.from_bytes(octets[4 : 4 + length], "big"), octets[4 + length :]
    said = _AFTER_THE_SERIAL.fullmatch(rest)
    head = b"\x30%c\x02%c" % (max(len(octets) - 2, 0) & 0xFF, length)
    if (
        said is None
        or octets[:4] != head
        or serial != int(row.serial, 16)
        or _entry_of(said) != wanted_of(row)
    ):
        yield Misfit.LIST_ENTRY, octets.hex()


def _entry_of(said: re.Match[bytes]) -> Entry | None:
    digits = (said["long"] or b"20" + said["short"]).decode("ascii")
    try:
        moment = datetime.strptime(digits, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None
    return Entry(moment, REASONS.get(said["reason"][0], "?") if said["reason"] else "")


def _in_serial(certificate: x509.Certificate, row: Certificate) -> Iterator[tuple[Misfit, str]]:
    serial = certificate.serial_number
    if serial <= 0 or serial.bit_length() > MOST_SERIAL_OCTETS * 8 - 1 or serial != int(row.serial, 16):
        yield Misfit.SERIAL, f"{serial:X}"


def _in_signature(certificate: x509.Certificate, authority: Authority) -> Iterator[tuple[Misfit, str]]:
    try:
        certificate.verify_directly_issued_by(authority.certificate)
    except (InvalidSignature, ValueError, TypeError):
        yield Misfit.SIGNATURE, certificate.issuer.rfc4514_string()
    if certificate.not_valid_after_utc > authority.certificate.not_valid_after_utc:
        yield Misfit.OUTLIVES_CA, f"{certificate.not_valid_after_utc:%Y-%m-%d}"


def _in_dates(certificate: x509.Certificate, row: Certificate) -> Iterator[tuple[Misfit, str]]:
    begins, ends = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    stored = (row.not_before.astimezone(UTC), row.not_after.astimezone(UTC))
    in_japan = (_midnight(row.issue_date), _midnight(row.last_valid_date + timedelta(days=1)))
    if (begins, ends) != stored or (begins, ends + timedelta(seconds=1)) != in_japan:
        yield Misfit.DATES, f"{begins:%Y-%m-%dT%H:%M:%SZ}/{ends:%Y-%m-%dT%H:%M:%SZ}"
    elif ends - begins != timedelta(days=LIFE_IN_DAYS) - timedelta(seconds=1):
        yield Misfit.DATES, f"{(ends - begins).total_seconds():.0f} s"


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=JAPAN).astimezone(UTC)


def _in_subject(certificate: x509.Certificate, user_id: str) -> Iterator[tuple[Misfit, str]]:
    parts = [(one.oid, one.value) for one in certificate.subject]
    if [name for name, _ in parts] != SUBJECT or parts[0][1] != "JP" or parts[-1][1] != user_id:
        yield Misfit.SUBJECT, certificate.subject.rfc4514_string()


def _in_key(certificate: x509.Certificate, row: Certificate) -> Iterator[tuple[Misfit, str]]:
    key = certificate.public_key()
    octets = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    if hashlib.sha256(octets).hexdigest() != row.key_sha256:
        yield Misfit.KEY, "other"
    if isinstance(key, rsa.RSAPublicKey):
        if key.key_size < LEAST_RSA_BITS or key.public_numbers().e != 65537:
            yield Misfit.KEY, f"rsa-{key.key_size}"
    elif not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        yield Misfit.KEY, key.curve.name if isinstance(key, ec.EllipticCurvePublicKey) else type(key).__name__


def _wrong_extensions(
    certificate: x509.Certificate, extensions: x509.Extensions, authority: Authority
) -> set[str]:
    """The names of extensions that are missing, too many, or do not say what they must."""
    found = {one.oid: one for one in extensions}
    wrong = {_name(oid) for oid in found.keys() ^ CRITICAL.keys()}
    wrong |= {_name(oid) for oid in found.keys() & CRITICAL.keys() if found[oid].critical != CRITICAL[oid]}
    for oid in found.keys() & CRITICAL.keys():
        if not _says_what_it_must(found[oid].value, certificate, authority):
            wrong.add(_name(oid))
    return wrong


def _name(oid: x509.ObjectIdentifier) -> str:
    return str(getattr(oid, "_name", oid.dotted_string))


def _says_what_it_must(
    value: x509.ExtensionType, certificate: x509.Certificate, authority: Authority
) -> bool:
    match value:
        case x509.BasicConstraints():
            return not value.ca
        case x509.KeyUsage():
            return _digital_signature_alone(value)
        case x509.ExtendedKeyUsage():
            return list(value) == [ExtendedKeyUsageOID.CLIENT_AUTH]
        case x509.SubjectKeyIdentifier():
            return value == x509.SubjectKeyIdentifier.from_public_key(certificate.public_key())
        case x509.AuthorityKeyIdentifier():
            return value.key_identifier == authority.key_id and value.authority_cert_issuer is None
        case x509.CRLDistributionPoints():
            return len(value) == 1 and _one_http(value[0].full_name) and value[0].reasons is None
        case x509.AuthorityInformationAccess():
            return len(value) == 1 and _one_http([value[0].access_location])
        case x509.CertificatePolicies():
            return len(value) == 1 and value[0].policy_qualifiers is None
        case x509.SubjectAlternativeName():
            return len(value) == 1 and isinstance(next(iter(value)), x509.RFC822Name)
    return False


def _digital_signature_alone(usage: x509.KeyUsage) -> bool:
    others = (
        usage.content_commitment,
        usage.key_encipherment,
        usage.data_encipherment,
        usage.key_agreement,
        usage.key_cert_sign,
        usage.crl_sign,
    )
    return usage.digital_signature and not any(others)


def _one_http(names: list[x509.GeneralName] | None) -> bool:
    """Fetched before any certificate can be checked, so plain http (RFC 5280 8)."""
    return names is not None and len(names) == 1 and str(names[0].value).startswith("http://")
