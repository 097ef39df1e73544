"""The screen's side of the signer: starts the process that holds the CA key and asks it.

Every call blocks until the answer; call from a worker thread. One request is under way at a time.
"""

import logging
import socket
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Self

import kiosk
from kiosk.errors import SignerLocked, SignerUnavailable
from kiosk.pki.ca_files import CaFolder
from kiosk.pki.crl import CrlFrame
from kiosk.pki.profiles import Profile
from kiosk.pki.signer import (
    AuthorityFacts,
    CertificateOrder,
    CrlOrder,
    KeyAlgorithm,
    Prepared,
    nothing_else,
)
from kiosk.pki.signer_messages import (
    error_in,
    message_of_crl_order,
    prepared_from,
    words_of_order,
    words_of_profile,
)
from kiosk.pki.wire import Disconnected, Message, receive, send
from kiosk.secret import Secret

START_SECONDS = 30.0
ANSWER_SECONDS = 60.0
"""Long enough for the slowest RSA key on a busy machine."""
END_SECONDS = 5.0

_log = logging.getLogger(__name__)


class SignerProcess:
    """A `Signer` whose keys live in a process of their own.

    The process is started by `start` or by the first call, and again by the next call after it died; key pairs that
    were prepared in a dead process are gone, and their handles answer `IssueFailed`. `passphrase` is asked for at
    every start and must not wait for a person; it returns None when nobody has entered one yet, and then calls that
    need a key raise `SignerLocked`. A process that does not answer within `answer_seconds` is ended.
    """

    def __init__(
        self,
        folder: Path,
        profile: Profile,
        *,
        passphrase: Callable[[], Secret | None],
        answer_seconds: float = ANSWER_SECONDS,
    ) -> None:
        self._folder = folder
        self._profile = profile
        self._passphrase = passphrase
        self._answer_seconds = answer_seconds
        self._worker: _Worker | None = None
        self._facts: AuthorityFacts | None = None
        """Of the CA that the process has opened."""
        self._unlocked = False
        self._closed = False
        self._one_at_a_time = Lock()

    def start(self) -> Self:
        """Start and unlock now, so that the first certificate does not wait; raises like every call."""
        with self._one_at_a_time:
            self._unlock(self._running())
        return self

    def facts(self) -> AuthorityFacts:
        """The CA in force; answered while locked, and while no process can be had: a revocation needs no key."""
        if self._closed:
            raise SignerUnavailable
        facts = self._facts
        if facts is None:
            try:
                self._facts = facts = CaFolder(self._folder).facts()
            except (OSError, ValueError):
                raise SignerUnavailable from None
        return facts

    def expect(self, password: Secret, algorithm: KeyAlgorithm) -> None:
        """Let the process do ahead what the order does not change."""
        self._ask_unlocked(Message({"do": "expect", "algorithm": str(algorithm)}, (_octets(password),)))

    def expect_nothing(self) -> None:
        """Let the process wipe what it did ahead; one that is gone has forgotten it already."""
        with self._one_at_a_time, suppress(SignerUnavailable):
            if self._worker is not None and self._worker.alive():
                self._ask(self._worker, Message({"do": "expect_nothing"}))

    def prepare(self, order: CertificateOrder) -> Prepared:
        """Make the key pair and the twin, lint the twin."""
        return prepared_from(self._ask_unlocked(Message({"do": "prepare", "order": words_of_order(order)})))

    def sign(self, handle: str) -> bytes:
        """Sign exactly the twin's TBSCertificate; the certificate in DER."""
        return self._ask_unlocked(Message({"do": "sign", "handle": handle})).pieces[0]

    def bundle(self, handle: str, password: Secret, friendly_name: str) -> bytes:
        """The p12; the process opens it again while the caller goes on."""
        words = {"do": "bundle", "handle": handle, "friendly_name": friendly_name}
        return self._ask_unlocked(Message(words, (_octets(password),))).pieces[0]

    def confirm(self, handle: str) -> None:
        """That the bundle opens with its password and holds this key and certificate."""
        self._ask_unlocked(Message({"do": "confirm", "handle": handle}))

    def discard(self, handle: str) -> None:
        """Forget a key pair; a process that is gone has forgotten it already."""
        with self._one_at_a_time:
            if self._worker is not None and self._worker.alive():
                self._ask(self._worker, Message({"do": "discard", "handle": handle}))

    def sign_crl(self, order: CrlOrder, meanwhile: Callable[[], None] = nothing_else) -> bytes:
        """A signed full CRL in DER; `meanwhile` is done while the process checks and signs."""
        with self._one_at_a_time:
            worker = self._running()
            self._unlock(worker)
            request = message_of_crl_order(order, worker.listed)
            head, tail = self._ask(worker, request, meanwhile=meanwhile).pieces
            worker.listed = order.entries
        return CrlFrame(head, tail).around(order.entries)

    def attest(self, message: bytes) -> bytes:
        """Ed25519 signature over a journal checkpoint."""
        return self._ask_unlocked(Message({"do": "attest"}, (message,))).pieces[0]

    def close(self) -> None:
        """End the process; later calls raise `SignerUnavailable`. A call under way in another thread ends at once."""
        self._closed = True
        worker = self._worker
        if worker is not None:
            worker.end()

    @property
    def process_id(self) -> int | None:
        """The operating system's number of the process; None while there is none."""
        worker = self._worker
        return worker.process_id if worker is not None else None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _ask_unlocked(self, request: Message, meanwhile: Callable[[], None] = nothing_else) -> Message:
        with self._one_at_a_time:
            worker = self._running()
            self._unlock(worker)
            return self._ask(worker, request, meanwhile=meanwhile)

    def _running(self) -> "_Worker":
        if self._closed:
            raise SignerUnavailable
        if self._worker is not None:
            if self._worker.alive():
                return self._worker
            self._forget(self._worker)
        try:
            self._worker = worker = _Worker()
        except OSError:
            raise SignerUnavailable from None
        self._facts = None
        words = {"folder": str(self._folder), "profile": words_of_profile(self._profile)}
        try:
            self._ask(worker, Message(words), timeout=START_SECONDS)
        except SignerUnavailable:
            self._forget(worker)
            raise
        return worker

    def _unlock(self, worker: "_Worker") -> None:
        if self._unlocked:
            return
        passphrase = self._passphrase()
        if passphrase is None:
            raise SignerLocked
        self._ask(worker, Message({"do": "unlock"}, (_octets(passphrase),)))
        self._unlocked = True

    def _ask(
        self,
        worker: "_Worker",
        request: Message,
        *,
        timeout: float | None = None,
        meanwhile: Callable[[], None] = nothing_else,
    ) -> Message:
        try:
            answer = worker.ask(request, timeout or self._answer_seconds, meanwhile)
        except Disconnected:
            self._forget(worker)
            raise SignerUnavailable from None
        except BaseException:
            self._forget(worker)  # or the next call would read the answer to this one
            raise
        error = error_in(answer)
        if error is None:
            return answer
        if answer.words.get("where"):
            _log.error("the signer process failed at %s", answer.words["where"])
        raise error

    def _forget(self, worker: "_Worker") -> None:
        worker.end()
        self._worker = None
        self._unlocked = False


