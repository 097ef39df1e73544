"""Is it still in? Asked of the kernel for that very plug-in event, never guessed from an error number.

A stick that was pulled answers some calls with success, others with one of five error numbers, and its directory looks
empty. Only the sequence number of the disk tells.
"""

from dataclasses import dataclass

from kiosk.errors import NotTheSameStick, StickRemoved
from kiosk.media.udisks.kernel import Kernel
from kiosk.media.udisks.references import PlugIn


@dataclass(frozen=True)
class StickPresence:
    """Whether one plug-in event still lasts. The kernel answers from memory: it never waits for the stick."""

    plug_in: PlugIn
    kernel: Kernel

    def require(self) -> None:
        """Raises `StickRemoved`, or `NotTheSameStick` when another one took its name."""
        sequence_number = self.kernel.sequence_number(self.plug_in.disk)
        if sequence_number is None:
            raise StickRemoved
        if sequence_number != self.plug_in.diskseq or self.kernel.boot_id() != self.plug_in.boot_id:
            raise NotTheSameStick

    def is_write_protected(self) -> bool:
        """Whether the disk itself takes nothing, whatever its file system would allow."""
        return self.kernel.is_read_only(self.plug_in.disk)

    def lasts(self) -> bool:
        """`require` as an answer."""
        try:
            self.require()
        except (StickRemoved, NotTheSameStick):
            return False
        return True
