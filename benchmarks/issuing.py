"""From 発行 pressed to verified on the stick, against the bare sum of its parts in the same rounds.

`python -m benchmarks.issuing`; promised: at most 1.25 times, with P-256 and with RSA-2048 keys.
"""

import os
import re
import secrets
import sqlite3
import statistics
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.issue_parts import BareParts
from kiosk.bootstrap import open_services, start
from kiosk.clock import SystemClock
from kiosk.config import Settings
from kiosk.pki.signer import KeyAlgorithm
from kiosk.rules.operations import Transaction
from kiosk.rules.users import UserRole
from kiosk.secret import Secret
from kiosk.services.acting import Actor
from kiosk.services.bundle import Services
from kiosk.services.staff.staffing import NewUser
from kiosk.services.views import (
    Channel,
    DocumentType,
    HandOverCheck,
    ReceptionCheck,
    ReceptionForm,
    VisitorKind,
)
from kiosk.training.people import BRANCH_NO, ORGANIZATIONS, STAFF_PASSWORD, USER_PASSWORD
from kiosk.training.setting_up import set_up

READING = 0.5
"""Seconds between the right code and the press, less than anybody needs to read step 6: what was begun when the code
was right is ready by then, as it is at a counter."""
COMMITS = 4
"""Durable commits of one issue: the intent, the certificate, the try, the verified file."""
PROMISED = 1.25


@dataclass(frozen=True, kw_only=True)
class Result:
    """Median seconds of one kind of key."""

    algorithm: KeyAlgorithm
    whole: float
    bare: float

    @property
    def ratio(self) -> float:
        """How much the counter adds."""
        return self.whole / self.bare


class PracticeCounter:
    """A practice counter that issues to one new user after the other."""

    def __init__(self, folder: Path, algorithm: KeyAlgorithm) -> None:
        settings = set_up(folder, clock=SystemClock())
        self.settings: Settings = settings.model_copy(
            update={
                "certificate": settings.certificate.model_copy(update={"key_algorithm": str(algorithm)}),
                "media": settings.media.model_copy(update={"numbered": False}),
            }
        )
        self.services: Services = open_services(self.settings)
        start(self.services)
        self.actor: Actor = self.services.signing_in.sign_in("op001", Secret(STAFF_PASSWORD))
        self._number = 0

    def at_step_6(self) -> str:
        """The reception number of a new user whose password and code were right."""
        self._number += 1
        user_id = f"bench{self._number:04d}"
        row = self.services.staffing.add_user(
            None,
            NewUser(
                user_id=user_id,
                role=UserRole.GENERAL,
                name="計測 太郎",
                kana="ケイソク タロウ",
                email=f"{user_id}@kunren.invalid",
                branch_no=BRANCH_NO,
                organization_code=ORGANIZATIONS[0].code,
            ),
            Secret(USER_PASSWORD),
        )
        case = self.services.casework.open(self.actor, form())
        self.services.casework.choose_user(self.actor, case.reception_no, row.user_pk)
        self.services.casework.choose_transaction(self.actor, case.reception_no, Transaction.FIRST_ISSUE)
        self.services.authenticating.submit_password(
            self.actor, case.reception_no, user_id, Secret(USER_PASSWORD)
        )
        letter = next(one for one in self.services.notices.training_mailbox(9) if "認証コード" in one.subject)
        code = re.search(r"\b[0-9]{6}\b", letter.body)
        assert code is not None
        self.services.authenticating.submit_code(self.actor, case.reception_no, Secret(code.group()))
        return case.reception_no

    def issues(self, reception_no: str) -> float:
        """Seconds from the press to the verified file."""
        stick = self.services.delivering.sticks()[0]
        day = self.services.issuing.preview(self.actor, reception_no).issue_date
        begun = time.perf_counter()
        ready = self.services.issuing.sign(
            self.actor, reception_no, secrets.token_hex(16), lambda _: None, shown=day
        )
        delivered = self.services.delivering.deliver(self.actor, ready, stick.ref, lambda _: None)
        seconds = time.perf_counter() - begun
        self.services.handing_over.hand_over(self.actor, reception_no, frozenset(HandOverCheck))
        directory = self.settings.media.directory
        assert directory is not None
        for file in directory.rglob(delivered.file_name):
            file.unlink()
        return seconds


class BareDisk:
    """Durable commits and a file that is written, synced and read back, with nothing around them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._database = sqlite3.connect(folder / "bare.sqlite3", isolation_level=None)
        self._database.execute("PRAGMA journal_mode=DELETE")
        self._database.execute("PRAGMA synchronous=EXTRA")
        self._database.execute("CREATE TABLE entries (pk INTEGER PRIMARY KEY, body BLOB)")

    def once(self) -> float:
        """Seconds."""
        begun = time.perf_counter()
        for _ in range(COMMITS):
            self._database.execute("BEGIN IMMEDIATE")
            self._database.execute("INSERT INTO entries (body) VALUES (?)", (os.urandom(800),))
            self._database.execute("COMMIT")
        self._file(os.urandom(4_000))
        return time.perf_counter() - begun

    def _file(self, data: bytes) -> None:
        place = self._folder / f"{secrets.token_hex(8)}.p12"
        handle = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        os.write(handle, data)
        os.fsync(handle)
        os.close(handle)
        folder = os.open(self._folder, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)
        assert place.read_bytes() == data
        place.unlink()


def measured(algorithm: KeyAlgorithm, rounds: int) -> Result:
    """The counter and the bare parts in turn, so that a busy machine slows both."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        counter = PracticeCounter(folder / "counter", algorithm)
        parts, disk = BareParts(algorithm, ca_algorithm=KeyAlgorithm.P_256), BareDisk(folder)
        whole, bare = [], []
        try:
            for _ in range(rounds):
                reception_no = counter.at_step_6()
                time.sleep(READING)
                whole.append(counter.issues(reception_no))
                once = parts.once()
                bare.append(once.key + once.signature + once.p12 + disk.once())
        finally:
            counter.services.close()
    return Result(algorithm=algorithm, whole=statistics.median(whole), bare=statistics.median(bare))


def form() -> ReceptionForm:
    """A complete form of somebody who came in person."""
    return ReceptionForm(
        form_no="B0001",
        channel=Channel.COUNTER,
        visitor_kind=VisitorKind.SELF,
        visitor_name="計測 太郎",
        document_type=DocumentType.DRIVING_LICENCE,
        document_last4="0001",
        checks=frozenset(ReceptionCheck),
        operation_id=secrets.token_hex(16),
    )


def main(rounds: int = 20) -> list[Result]:
    """Print a line for each kind of key."""
    results = [measured(algorithm, rounds) for algorithm in (KeyAlgorithm.P_256, KeyAlgorithm.RSA_2048)]
    for result in results:
        print(
            f"issue {result.algorithm}: {result.whole * 1000:.0f} ms, bare {result.bare * 1000:.0f} ms,"
            f" ratio {result.ratio:.2f} (promised {PROMISED})"
        )
    return results


if __name__ == "__main__":
    main()
