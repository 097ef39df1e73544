"""What the signer process is given and carries, and what the screen's side never has."""

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kiosk.errors import IssueFailed
from kiosk.pki.ca_creation import NewCa
from kiosk.pki.crl import crl_window
from kiosk.pki.signer import CrlOrder
from kiosk.pki.signer_process import SignerProcess
from kiosk.secret import Secret
from tests.support.certificates import an_order

NOW = datetime(2026, 11, 22, 1, 30, tzinfo=UTC)
PASSWORD = "Kunren#2026"
ROOT = Path(__file__).parents[2]


def worker_of(signer: SignerProcess) -> int:
    assert signer.process_id is not None
    return signer.process_id


class TestWhatTheProcessKnows:
    """Neither arguments nor environment tell anything, and it carries nothing it does not need."""

    @pytest.mark.rule("I-21")
    def test_arguments_and_environment_hold_no_secret_and_no_path_of_the_ca(
        self, signer: SignerProcess, made: NewCa, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("KIOSK_TEST_CANARY", "must not be inherited")
        signer.start()
        worker = Path(f"/proc/{worker_of(signer)}")
        told = (worker / "cmdline").read_bytes() + (worker / "environ").read_bytes()
        for hidden in (made.passphrase.reveal(), str(made.folder.path), "CANARY", "PATH=/usr", "HOME="):
            assert hidden.encode() not in told
        names = {line.partition(b"=")[0] for line in (worker / "environ").read_bytes().split(b"\0") if line}
        assert names <= {b"PYTHONPATH", b"PYTHONUTF8", b"LC_CTYPE"}

    @pytest.mark.rule("I-21")
    def test_it_leaves_no_core_file(self, signer: SignerProcess) -> None:
        signer.start()
        limits = Path(f"/proc/{worker_of(signer)}/limits").read_text()
        (core,) = (line for line in limits.splitlines() if line.startswith("Max core file size"))
        assert core.split()[4:6] == ["0", "0"]

    @pytest.mark.rule("I-21")
    def test_no_debugger_may_attach_and_its_files_are_its_own(self) -> None:
        program = """
import ctypes, os
from kiosk.pki.signer_worker import keep_to_itself
keep_to_itself()
print(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0), oct(os.umask(0)))
"""
        told = subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT
        )
        assert told.stdout.split() == ["0", "0o77"]

    def test_it_carries_neither_screens_nor_database(self) -> None:
        program = (
            "import sys, kiosk.pki.signer_worker; print(*sorted({n.partition('.')[0] for n in sys.modules}))"
        )
        told = subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT
        )
        loaded = set(told.stdout.split())
        assert "cryptography" in loaded
        assert not loaded & {
            "textual",
            "rich",
            "sqlmodel",
            "sqlalchemy",
            "pydantic",
            "db",
            "screens",
            "aiosmtplib",
        }

    def test_its_stray_output_goes_nowhere_near_the_screen(self, signer: SignerProcess) -> None:
        signer.start()
        descriptors = Path(f"/proc/{worker_of(signer)}/fd")
        assert {str((descriptors / str(number)).readlink()) for number in range(3)} == {"/dev/null"}
        assert len(list(descriptors.iterdir())) == 4


class TestTheScreensSide:
    """The process that shows the screens never has the key."""

    @pytest.mark.rule("I-21")
    def test_nothing_it_holds_is_a_private_key(self, signer: SignerProcess) -> None:
        prepared = signer.start().prepare(an_order(NOW))
        signer.sign(prepared.handle)
        seen: set[int] = set()
        kinds: set[str] = set()

        def walk(value: object) -> None:
            if id(value) in seen:
                return
            seen.add(id(value))
            kinds.add(type(value).__name__)
            for inner in vars(value).values() if hasattr(value, "__dict__") else ():
                walk(inner)

        walk(signer)
        walk(prepared)
        assert "SignerProcess" in kinds
        assert not [
            kind for kind in kinds if "PrivateKey" in kind or kind in ("LocalSigner", "CertificateAuthority")
        ]

    @pytest.mark.rule("I-21")
    def test_a_surprise_in_the_process_is_told_by_its_place_only(
        self, signer: SignerProcess, caplog: pytest.LogCaptureFixture
    ) -> None:
        begins, ends = crl_window(NOW)
        entries = b"Kunren#2026"
        order = CrlOrder(number="1", this_update=begins, next_update=ends, entries=entries)  # type: ignore[arg-type]
        with pytest.raises(IssueFailed):
            signer.sign_crl(order)
        assert "TypeError" in caplog.text
        assert "Kunren" not in caplog.text

    @pytest.mark.rule("I-21")
    def test_a_refused_p12_is_told_by_its_place_only(
        self, signer: SignerProcess, caplog: pytest.LogCaptureFixture
    ) -> None:
        prepared = signer.prepare(an_order(NOW))
        signer.sign(prepared.handle)
        with pytest.raises(IssueFailed):
            signer.bundle(prepared.handle, Secret("Kunren¥2026\udc80"), "Tanaka01")
        assert "pkcs12.py" in caplog.text
        assert "BundleWrong" in caplog.text
        assert "Kunren" not in caplog.text
        assert signer.bundle(prepared.handle, Secret(PASSWORD), "Tanaka01")
