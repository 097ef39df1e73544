"""The signer itself, in whatever process it runs: the only code that touches private keys."""

import hashlib
import hmac
import secrets
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from kiosk.errors import IssueFailed, SignerLocked, SignerUnavailable
from kiosk.pki import pkcs12
from kiosk.pki.authority import CertificateAuthority, Twin
from kiosk.pki.ca_files import CaFolder
from kiosk.pki.crl import CrlFrame
from kiosk.pki.key_reserve import KeyReserve
from kiosk.pki.keys import PrivateKey, public_key_sha256
from kiosk.pki.profiles import Profile
from kiosk.pki.signer import (
    AuthorityFacts,
    CertificateOrder,
    CrlOrder,
    KeyAlgorithm,
    Prepared,
    nothing_else,
)
from kiosk.pki.signing_key import KeyNotOpened, as_written, unlocked
from kiosk.secret import Secret

MOST_HELD = 16
"""Key pairs kept at once; one counter has one customer, so the seventeenth means that the oldest was forgotten."""


@dataclass(frozen=True)
class _Bundled:
    """A p12 that was made and not yet opened again."""

    p12: bytes = field(repr=False)
    password: Secret
    friendly_name: str


@dataclass(frozen=True)
class _Expected:
    """The customer who is about to press."""

    password: Secret
    mac_key: pkcs12.MacKey


@dataclass
class _Held:
    """A customer's key pair between order and p12."""

    key: PrivateKey = field(repr=False)
    twin: Twin = field(repr=False)
    algorithm: KeyAlgorithm
    certificate: x509.Certificate | None = None
    bundled: _Bundled | None = None
    confirmed: bool = False

    def wipe(self) -> None:
        """Overwrite the password of a p12 that nobody will open again."""
        if self.bundled is not None:
            self.bundled.password.wipe()


