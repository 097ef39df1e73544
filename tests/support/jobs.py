"""The jobs of a counter, with a CA key that nobody unlocked unless a signer is given."""

from pathlib import Path
from typing import NoReturn

from kiosk.audit.keeping import CheckpointFile
from kiosk.errors import SignerLocked
from kiosk.pki.signer import Signer
from kiosk.services.crl.publishing import Publishing
from kiosk.services.desk.guard import Desk
from kiosk.services.upkeep.jobs import Jobs


class Locked:
    """A signing process that waits for its passphrase."""

    def facts(self) -> NoReturn:
        """Nothing is known yet."""
        raise SignerLocked

    def attest(self, message: bytes) -> NoReturn:
        """Nothing is signed."""
        raise SignerLocked


def jobs_of(desk: Desk, signer: Signer | None = None, folder: Path = Path("/nowhere")) -> Jobs:
    """Jobs that publish to `folder` and keep checkpoints there."""
    signer = signer or Locked()  # type: ignore[assignment]  # all that jobs ask of one that is locked
    assert signer is not None
    return Jobs(
        desk=desk,
        signer=signer,
        publishing=Publishing(desk=desk, signer=signer, folder=folder),
        kept=CheckpointFile(folder / "checkpoints.jsonl"),
    )
