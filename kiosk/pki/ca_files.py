"""The CA's folder: what lies where, how it is made in one step, and what would be wrong with it."""

import binascii
import errno
import os
import secrets
import shutil
import stat
import struct
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

from kiosk.pki.crl_reading import read_crl
from kiosk.pki.signer import AuthorityFacts

FOLDER_MODE = 0o700
SECRET_MODE = 0o600
PUBLIC_MODE = 0o644

_SOMETHING_IS_THERE = (errno.EEXIST, errno.ENOTEMPTY, errno.ENOTDIR)

CRL_DER = "crl.der"
CRL_PEM = "crl.pem"
_PEM_WIDTH = 64
_PEM_LINES = struct.Struct(f"{_PEM_WIDTH}s" * 1024)
"""A thousand lines in one step: cut one by one they would cost more than the signature, and all of them at once would
not stay in the processor's cache."""
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
            _write_durably(made / name, mode, content)
        sync_folder(made)
        made = made.rename(path)
        sync_folder(path.parent)
    except BaseException as failure:
        shutil.rmtree(made, ignore_errors=True)
        if isinstance(failure, OSError) and failure.errno in _SOMETHING_IS_THERE:
            raise FileExistsError(path) from None
        raise


def replace_file(path: Path, content: bytes, mode: int = PUBLIC_MODE) -> None:
    """Put new content in place of a file so that a reader sees the old or the new one, never a part (I-14)."""
    replace_files(path.parent, {path.name: content}, mode)


def replace_files(folder: Path, contents: Mapping[str, bytes], mode: int = PUBLIC_MODE) -> None:
    """The same for several files of a folder: none is replaced before all lie on the disk (I-14)."""
    with new_files(folder, {name: (content,) for name, content in contents.items()}, mode) as ready:
        ready.put_in_place()


@dataclass(frozen=True)
class NewFiles:
    """Files that lie on the disk under names that nobody reads."""

    folder: Path
    _written: dict[Path, Path]

    def put_in_place(self) -> None:
        """Give them the names they are read under, each in one step, so that it survives a power cut."""
        for new, path in self._written.items():
            new.rename(path)
        self._written.clear()
        sync_folder(self.folder)


@contextmanager
def new_files(
    folder: Path, contents: Mapping[str, Sequence[bytes]], mode: int = PUBLIC_MODE
) -> Iterator[NewFiles]:
    """Write files beside those that they shall replace; what was not put in place is gone after the block.

    Their contents are given in parts, which may be large and are not copied together.
    All are written before the first is synced, so that the disk has the others to do meanwhile.
    """
    written: dict[Path, Path] = {}
    try:
        with ExitStack() as files:
            filled = []
            for name, parts in contents.items():
                new = folder / f".{name}.{secrets.token_hex(6)}"
                written[new] = folder / name
                filled.append(files.enter_context(_filled(new, mode, parts)))
            for file in filled:
                os.fsync(file)
        yield NewFiles(folder, written)
    finally:
        for new in written:
            new.unlink(missing_ok=True)


def _write_durably(path: Path, mode: int, content: bytes) -> None:
    with _filled(path, mode, (content,)) as file:
        os.fsync(file)


@contextmanager
def _filled(path: Path, mode: int, parts: Sequence[bytes]) -> Iterator[IO[bytes]]:
    """A new file with all of its content, which nobody has synced yet."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(handle, "wb") as file:
        os.fchmod(handle, mode)
        file.writelines(parts)
        file.flush()
        yield file


def sync_folder(path: Path) -> None:
    """Make renames inside a folder survive a power cut."""
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def publish_crl(folder: Path, crl_der: bytes) -> None:
    """Replace `crl.der` (for http) and `crl.pem` (for nginx and Apache) in a folder that servers read.

    Raises `NotACrl`, and `OSError`; each file is then the old or the new one, never a part.
    """
    with new_crl(folder, crl_der) as ready:
        ready.put_in_place()


@contextmanager
def new_crl(folder: Path, crl_der: bytes, ahead: "PemAhead | None" = None) -> Iterator[NewFiles]:
    """The same in two steps: both forms are on the disk, and nobody reads them before they are put in place."""
    read_crl(crl_der)
    folder.mkdir(parents=True, exist_ok=True)
    with new_files(folder, {CRL_DER: (crl_der,), CRL_PEM: _crl_pem(crl_der, ahead)}) as ready:
        yield ready


class PemAhead:
    """Lines of PEM that are made before the list is there, while it is being signed.

    Of the lines that hold nothing but entries, if the entries begin at octet `at` of the list.
    """

    def __init__(self, entries: bytes, at: int) -> None:
        first = -at % _PEM_OCTETS
        length = max(len(entries) - first, 0)
        self.octets = entries[first : first + length - length % _PEM_OCTETS]
        self.begin = at + first
        """Where the octets stand in the list; it is the first octet of a line."""
        self.lines: bytes | None = None

    def make(self) -> None:
        """Make them now."""
        self.lines = _pem_lines(memoryview(self.octets))


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
    return (b"-----BEGIN X509 CRL-----\n", *lines, _pem_lines(view), b"-----END X509 CRL-----\n")


def _pem_lines(octets: memoryview) -> bytes:
    """Lines of base64, each with its end."""
    whole = len(octets) - len(octets) % _PEM_STEP
    steps = (_base64(octets[at : at + _PEM_STEP]) for at in range(0, whole, _PEM_STEP))
    rest = _base64(octets[whole:])
    lines = (rest[at : at + _PEM_WIDTH] for at in range(0, len(rest), _PEM_WIDTH))
    return b"\n".join((*(b"\n".join(_PEM_LINES.unpack(step)) for step in steps), *lines, b""))


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