def _octets(secret: Secret) -> bytes:
    """Never raises: an encoding error would carry the secret in itself."""
    return secret.reveal().encode("utf-8", "surrogatepass")


class _Worker:
    """One running signer process and the socket to it."""

    def __init__(self) -> None:
        self.listed = b""
        """The entries of the list that it signed last; it knows them as well."""
        self._channel, theirs = socket.socketpair()
        try:
            with theirs:
                self._process = _started(theirs)
        except OSError:
            self._channel.close()
            raise

    @property
    def process_id(self) -> int:
        return self._process.pid

    def alive(self) -> bool:
        return self._process.poll() is None

    def ask(self, request: Message, timeout: float, meanwhile: Callable[[], None]) -> Message:
        send(self._channel, request, timeout=timeout)
        meanwhile()
        return receive(self._channel, timeout=timeout)

    def end(self) -> None:
        """Hang up, and make sure that the process is gone."""
        with suppress(OSError):  # the other side may have hung up first
            self._channel.shutdown(socket.SHUT_RDWR)
        try:
            self._process.wait(0.2)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(END_SECONDS)
        self._channel.close()


def _started(channel: socket.socket) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(  # noqa: S603  our own module, no shell, no argument from outside
        [sys.executable, "-s", "-P", "-m", "kiosk.pki.signer_worker", str(channel.fileno())],
        env={"PYTHONPATH": str(Path(kiosk.__file__).parent.parent), "PYTHONUTF8": "1"},
        pass_fds=(channel.fileno(),),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl+C at the counter is not for the signer
        cwd="/",
    )
