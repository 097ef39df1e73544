"""The CA's folder: what lies where, how it is made in one step, and what would be wrong with it."""

import binascii
import errno
import os
import re
import shutil
import stat
import struct
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

from kiosk.pki.crl_difference import alike
from kiosk.pki.crl_reading import ReadCrl, read_crl
from kiosk.pki.new_files import Begun, NewFiles, begin_file, new_files, sync_folder, write_durably
from kiosk.pki.signer import AuthorityFacts

FOLDER_MODE = 0o700
SECRET_MODE = 0o600

_SOMETHING_IS_THERE = (errno.EEXIST, errno.ENOTEMPTY, errno.ENOTDIR)

CRL_DER = "crl.der"
CRL_PEM = "crl.pem"
_PEM_BEGINS = b"-----BEGIN X509 CRL-----\n"
_PEM_WIDTH = 64
_PEM_LINES = struct.Struct(f"{_PEM_WIDTH}s" * 1024)
"""A thousand lines in one step: cut one by one they would cost more than the signature, and all of them at once would
not stay in the processor's cache."""
_PEM_LINE = re.compile(b".{1,%d}" % _PEM_WIDTH)
"""For the lines that are left over, the last of which may be shorter."""
_PEM_STEP = _PEM_LINES.size // 4 * 3
_PEM_OCTETS = _PEM_WIDTH // 4 * 3


@dataclass(frozen=True)
class CaFolder:
    """Where the files of one CA lie."""

    path: Path

    @property
    def certificate(self) -> Path:
        """The CA certificate in PEM, its intermediates after it when it has any."""
        return self.path / "ca.crt"

    @property
    def key(self) -> Path:
        """The CA key, encrypted."""
        return self.path / "ca.key"

    @property
    def attestation_key(self) -> Path:
        """The key that signs journal checkpoints, encrypted under the same passphrase."""
        return self.path / "attestation.key"

    @property
    def attestation_public_key(self) -> Path:
        """Its public half, so that a journal can be verified without the passphrase."""
        return self.path / "attestation.pub"

    @property
    def secrets(self) -> tuple[Path, ...]:
        """The files nobody else may read."""
        return (self.key, self.attestation_key)

    def chain(self) -> tuple[x509.Certificate, ...]:
        """The CA certificate, then its intermediates; `OSError` or `ValueError` when they cannot be read."""
        return tuple(x509.load_pem_x509_certificates(self.certificate.read_bytes()))

    def facts(self) -> AuthorityFacts:
        """What may be known about the CA, without its passphrase; `OSError` or `ValueError` when it cannot be read."""
        certificate = self.chain()[0]
        try:
            key_id = certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
        except x509.ExtensionNotFound:
            raise ValueError("ca.crt has no SubjectKeyIdentifier") from None
        attestation = load_pem_public_key(self.attestation_public_key.read_bytes())
        if not isinstance(attestation, ed25519.Ed25519PublicKey):
            raise ValueError("attestation.pub holds another kind of key")
        return AuthorityFacts(
            subject=certificate.subject.rfc4514_string(),
            key_id=key_id.hex(),
            not_before=certificate.not_valid_before_utc,
            not_after=certificate.not_valid_after_utc,
            certificate_der=certificate.public_bytes(Encoding.DER),
            attestation_public_key=attestation.public_bytes(Encoding.Raw, PublicFormat.Raw),
        )

    def loosely_kept(self) -> tuple[Path, ...]:
        """The folder and secret files that somebody else owns or may open."""
        wanted = {self.path: FOLDER_MODE, **dict.fromkeys(self.secrets, SECRET_MODE)}
        return tuple(path for path, mode in wanted.items() if not _is_private(path, mode))


def _is_private(path: Path, mode: int) -> bool:
    try:
        found = path.lstat()
    except OSError:
        return False
    kind_is_right = not stat.S_ISLNK(found.st_mode)
    return kind_is_right and found.st_uid == os.geteuid() and stat.S_IMODE(found.st_mode) & ~mode == 0


