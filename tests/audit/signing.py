"""A key that signs checkpoints in tests."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from db.database import Database
from kiosk.audit import checkpoints
from kiosk.audit.checkpoints import SignedCheckpoint
from kiosk.audit.events import EventTag
from kiosk.audit.trail import Trail, Who
from tests.support.clock import MONDAY_MORNING

NODE = "012/01/screen"
KEY_ID = "5e1f"
CLERK = Who(staff_id="op001", role="clerk", branch_no="012", terminal_no="01")
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC_KEY = KEY.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def attest(message: bytes) -> bytes:
    """As the signer does."""
    return KEY.sign(message)


def write(database: Database, number: int, *, node: str = NODE, user_id: str | None = None) -> None:
    """Append entries, one a second."""
    trail = Trail(node)
    with database.transaction() as session:
        for second in range(number):
            now = MONDAY_MORNING + timedelta(seconds=second)
            trail.record(session, EventTag.USER_INQUIRED, now=now, who=CLERK, user_id=user_id)


def checkpoint(database: Database, *, node: str = NODE, now: datetime = MONDAY_MORNING) -> SignedCheckpoint:
    """Make the one that is due."""
    made = checkpoints.make(database, node, attest=attest, key_id=KEY_ID, now=now)
    assert made is not None
    return made


def lengths(kept: Iterable[SignedCheckpoint]) -> list[int]:
    """What the checkpoints speak of."""
    return [each.seq for each in kept]
