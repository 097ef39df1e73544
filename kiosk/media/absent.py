"""No media at all: a terminal whose sticks are not set up lists nothing, writes nothing and says so."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

from kiosk.errors import MediaUnavailable
from kiosk.media.volumes import Stick, StickRef, WriteReceipt, WriteStep


@dataclass
class NoMedia:
    """`kiosk.media.volumes.Media` where there is none: inquiry and revocation work, issuing cannot."""

    simulated: bool = field(default=False, init=False)

    async def list(self) -> tuple[Stick, ...]:
        """Raises `MediaUnavailable`."""
        raise MediaUnavailable

    async def watch(self) -> AsyncIterator[tuple[Stick, ...]]:
        """One empty snapshot, then silence."""
        yield ()
        await asyncio.Event().wait()

    async def look(self, ref: StickRef) -> Stick:  # noqa: ARG002  # of the port
        """Raises `MediaUnavailable`."""
        raise MediaUnavailable

    async def write_verified(
        self,
        ref: StickRef,  # noqa: ARG002  # of the port
        name: str,  # noqa: ARG002
        data: bytes,  # noqa: ARG002
        progress: Callable[[WriteStep], None],  # noqa: ARG002
    ) -> WriteReceipt:
        """Raises `MediaUnavailable`; nothing was written."""
        raise MediaUnavailable

    async def looks_finished(self, ref: StickRef, name: str, sha256_hex: str) -> bool:  # noqa: ARG002
        """Raises `MediaUnavailable`."""
        raise MediaUnavailable

    async def remove_leftover(self, ref: StickRef) -> str:  # noqa: ARG002  # of the port
        """Raises `MediaUnavailable`."""
        raise MediaUnavailable

    async def eject(self, ref: StickRef) -> None:  # noqa: ARG002  # of the port
        """Raises `MediaUnavailable`."""
        raise MediaUnavailable
