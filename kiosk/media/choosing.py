"""Which sticks the settings name. An adapter is imported only where it is used: a start waits for no other."""

from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from kiosk.clock import Clock
from kiosk.config import MediaSettings, Settings
from kiosk.errors import MediaUnavailable
from kiosk.media.absent import NoMedia
from kiosk.media.volumes import Media

if TYPE_CHECKING:
    from kiosk.media.udisks.kernel import UsbFacts

Registered = Callable[["UsbFacts"], bool]
"""Whether a device is on the bank's list of media, now."""


def media_for(settings: Settings, *, clock: Clock, registered: Registered | None = None) -> Media:
    """The sticks of this machine, a folder in their place, or none at all.

    `registered` is asked where the settings admit registered media only; without it none is registered.
    """
    chosen = settings.media
    if chosen.directory is not None:
        from kiosk.media.directory import DirectoryMedia  # noqa: PLC0415  # loaded where it is used

        return DirectoryMedia(
            chosen.directory, training=settings.training, require_empty=chosen.require_empty, clock=clock
        )
    if chosen.adapter == "udisks":
        from kiosk.media.udisks.media import UDisksMedia  # noqa: PLC0415  # with it the D-Bus library
        from kiosk.media.udisks.targets import Policy  # noqa: PLC0415

        policy = Policy(
            allow_fixed_disks=chosen.allow_fixed_disks,
            largest=chosen.largest_bytes,
            registered=(registered or _none) if chosen.mode == "registered" else None,
        )
        return UDisksMedia(policy=policy, require_empty=chosen.require_empty, clock=clock)
    if chosen.adapter == "windows":
        with suppress(MediaUnavailable):  # this is no Windows: the counter opens, and nothing is issued
            return _on_windows(chosen, clock, registered or _none)
    return NoMedia()


def _on_windows(chosen: MediaSettings, clock: Clock, registered: Registered) -> Media:
    """Raises `MediaUnavailable` on any other system."""
    from kiosk.media.udisks.kernel import UsbFacts  # noqa: PLC0415  # loaded where it is used
    from kiosk.media.windows.decisions import Policy, UsbIdentity  # noqa: PLC0415
    from kiosk.media.windows.media import WindowsMedia  # noqa: PLC0415

    def is_registered(usb: UsbIdentity) -> bool:
        return registered(UsbFacts(usb.vid, usb.pid, usb.serial, interfaces=(), port=""))

    policy = Policy(
        allow_fixed_disks=chosen.allow_fixed_disks,
        largest=chosen.largest_bytes,
        registered=is_registered if chosen.mode == "registered" else None,
    )
    return WindowsMedia(policy=policy, require_empty=chosen.require_empty, clock=clock)


def _none(_: "UsbFacts") -> bool:
    return False
