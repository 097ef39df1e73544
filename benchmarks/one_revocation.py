"""One revocation, from the press after the approval to the published list, with so many revoked already.

`python -m benchmarks revoke`; promised at 10,000 revoked: at most 3 times the three durable writes that it cannot do
without, which are the row and the list in its two forms. The clerk has the answer then; that the registry notes the
list afterwards is waited for before anything else is timed. The garbage collector is held as in a running counter.
"""

import gc
import os
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from benchmarks.issuing import PracticeCounter, form
from benchmarks.lines import Line, compared
from benchmarks.revoked import insert, revoked_certificates
from benchmarks.revoking import write
from kiosk.pki.signer import KeyAlgorithm
from kiosk.rules.operations import Transaction
from kiosk.rules.revocation import RevocationReason
from kiosk.rules.users import UserRole
from kiosk.secret import Secret
from kiosk.services.approved.views import RevokeRequest
from kiosk.services.staff.staffing import NewUser
from kiosk.training.history import past_certificate
from kiosk.training.people import BRANCH_NO, ORGANIZATIONS, STAFF_PASSWORD, USER_PASSWORD
from screens.collecting import hold_long_rounds

TIMES_BARE: Final = 3
FIRST_PK: Final = 1_000_000
SUPERVISOR: Final = "op002"


def revoked_before(file: Path, count: int) -> None:
    """Put so many revocations into a registry."""
    insert(file, (one.row(FIRST_PK + number) for number, one in enumerate(revoked_certificates(count))))


def approved(counter: PracticeCounter, number: int) -> str:
    """The reception of a new user whose certificate may be revoked now."""
    services, actor = counter.services, counter.actor
    new = NewUser(
        user_id=f"revoke{number:04d}",
        role=UserRole.GENERAL,
        name="計測 太郎",
        kana="ケイソク タロウ",
        email=f"revoke{number:04d}@kunren.invalid",
        branch_no=BRANCH_NO,
        organization_code=ORGANIZATIONS[0].code,
    )
    user = services.staffing.add_user(None, new, Secret(USER_PASSWORD))
    desk, signer = services.publishing.desk, services.publishing.signer
    past_certificate(desk.database, signer, user.user_pk, datetime.now(UTC) - timedelta(days=5))
    reception_no = services.casework.open(actor, form()).reception_no
    services.casework.choose_user(actor, reception_no, user.user_pk)
    case = services.casework.choose_transaction(actor, reception_no, Transaction.REVOKE)
    assert case.card is not None
    request = RevokeRequest(serial=case.card.certificates[0].serial, reason=RevocationReason.LEFT)
    asked = services.approving.ask(actor, reception_no, request)
    services.approving.approve_here(
        actor, asked.approval_pk, asked.digest, SUPERVISOR, Secret(STAFF_PASSWORD)
    )
    return reception_no


class ThreeWrites:
    """A row, committed as the registry commits, and two files of the size of the list."""

    def __init__(self, folder: Path, sizes: tuple[int, int]) -> None:
        self._files = [(folder / f"bare-{number}", os.urandom(size)) for number, size in enumerate(sizes)]
        self._database = sqlite3.connect(folder / "bare.sqlite3", isolation_level=None)
        self._database.execute("PRAGMA journal_mode=DELETE")
        self._database.execute("PRAGMA synchronous=EXTRA")
        self._database.execute("CREATE TABLE entries (pk INTEGER PRIMARY KEY, body BLOB)")

    def once(self) -> float:
        """Seconds."""
        begun = time.perf_counter()
        self._database.execute("BEGIN IMMEDIATE")
        self._database.execute("INSERT INTO entries (body) VALUES (?)", (os.urandom(800),))
        self._database.execute("COMMIT")
        for path, content in self._files:
            write(path, content)
        return time.perf_counter() - begun


@contextmanager
def collecting_as_at_a_counter() -> Iterator[None]:
    """The garbage collector passes over what stands, and takes no long round while somebody waits."""
    thresholds = gc.get_threshold()
    hold_long_rounds()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
        gc.set_threshold(*thresholds)


def measure(count: int, rounds: int) -> list[Line]:
    """In turn, so that a busy machine slows both."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        counter = PracticeCounter(folder / "counter", KeyAlgorithm.P_256)
        try:
            revoked_before(folder / "counter/registry.sqlite3", count)
            counter.services.publishing.publish()
            crl = counter.settings.paths.crl
            bare = ThreeWrites(folder, ((crl / "crl.der").stat().st_size, (crl / "crl.pem").stat().st_size))
            whole, writes = [], []
            with collecting_as_at_a_counter():
                for number in range(rounds):
                    reception_no = approved(counter, number)
                    begun = time.perf_counter()
                    result = counter.services.revoking.execute(counter.actor, reception_no)
                    whole.append(time.perf_counter() - begun)
                    assert result.published_crl_number is not None
                    counter.services.publishing.settle()
                    writes.append(bare.once())
        finally:
            counter.services.close()
    return [compared(f"one revocation with {count:,} before, three bare writes", whole, writes, TIMES_BARE)]