def write_folder(path: Path, files: Mapping[str, tuple[bytes, int]]) -> None:
    """Make the folder with all its files in one step: after a power cut it is there whole, or not at all.

    `files` maps names inside the folder to content and mode. Raises `FileExistsError` when there is something already.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix=f".{path.name}-", dir=path.parent))
    try:
        for name, (content, mode) in files.items():
            write_durably(made / name, content, mode)
        sync_folder(made)
        made = made.rename(path)
        sync_folder(path.parent)
    except BaseException as failure:
        shutil.rmtree(made, ignore_errors=True)
        if isinstance(failure, OSError) and failure.errno in _SOMETHING_IS_THERE:
            raise FileExistsError(path) from None
        raise


def publish_crl(folder: Path, crl_der: bytes) -> None:
    """Replace `crl.der` (for http) and `crl.pem` (for nginx and Apache) in a folder that servers read.

    Raises `NotACrl`, and `OSError`; each file is then the old or the new one, never a part.
    """
    with new_crl(folder, read_crl(crl_der)) as ready:
        ready.put_in_place()


@contextmanager
def new_crl(folder: Path, crl: ReadCrl, ahead: "ListAhead | None" = None) -> Iterator[NewFiles]:
    """The same in two steps: both forms are written, and nobody reads them before they are put in place."""
    crl_der = crl.data
    der = (crl_der,) if ahead is None else ahead.der_of(crl_der)
    pem = _crl_pem(crl_der, None if ahead is None else ahead.pem)
    begun = None if ahead is None else ahead.begun
    if not begun:
        folder.mkdir(parents=True, exist_ok=True)
    with new_files(folder, {CRL_DER: der, CRL_PEM: pem}, begun=begun) as ready:
        yield ready


class PemAhead:
    """Lines of PEM that are made before the list is there, while it is being signed.

    Of the lines that hold nothing but entries, if the entries begin at octet `at` of the list. As far as those of the
    list `before` are the same they are taken from there.
    """

    def __init__(self, entries: bytes, at: int, before: "PemAhead | None" = None) -> None:
        first = -at % _PEM_OCTETS
        length = max(len(entries) - first, 0)
        self.octets = entries[first : first + length - length % _PEM_OCTETS]
        self.begin = at + first
        """Where the octets stand in the list; it is the first octet of a line."""
        self.lines: bytes | None = None
        self._before = before

    def make(self) -> bytes:
        """Make them now."""
        same = self._lines_as_before()
        new = _pem_lines(memoryview(self.octets)[len(same) // (_PEM_WIDTH + 1) * _PEM_OCTETS :])
        self.lines = b"".join((same, new))
        return self.lines

    def _lines_as_before(self) -> memoryview:
        before, self._before = self._before, None
        if before is None or before.lines is None or before.begin != self.begin:
            return memoryview(b"")
        whole = alike(before.octets, self.octets) // _PEM_OCTETS
        return memoryview(before.lines)[: whole * (_PEM_WIDTH + 1)]

    @property
    def place(self) -> int:
        """Where the lines stand in the file."""
        return len(_PEM_BEGINS) + self.begin // _PEM_OCTETS * (_PEM_WIDTH + 1)


class ListAhead:
    """Both forms of a list, made and written as far as they are known while it is being signed.

    The entries are most of it. When they begin at octet `at` of the list, only what stands around them is left to
    write; when they do not, everything is. What was not put in place is gone after the block.
    """

    def __init__(self, folder: Path, entries: bytes, at: int, before: PemAhead | None = None) -> None:
        self._folder = folder
        self._entries = entries
        self._at = at
        self.pem = PemAhead(entries, at, before)
        self.begun: dict[str, Begun] = {}

    def make(self) -> None:
        """Make them now; that there is no room is told when the list itself is written."""
        self._begin(CRL_DER, self._at, self._entries)
        self._begin(CRL_PEM, self.pem.place, self.pem.lines or self.pem.make())

    def hand_over(self) -> None:
        """Let the disk begin with what was made, while the rest is waited for."""
        for begun in self.begun.values():
            begun.hand_over()

    def der_of(self, crl_der: bytes) -> tuple[bytes, ...]:
        """The list in parts, one of them the entries, if this is the list and they begin where they should."""
        if not crl_der.startswith(self._entries, self._at):
            return (crl_der,)
        return (crl_der[: self._at], self._entries, crl_der[self._at + len(self._entries) :])

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.give_up()

    def give_up(self) -> None:
        """Let go of what `new_crl` has not taken over."""
        for begun in self.begun.values():
            begun.give_up()

    def _begin(self, name: str, at: int, content: bytes) -> None:
        with suppress(OSError):
            self.begun[name] = begin_file(self._folder, name, at, content)


def crl_pem(crl_der: bytes, ahead: PemAhead | None = None) -> bytes:
    """A list in PEM (RFC 7468), to the byte what the library writes and much sooner with many entries.

    Lines that were made `ahead` are taken when they belong to this list, and made anew when they do not.
    """
    return b"".join(_crl_pem(crl_der, ahead))


def _crl_pem(crl_der: bytes, ahead: PemAhead | None) -> tuple[bytes, ...]:
    view = memoryview(crl_der)
    lines: tuple[bytes, ...] = ()
    if ahead is not None and ahead.lines is not None and crl_der.startswith(ahead.octets, ahead.begin):
        lines = (_pem_lines(view[: ahead.begin]), ahead.lines)
        view = view[ahead.begin + len(ahead.octets) :]
    return (_PEM_BEGINS, *lines, _pem_lines(view), b"-----END X509 CRL-----\n")


def _pem_lines(octets: memoryview) -> bytes:
    """Lines of base64, each with its end."""
    whole = len(octets) - len(octets) % _PEM_STEP
    steps = (_base64(octets[at : at + _PEM_STEP]) for at in range(0, whole, _PEM_STEP))
    rest = _base64(octets[whole:])
    return b"\n".join(
        (*(b"\n".join(_PEM_LINES.unpack(step)) for step in steps), *_PEM_LINE.findall(rest), b"")
    )


def _base64(octets: memoryview) -> bytes:
    return binascii.b2a_base64(octets, newline=False)


@dataclass(frozen=True)
class PublishedCrl:
    """What relying parties see now."""

    number: int
    this_update: datetime
    next_update: datetime
    """Past this moment every relying party refuses everybody."""
    serials: frozenset[int]


def published_crl(folder: Path) -> PublishedCrl:
    """The list that is published in a folder; `OSError` or `ValueError` when there is none that can be read."""
    crl = x509.load_der_x509_crl((folder / CRL_DER).read_bytes())
    if crl.next_update_utc is None:
        raise ValueError("a list without nextUpdate")
    try:
        number = crl.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number
    except x509.ExtensionNotFound:
        raise ValueError("a list without a number") from None
    return PublishedCrl(
        number, crl.last_update_utc, crl.next_update_utc, frozenset(entry.serial_number for entry in crl)
    )
