"""The process that alone holds the CA key: what it is given, when it ends, and what is told when it dies."""

import logging
import os
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from typing import Self

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519

from kiosk.errors import IssueFailed, SignerLocked, SignerUnavailable
from kiosk.pki import signer_worker
from kiosk.pki.ca_creation import NewCa
from kiosk.pki.ca_files import CaFolder
from kiosk.pki.local_signer import LocalSigner
from kiosk.pki.profiles import Profile
from kiosk.pki.signer import KeyAlgorithm
from kiosk.pki.signer_process import SignerProcess
from kiosk.pki.wire import Message
from kiosk.secret import Secret
from tests.support.certificates import PROFILE, a_ca, an_order

NOW = datetime(2026, 11, 22, 1, 30, tzinfo=UTC)
PASSWORD = "Kunren#2026"
ROOT = Path(__file__).parents[2]


def worker_of(signer: SignerProcess) -> int:
    assert signer.process_id is not None
    return signer.process_id


def wait_until(true: Callable[[], bool], seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)


def is_running(process_id: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False


class TestStart:
    """The process starts when it is asked for, and not before."""

    def test_nothing_runs_before_the_first_call(self, made: NewCa) -> None:
        with SignerProcess(made.folder.path, PROFILE, passphrase=lambda: made.passphrase) as signer:
            signer.facts()
            assert signer.process_id is None
            signer.attest(b"x")
            assert is_running(worker_of(signer))

    def test_start_unlocks(self, made: NewCa) -> None:
        asked: list[int] = []

        def provide() -> Secret:
            asked.append(1)
            return made.passphrase

        with SignerProcess(made.folder.path, PROFILE, passphrase=provide).start() as signer:
            signer.prepare(an_order(NOW))
            signer.attest(b"x")
        assert asked == [1]

    def test_a_wrong_passphrase_is_a_locked_signer_and_the_next_one_may_be_right(self, made: NewCa) -> None:
        given = iter([None, Secret("WRONG"), made.passphrase])
        with SignerProcess(made.folder.path, PROFILE, passphrase=lambda: next(given)) as signer:
            for _ in range(2):
                with pytest.raises(SignerLocked):
                    signer.start()
            first = worker_of(signer)
            signer.start()
            assert signer.attest(b"x")
            assert worker_of(signer) == first

    def test_a_missing_ca_is_told(self, tmp_path: Path) -> None:
        with SignerProcess(tmp_path, PROFILE, passphrase=lambda: Secret("X")) as signer:
            with pytest.raises(SignerUnavailable):
                signer.start()
            assert signer.process_id is None

    def test_a_key_others_may_read_is_not_opened(self, tmp_path: Path) -> None:
        made = a_ca(tmp_path / "ca", now=NOW)
        made.folder.key.chmod(0o644)
        with SignerProcess(tmp_path / "ca", PROFILE, passphrase=lambda: made.passphrase) as signer:
            with pytest.raises(SignerUnavailable):
                signer.start()
            made.folder.key.chmod(0o600)
            signer.start()

    @pytest.mark.parametrize("name", ["ca.key", "ca.crt", "attestation.key", "attestation.pub"])
    def test_a_file_of_another_ca_is_not_used(self, tmp_path: Path, name: str) -> None:
        made = a_ca(tmp_path / "ca", now=NOW)
        other = a_ca(tmp_path / "other", now=NOW)
        (made.folder.path / name).write_bytes((other.folder.path / name).read_bytes())
        expected = SignerLocked if name.endswith(".key") else SignerUnavailable
        with (
            SignerProcess(tmp_path / "ca", PROFILE, passphrase=lambda: made.passphrase) as signer,
            pytest.raises(expected),
        ):
            signer.start()


class TestDeath:
    """Whenever the process dies, the caller is told, and the next call has a new one."""

    def test_a_killed_process_is_replaced_at_the_next_call(self, signer: SignerProcess) -> None:
        signer.start()
        first = worker_of(signer)
        os.kill(first, signal.SIGKILL)
        wait_until(lambda: not is_running(first))
        signer.prepare(an_order(NOW))
        assert worker_of(signer) != first

    @pytest.mark.rule("I-2")
    def test_a_key_pair_dies_with_its_process(self, signer: SignerProcess) -> None:
        prepared = signer.prepare(an_order(NOW))
        os.kill(worker_of(signer), signal.SIGKILL)
        wait_until(lambda: not is_running(worker_of(signer)))
        with pytest.raises(IssueFailed):
            signer.sign(prepared.handle)

    @pytest.mark.rule("I-2", "I-21")
    def test_a_death_in_the_middle_is_told_and_tells_nothing(
        self, made: NewCa, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        with SignerProcess(made.folder.path, PROFILE, passphrase=lambda: made.passphrase) as signer:
            prepared = signer.prepare(an_order(NOW))
            signer.sign(prepared.handle)
            os.kill(worker_of(signer), signal.SIGSTOP)
            told: list[BaseException] = []

            def bundle() -> None:
                try:
                    signer.bundle(prepared.handle, Secret(PASSWORD), "Tanaka01")
                except BaseException as error:  # noqa: BLE001  the test looks at whatever comes
                    told.append(error)

            caller = Thread(target=bundle)
            caller.start()
            time.sleep(0.1)
            assert caller.is_alive()
            os.kill(worker_of(signer), signal.SIGKILL)
            caller.join(10)

        assert isinstance(told[0], SignerUnavailable)
        everything = (
            "".join(traceback.format_exception(told[0])) + caplog.text + repr(vars(signer)) + repr(signer)
        )
        for secret in (PASSWORD, made.passphrase.reveal(), "PRIVATE KEY"):
            assert secret not in everything
        assert told[0].__suppress_context__

    @pytest.mark.rule("I-15")
    @pytest.mark.parametrize("program", ["/nowhere/python", "/bin/false"])
    def test_without_any_process_the_ca_can_still_be_named(
        self, made: NewCa, monkeypatch: pytest.MonkeyPatch, program: str
    ) -> None:
        with SignerProcess(made.folder.path, PROFILE, passphrase=lambda: made.passphrase).start() as signer:
            monkeypatch.setattr(sys, "executable", program)
            os.kill(worker_of(signer), signal.SIGKILL)
            wait_until(lambda: not is_running(worker_of(signer)))
            assert signer.facts() == made.facts
            with pytest.raises(SignerUnavailable):
                signer.attest(b"x")
            assert signer.facts() == made.facts
            monkeypatch.undo()
            assert signer.attest(b"x")

    def test_another_ca_is_named_once_a_process_serves_it(self, tmp_path: Path) -> None:
        made, other = a_ca(tmp_path / "ca", now=NOW), a_ca(tmp_path / "other", now=NOW)
        given = iter([made.passphrase, other.passphrase])
        with SignerProcess(tmp_path / "ca", PROFILE, passphrase=lambda: next(given)).start() as signer:
            assert signer.facts() == made.facts
            for file in (tmp_path / "other").iterdir():
                file.replace(tmp_path / "ca" / file.name)
            assert signer.facts() == made.facts
            os.kill(worker_of(signer), signal.SIGKILL)
            wait_until(lambda: not is_running(worker_of(signer)))
            signer.start()
            assert signer.facts() == other.facts

    def test_a_silent_process_is_ended(self, made: NewCa) -> None:
        with SignerProcess(
            made.folder.path, PROFILE, passphrase=lambda: made.passphrase, answer_seconds=1.5
        ) as signer:
            signer.attest(b"x")
            first = worker_of(signer)
            os.kill(first, signal.SIGSTOP)
            with pytest.raises(SignerUnavailable):
                signer.attest(b"x")
            assert not is_running(first)
            assert signer.attest(b"x")

    def test_an_interrupted_call_leaves_no_answer_for_the_next_one(self, signer: SignerProcess) -> None:
        first = worker_of(signer.start())

        def interrupt(number: int, frame: object) -> None:
            raise KeyboardInterrupt

        os.kill(first, signal.SIGSTOP)
        before = signal.signal(signal.SIGALRM, interrupt)
        try:
            signal.setitimer(signal.ITIMER_REAL, 0.2)
            with pytest.raises(KeyboardInterrupt):
                signer.attest(b"first")
        finally:
            signal.signal(signal.SIGALRM, before)
        assert not is_running(first)
        public_key = ed25519.Ed25519PublicKey.from_public_bytes(signer.facts().attestation_public_key)
        public_key.verify(signer.attest(b"second"), b"second")

    def test_closing_ends_a_call_under_way(self, made: NewCa) -> None:
        signer = SignerProcess(made.folder.path, PROFILE, passphrase=lambda: made.passphrase).start()
        first = worker_of(signer)
        os.kill(first, signal.SIGSTOP)
        told: list[type[BaseException]] = []

        def ask() -> None:
            try:
                signer.attest(b"x")
            except SignerUnavailable as error:
                told.append(type(error))

        caller = Thread(target=ask)
        caller.start()
        time.sleep(0.1)
        signer.close()
        caller.join(10)
        assert told == [SignerUnavailable]
        assert not is_running(first)

    def test_after_closing_nothing_starts_again(self, made: NewCa) -> None:
        signer = SignerProcess(made.folder.path, PROFILE, passphrase=lambda: made.passphrase).start()
        signer.close()
        signer.close()
        for call in (signer.facts, signer.start):
            with pytest.raises(SignerUnavailable):
                call()

    def test_discarding_starts_no_process(self, made: NewCa) -> None:
        with SignerProcess(made.folder.path, PROFILE, passphrase=lambda: made.passphrase) as signer:
            signer.discard("gone")
            assert signer.process_id is None

    @pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP, signal.SIGQUIT])
    def test_a_key_pressed_at_the_counter_does_not_end_it(
        self, signer: SignerProcess, number: signal.Signals
    ) -> None:
        signer.start()
        os.kill(worker_of(signer), number)
        assert signer.attest(b"x")

    def test_it_ends_when_the_screen_is_killed(self, made: NewCa) -> None:
        program = f"""
import sys, time
from pathlib import Path
from kiosk.pki.signer_process import SignerProcess
from kiosk.pki.wire import Message
from kiosk.secret import Secret
from tests.support.certificates import PROFILE
signer = SignerProcess(Path({str(made.folder.path)!r}), PROFILE, passphrase=lambda: Secret(sys.stdin.readline()))
signer.start()
print(signer.process_id, flush=True)
time.sleep(60)
"""
        with subprocess.Popen(
            [sys.executable, "-c", program],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        ) as screen:
            assert screen.stdin is not None
            assert screen.stdout is not None
            screen.stdin.write(made.passphrase.reveal() + "\n")
            screen.stdin.flush()
            worker = int(screen.stdout.readline())
            assert is_running(worker)
            screen.kill()
        wait_until(lambda: not is_running(worker))


