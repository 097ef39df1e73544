"""The process that alone holds the CA key: a loop around `LocalSigner`, ended by the death of its parent.

Started by `kiosk.pki.signer_process` as `python -m kiosk.pki.signer_worker DESCRIPTOR`. The folder, the profile and the
passphrase come over the socket, so neither arguments nor environment tell anything.
"""

import os
import signal
import socket
import sys
import traceback
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from kiosk.errors import IssueFailed, KioskError, SignerUnavailable
from kiosk.pki.ca_files import CaFolder
from kiosk.pki.local_signer import LocalSigner
from kiosk.pki.profiles import ProfileWrong
from kiosk.pki.signer import KeyAlgorithm
from kiosk.pki.signer_messages import (
    crl_order_from,
    message_of_error,
    order_from,
    profile_from,
)
from kiosk.pki.wire import Disconnected, Message, receive, send
from kiosk.process import keep_memory_to_itself
from kiosk.secret import Secret


def main() -> None:
    """Answer requests until the other side of the socket is gone."""
    keep_to_itself()
    with socket.socket(fileno=int(sys.argv[1])) as channel:
        try:
            _serve(channel)
        except Disconnected:
            return


def keep_to_itself() -> None:
    """No core file, no debugger, no file for others, no end by a key pressed at the counter."""
    os.umask(0o077)
    keep_memory_to_itself()
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGQUIT):
        signal.signal(number, signal.SIG_IGN)


def _serve(channel: socket.socket) -> None:
    signer = _opened(channel)
    while True:
        request = receive(channel)
        try:
            answer = _answer(signer, request)
        except IssueFailed as failure:
            answer = message_of_error(failure, where=_place_of(failure.__cause__ or failure))
        except KioskError as refusal:
            answer = message_of_error(refusal)
        except Exception as surprise:  # noqa: BLE001  the caller gets a refusal and the place, never what was in it
            answer = message_of_error(IssueFailed(), where=_place_of(surprise))
        send(channel, answer)
        if request.words.get("do") == "bundle":
            _confirm_ahead(signer, str(request.words.get("handle")))


def _confirm_ahead(signer: LocalSigner, handle: str) -> None:
    """Open the p12 again while the caller writes it; `confirm` tells what came of it."""
    with suppress(KioskError):
        signer.confirm(handle)


def _opened(channel: socket.socket) -> LocalSigner:
    """The first message says which CA this process serves."""
    while True:
        request = receive(channel)
        try:
            signer = LocalSigner(
                CaFolder(Path(request.words["folder"])), profile_from(request.words["profile"])
            )
            signer.facts()
        except (KioskError, ProfileWrong, KeyError, TypeError, ValueError):
            send(channel, message_of_error(SignerUnavailable()))
            continue
        send(channel, Message({}))
        return signer


def _answer(signer: LocalSigner, request: Message) -> Message:
    words, pieces = request.words, request.pieces
    match words["do"]:
        case "prepare":
            return Message(asdict(signer.prepare(order_from(words["order"]))))
        case "sign":
            return Message({}, (signer.sign(words["handle"]),))
        case "bundle":
            with _secret(pieces[0]) as password:
                return Message({}, (signer.bundle(words["handle"], password, words["friendly_name"]),))
        case "sign_crl":
            frame = signer.frame_crl(crl_order_from(request, signer.listed))
            return Message({}, (frame.head, frame.tail))
        case "attest":
            return Message({}, (signer.attest(pieces[0]),))
    _obey(signer, request)
    return Message({})


def _obey(signer: LocalSigner, request: Message) -> None:
    """Requests that are answered by their being done."""
    words, pieces = request.words, request.pieces
    match words["do"]:
        case "unlock":
            with _secret(pieces[0]) as passphrase:
                signer.unlock(passphrase)
        case "expect":
            with _secret(pieces[0]) as password:
                signer.expect(password, KeyAlgorithm(words["algorithm"]))
        case "expect_nothing":
            signer.expect_nothing()
        case "confirm":
            signer.confirm(words["handle"])
        case "discard":
            signer.discard(words["handle"])
        case _:
            raise IssueFailed


def _secret(octets: bytes) -> Secret:
    return Secret(octets.decode("utf-8", "surrogatepass"))


def _place_of(error: BaseException) -> str:
    """File, line and kind of an error; its text may hold a value and stays here."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{Path(last.filename).name}:{last.lineno} {type(error).__name__}"


if __name__ == "__main__":
    main()
