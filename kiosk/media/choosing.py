"""Which sticks the settings name. An adapter is imported only where it is used: a start waits for no other."""

from kiosk.clock import Clock
from kiosk.config import Settings
from kiosk.media.absent import NoMedia
from kiosk.media.volumes import Media


def media_for(settings: Settings, *, clock: Clock) -> Media:
    """The sticks of this machine, a folder in their place, or none at all."""
    folder = settings.media.directory
    if folder is not None:
        from kiosk.media.directory import DirectoryMedia  # noqa: PLC0415  # loaded where it is used

        return DirectoryMedia(
            folder, training=settings.training, require_empty=settings.media.require_empty, clock=clock
        )
    return NoMedia()
