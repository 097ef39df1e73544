"""Lists of revoked certificates: from rows to published files, against openssl and against the bare parts.

`python -m benchmarks lists`; promised for 100,000 entries: ten times as fast as `openssl ca -gencrl` on the same
entries, and at most 4 times the bare join, hash, signature and synced files; growing from 10,000 at most 12 times.

Both sides get the same certificates in the same order, that of their issue, and the two lists are compared entry by
entry afterwards. openssl sorts its list by serial: from an index in that order already, which no CA with random
serials has, it would need half the time.
"""

import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from benchmarks.lines import Line
from benchmarks.revoked import insert, revoked_certificates
from db.database import Database, open_database
from db.migrations.running import upgrade
from kiosk.audit.trail import Trail
from kiosk.clock import SystemClock
from kiosk.pki.ca_creation import CaName, NewCa, create
from kiosk.pki.ca_files import crl_pem
from kiosk.pki.crl import entries_of
from kiosk.pki.crl_reading import read_crl
from kiosk.pki.keys import PrivateKey
from kiosk.pki.profiles import Profile
from kiosk.pki.signer_process import SignerProcess
from kiosk.pki.signing_key import unlocked
from kiosk.services.crl.publishing import Publishing, adopt_published
from kiosk.services.desk.guard import Desk

FASTER_THAN_OPENSSL: Final = 10
TIMES_BARE: Final = 4
GROWTH: Final = 12
PROFILE: Final = Profile(
    policy_oid="1.3.6.1.4.1.32473.1.1",
    crl_url="http://pki.example.jp/madoguchi.crl",
    ca_issuers_url="http://pki.example.jp/madoguchi.cer",
)

OPENSSL_SETTINGS: Final = """
[ca]
default_ca = it
[it]
database = index.txt
crlnumber = crlnumber
default_md = sha256
default_crl_days = 7
unique_subject = no
crl_extensions = extensions
[extensions]
authorityKeyIdentifier = keyid
"""


@dataclass(frozen=True)
class Times:
    """Seconds of each round, in turn."""

    ours: Sequence[float]
    bare: Sequence[float]
    openssl: Sequence[float]


class Lists:
    """A registry with so many revoked certificates, its CA, and the same entries for whoever is compared."""

    def __init__(self, folder: Path, entries: int) -> None:
        self.folder = folder
        self.made: NewCa = create(
            folder / "ca",
            name=CaName(organization="計測労働金庫", common_name="Bench CA"),
            now=datetime.now(UTC),
            crl_folder=folder / "crl",
            rounds=10_000,
        )
        key = unlocked(self.made.folder.key.read_bytes(), self.made.passphrase)
        assert isinstance(key, PrivateKey)
        self.key: PrivateKey = key
        self.revoked = revoked_certificates(entries)
        self.entries = [one.entry for one in self.revoked]
        rows = (one.row(pk) for pk, one in enumerate(self.revoked, 1))
        self.database = _registry(folder / "registry.sqlite3", rows)
        self.signer = SignerProcess(folder / "ca", PROFILE, passphrase=lambda: self.made.passphrase).start()
        desk = Desk(database=self.database, clock=SystemClock(), trail=Trail("001/01/bench"))
        adopt_published(desk, self.made.facts.key_id, self.made.crl_number)
        self.publishing = Publishing(desk=desk, signer=self.signer, folder=folder / "crl")
        self._openssl_home()

    def times(self, rounds: int) -> Times:
        """One after the other in each round, so that a busy machine slows all."""
        self.publishing.publish()
        found = [(self._ours(), self._bare(), self._openssl()) for _ in range(rounds)]
        self._openssl_has_the_same_entries()
        ours, bare, openssl = zip(*found, strict=True)
        return Times(ours, bare, openssl)

    def close(self) -> None:
        """End the signer."""
        self.signer.close()
        self.database.dispose()

    def _ours(self) -> float:
        begun = time.perf_counter()
        self.publishing.publish()
        return time.perf_counter() - begun

    def _bare(self) -> float:
        begun = time.perf_counter()
        joined = b"".join(self.entries)
        if isinstance(self.key, rsa.RSAPrivateKey):
            signature = self.key.sign(joined, padding.PKCS1v15(), hashes.SHA256())
        else:
            signature = self.key.sign(joined, ec.ECDSA(hashes.SHA256()))
        made = joined + signature
        for name, content in (("bare.der", made), ("bare.pem", crl_pem(made))):
            write(self.folder / name, content)
        return time.perf_counter() - begun

    def _openssl(self) -> float:
        command = [
            *("openssl", "ca", "-config", "openssl.cnf", "-gencrl"),
            *("-keyfile", "ca.key", "-cert", str(self.made.folder.certificate), "-out", "crl.pem"),
        ]
        begun = time.perf_counter()
        subprocess.run(command, cwd=self.folder / "openssl", check=True, capture_output=True)
        return time.perf_counter() - begun

    def _openssl_home(self) -> None:
        home = self.folder / "openssl"
        home.mkdir()
        (home / "openssl.cnf").write_text(OPENSSL_SETTINGS)
        (home / "crlnumber").write_text("0A\n")
        key = self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        (home / "ca.key").write_bytes(key)
        with (home / "index.txt").open("w") as index:
            index.writelines(one.openssl_line(number) for number, one in enumerate(self.revoked))

    def _openssl_has_the_same_entries(self) -> None:
        theirs = read_crl((self.folder / "openssl/crl.pem").read_bytes()).entries
        if sorted(entries_of(theirs)) != sorted(self.entries):
            raise AssertionError("openssl was given other entries")


def _registry(file: Path, rows: Iterator[dict[str, Any]]) -> Database:
    database = open_database(f"sqlite:///{file}")
    upgrade(database)
    database.dispose()
    insert(file, rows)
    return database


def write(path: Path, content: bytes) -> None:
    """Replace a file durably, with nothing around it."""
    new = path.with_suffix(".new")
    handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    os.write(handle, content)
    os.fsync(handle)
    os.close(handle)
    new.rename(path)
    folder = os.open(path.parent, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)


def measure(few: int, many: int, rounds: int) -> list[Line]:
    """A list of each size."""
    taken: dict[int, Times] = {}
    for entries in (few, many):
        with tempfile.TemporaryDirectory() as name:
            lists = Lists(Path(name), entries)
            try:
                taken[entries] = lists.times(rounds)
            finally:
                lists.close()
    times = taken[many]
    ours, bare, openssl = (statistics.median(each) for each in (times.ours, times.bare, times.openssl))
    small = statistics.median(taken[few].ours)
    return [
        Line(
            what=f"list of {many:,}, rows to files, against openssl",
            figure=f"{ours * 1000:.0f} ms",
            reference=f"{openssl * 1000:.0f} ms, openssl ca -gencrl",
            ratio=openssl / ours,
            promised=f">= {FASTER_THAN_OPENSSL} x faster",
            kept=openssl / ours >= FASTER_THAN_OPENSSL,
        ),
        Line(
            what=f"list of {many:,}, rows to files, against its bare parts",
            figure=f"{ours * 1000:.0f} ms",
            reference=f"{bare * 1000:.0f} ms, join, hash, signature, synced files",
            ratio=ours / bare,
            promised=f"<= {TIMES_BARE} x",
            kept=ours / bare <= TIMES_BARE,
        ),
        Line(
            what=f"list of {many:,} against one of {few:,}",
            figure=f"{ours * 1000:.0f} ms",
            reference=f"{small * 1000:.0f} ms",
            ratio=ours / small,
            promised=f"<= {GROWTH} x",
            kept=ours / small <= GROWTH,
        ),
    ]