class LocalSigner:
    """A `Signer` in this very process; locked until `unlock`.

    The screen process uses `SignerProcess`, which runs one of these behind a socket.
    """

    def __init__(self, folder: CaFolder, profile: Profile) -> None:
        self._folder = folder
        self._profile = profile
        self._opened: _Opened | None = None
        self._held: OrderedDict[str, _Held] = OrderedDict()
        self._expected: _Expected | None = None
        self._reserve = KeyReserve()

    def unlock(self, passphrase: Secret) -> Self:
        """Open the CA key.

        Raises `SignerLocked` for a wrong passphrase and `SignerUnavailable` for a folder that others may read, or
        whose key and certificate do not belong together.
        """
        if self._folder.loosely_kept():
            raise SignerUnavailable
        try:
            self._opened = _opened(self._folder, self._profile, as_written(passphrase))
        except KeyNotOpened:
            raise SignerLocked from None
        except (OSError, ValueError):
            raise SignerUnavailable from None
        return self

    def facts(self) -> AuthorityFacts:
        """The CA in force; answered while locked as well."""
        if self._opened is not None:
            return self._opened.facts
        try:
            return self._folder.facts()
        except (OSError, ValueError):
            raise SignerUnavailable from None

    def expect(self, password: Secret, algorithm: KeyAlgorithm) -> None:
        """Make a key pair and stretch the MAC key; a password that no p12 takes is refused at the bundle."""
        self._reserve.refill(algorithm)
        with suppress(pkcs12.BundleWrong):
            mac_key = pkcs12.stretch_ahead(password, self._profile.p12_flavour)
            self.expect_nothing()
            self._expected = _Expected(Secret(password.reveal()), mac_key)

    def expect_nothing(self) -> None:
        """Wipe the password that was expected."""
        expected, self._expected = self._expected, None
        if expected is not None:
            expected.password.wipe()

    def prepare(self, order: CertificateOrder) -> Prepared:
        """Make the key pair and the twin, lint the twin."""
        authority = self._unlocked().authority
        key = self._reserve.take(order.key_algorithm)
        twin = authority.twin(order, key.public_key())
        handle = secrets.token_hex(16)
        self._held[handle] = _Held(key, twin, order.key_algorithm)
        while len(self._held) > MOST_HELD:
            self._held.popitem(last=False)[1].wipe()
        return Prepared(
            handle=handle,
            public_key_sha256=public_key_sha256(key.public_key()),
            tbs_sha256=hashlib.sha256(twin.to_be_signed).hexdigest(),
        )

    def sign(self, handle: str) -> bytes:
        """The certificate in DER; asked again, the same one."""
        authority = self._unlocked().authority
        held = self._held_under(handle)
        if held.certificate is None:
            held.certificate = authority.sign(held.twin)
        return held.certificate.public_bytes(Encoding.DER)

    def bundle(self, handle: str, password: Secret, friendly_name: str) -> bytes:
        """The p12; nobody gets it before `confirm`."""
        held = self._held_under(handle)
        certificate = held.certificate
        if certificate is None or held.bundled is not None:  # one key goes into one p12
            raise IssueFailed
        try:
            made = pkcs12.make(
                key=held.key,
                certificate=certificate,
                chain=self._chain_for_p12(),
                password=password,
                friendly_name=friendly_name,
                flavour=self._profile.p12_flavour,
                mac_key=self._stretched_for(password),
            )
        except pkcs12.BundleWrong as wrong:
            raise IssueFailed from wrong
        held.bundled = _Bundled(made, Secret(password.reveal()), friendly_name)
        return made

    def confirm(self, handle: str) -> None:
        """Open the bundle again and compare; asked again, the same answer."""
        held = self._held_under(handle)
        if held.certificate is None or held.bundled is None:
            raise IssueFailed
        if held.confirmed:
            return
        bundled = held.bundled
        try:
            pkcs12.verify(
                bundled.p12,
                key=held.key,
                certificate=held.certificate,
                password=bundled.password,
                friendly_name=bundled.friendly_name,
            )
        except pkcs12.BundleWrong as wrong:
            raise IssueFailed from wrong
        held.confirmed = True
        bundled.password.wipe()

    def discard(self, handle: str) -> None:
        """Forget a key pair; the next customer's may then be made ahead."""
        held = self._held.pop(handle, None)
        if held is not None:
            held.wipe()
            self._reserve.refill(held.algorithm)

    def sign_crl(self, order: CrlOrder, meanwhile: Callable[[], None] = nothing_else) -> bytes:
        """A signed full CRL in DER; `meanwhile` comes after it."""
        signed = self._unlocked().authority.sign_crl(order)
        meanwhile()
        return signed

    def frame_crl(self, order: CrlOrder) -> CrlFrame:
        """The same without the entries, for a caller who is far away and has them."""
        return self._unlocked().authority.frame_crl(order)

    @property
    def listed(self) -> bytes:
        """The entries of the list that was signed last, by which such a caller says what is new."""
        return self._unlocked().authority.listed

    def attest(self, message: bytes) -> bytes:
        """Ed25519 signature over a journal checkpoint."""
        return self._unlocked().attestation_key.sign(message)

    def close(self) -> None:
        """Forget every key."""
        self._opened = None
        for held in self._held.values():
            held.wipe()
        self._held.clear()
        self.expect_nothing()
        self._reserve.clear()

    def _unlocked(self) -> "_Opened":
        if self._opened is None:
            raise SignerLocked
        return self._opened

    def _held_under(self, handle: str) -> _Held:
        try:
            return self._held[handle]
        except KeyError:
            raise IssueFailed from None

    def _stretched_for(self, password: Secret) -> pkcs12.MacKey | None:
        """What was done ahead for this very password, once."""
        expected, self._expected = self._expected, None
        if expected is None:
            return None
        same = hmac.compare_digest(expected.password.reveal().encode(), password.reveal().encode())
        expected.password.wipe()
        return expected.mac_key if same else None

    def _chain_for_p12(self) -> tuple[x509.Certificate, ...]:
        """Intermediates always; a self-signed CA only by setting, because Windows warns about it at import."""
        chain = self._unlocked().chain
        return tuple(one for one in chain if one.issuer != one.subject or self._profile.root_in_p12)


@dataclass(frozen=True)
class _Opened:
    """What the passphrase gave access to."""

    facts: AuthorityFacts
    chain: tuple[x509.Certificate, ...]
    authority: CertificateAuthority = field(repr=False)
    attestation_key: ed25519.Ed25519PrivateKey = field(repr=False)


def _opened(folder: CaFolder, profile: Profile, passphrase: Secret) -> _Opened:
    chain, facts = folder.chain(), folder.facts()
    key = unlocked(folder.key.read_bytes(), passphrase)
    attestation_key = unlocked(folder.attestation_key.read_bytes(), passphrase)
    if not isinstance(key, PrivateKey) or key.public_key() != chain[0].public_key():
        raise ValueError("ca.key is not the key of ca.crt")
    if (
        not isinstance(attestation_key, ed25519.Ed25519PrivateKey)
        or _raw(attestation_key.public_key()) != facts.attestation_public_key
    ):
        raise ValueError("attestation.key is not the key of attestation.pub")
    return _Opened(facts, chain, CertificateAuthority(chain[0], key, profile), attestation_key)


def _raw(public_key: ed25519.Ed25519PublicKey) -> bytes:
    return public_key.public_bytes(Encoding.Raw, PublicFormat.Raw)
