"""The CA key lies in the memory of the signer process and in no other: looked for, octet by octet."""

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from kiosk.pki.ca_creation import NewCa
from kiosk.pki.signer import KeyAlgorithm
from kiosk.pki.signing_key import unlocked
from tests.support.certificates import a_ca
from tests.support.deep import need

pytestmark = pytest.mark.deep

ROOT = Path(__file__).parents[2]

SCREEN = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from kiosk.pki.crl import crl_window
from kiosk.pki.signer import CrlOrder
from kiosk.pki.signer_process import SignerProcess
from kiosk.secret import Secret
from tests.support.certificates import PROFILE, an_order

passphrase = Secret(sys.stdin.readline().strip())
signer = SignerProcess(Path(sys.argv[1]), PROFILE, passphrase=lambda: passphrase).start()
now = datetime.now(UTC)
prepared = signer.prepare(an_order(now))
signer.sign(prepared.handle)
signer.bundle(prepared.handle, Secret("Kunren#2026"), "Tanaka01")
begins, ends = crl_window(now)
signer.sign_crl(CrlOrder(number=2, this_update=begins, next_update=ends, entries=b""))
signer.attest(b"checkpoint")
print(signer.process_id, flush=True)
sys.stdin.readline()
signer.close()
"""


def spellings_of_the_key(made: NewCa) -> list[bytes]:
    """The secret number, highest octet first and lowest first, as libraries keep it in memory."""
    key = unlocked(made.folder.key.read_bytes(), made.passphrase)
    if isinstance(key, rsa.RSAPrivateKey):
        secret = key.private_numbers().p
    else:
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        secret = key.private_numbers().private_value
    octets = (secret.bit_length() + 7) // 8
    return [secret.to_bytes(octets, "big"), secret.to_bytes(octets, "little")]


def memory_holds(process_id: int, wanted: list[bytes]) -> bool:
    """Whether any readable page of the process holds one of these."""
    process = Path(f"/proc/{process_id}")
    with (process / "mem").open("rb", buffering=0) as memory:
        for line in (process / "maps").read_text().splitlines():
            place, rights, *_ = line.split()
            if not rights.startswith("rw"):
                continue
            begin, end = (int(number, 16) for number in place.split("-"))
            try:
                memory.seek(begin)
                held = memory.read(end - begin)
            except OSError:
                continue  # pages of the kernel that nobody may read
            if any(spelling in held for spelling in wanted):
                return True
    return False


@pytest.mark.rule("I-21")
@pytest.mark.parametrize("algorithm", [KeyAlgorithm.P_256, KeyAlgorithm.RSA_3072])
def test_the_ca_key_is_in_the_signer_process_and_not_in_the_screens(
    tmp_path: Path, algorithm: KeyAlgorithm
) -> None:
    need("root")
    made = a_ca(tmp_path / "ca", now=datetime.now(UTC), algorithm=algorithm)
    wanted = spellings_of_the_key(made)
    with subprocess.Popen(
        [sys.executable, "-c", SCREEN, str(made.folder.path)],
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
        assert memory_holds(worker, wanted), "the search finds nothing where the key must be"
        assert not memory_holds(screen.pid, wanted)
        screen.stdin.write("\n")
        screen.stdin.flush()
    assert screen.returncode == 0