class TestOneAtATime:
    """Several threads may ask; their answers are never mixed up."""

    def test_every_thread_gets_its_own_answer(self, signer: SignerProcess) -> None:
        signer.start()
        wrong: list[str] = []

        def ask(name: str) -> None:
            for _ in range(5):
                prepared = signer.prepare(an_order(NOW, user_id=name))
                if name.encode() not in signer.sign(prepared.handle):
                    wrong.append(name)
                signer.discard(prepared.handle)

        threads = [Thread(target=ask, args=(f"Tanaka0{number}",)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert wrong == []


def test_rsa_keys_come_from_the_process_as_well(signer: SignerProcess) -> None:
    prepared = signer.prepare(an_order(NOW, key_algorithm=KeyAlgorithm.RSA_2048))
    assert len(prepared.public_key_sha256) == len(prepared.tbs_sha256) == 64


@pytest.mark.rule("I-21")
def test_a_secret_that_arrives_is_overwritten_once_it_was_used(tmp_path: Path) -> None:
    made = a_ca(tmp_path / "ca", now=NOW)
    signer = _Remembering(made.folder, PROFILE)
    for do, pieces in (("unlock", (made.passphrase.reveal(),)), ("expect", (PASSWORD,))):
        asked = Message({"do": do, "algorithm": KeyAlgorithm.P_256}, [piece.encode() for piece in pieces])
        signer_worker._answer(signer, asked)  # a process of its own could not be looked into
    assert [secret.reveal() for secret in signer.given] == ["", ""]


class _Remembering(LocalSigner):
    """Keeps hold of what it is given."""

    def __init__(self, folder: CaFolder, profile: Profile) -> None:
        super().__init__(folder, profile)
        self.given: list[Secret] = []

    def unlock(self, passphrase: Secret) -> Self:
        self.given.append(passphrase)
        return super().unlock(passphrase)

    def expect(self, password: Secret, algorithm: KeyAlgorithm) -> None:
        self.given.append(password)
        super().expect(password, algorithm)
