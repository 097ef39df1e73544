"""Which sticks the settings name, and what is loaded for them."""

import subprocess
import sys
from pathlib import Path

import pytest

from kiosk.clock import SystemClock
from kiosk.config import Settings, training_settings
from kiosk.errors import MediaUnavailable
from kiosk.media.absent import NoMedia
from kiosk.media.choosing import media_for
from kiosk.media.directory import DirectoryMedia
from kiosk.media.udisks.kernel import UsbFacts
from kiosk.media.udisks.media import UDisksMedia

ROOT = Path(__file__).parents[2]
DEVICE = UsbFacts("0951", "1666", "60A44C41", interfaces=("080650",), port="1-1")


def settings_with(folder: Path, **media: object) -> Settings:
    """A practice counter's settings with real sticks and these changes."""
    settings = training_settings(folder, real_sticks=True)
    return settings.model_copy(update={"media": settings.media.model_copy(update=media)})


def test_the_folder_of_training_stands_for_sticks(tmp_path: Path) -> None:
    media = media_for(training_settings(tmp_path), clock=SystemClock())
    assert isinstance(media, DirectoryMedia)
    assert media.simulated


async def test_without_an_adapter_there_are_no_sticks(tmp_path: Path) -> None:
    media = media_for(settings_with(tmp_path, adapter="none"), clock=SystemClock())
    assert isinstance(media, NoMedia)
    with pytest.raises(MediaUnavailable):
        await media.list()


def test_real_sticks_are_not_simulated_and_follow_the_settings(tmp_path: Path) -> None:
    settings = settings_with(tmp_path, require_empty=False, allow_fixed_disks=True, largest_gigabytes=64)
    media = media_for(settings, clock=SystemClock())
    assert isinstance(media, UDisksMedia)
    assert (media.simulated, media.require_empty) == (False, False)
    assert (media.policy.allow_fixed_disks, media.policy.largest) == (True, 64_000_000_000)
    assert media.policy.registered is None


def test_registered_media_only_means_none_until_there_is_a_list(tmp_path: Path) -> None:
    settings = settings_with(tmp_path, mode="registered")
    asked: list[object] = []

    def admits(device: UsbFacts) -> bool:
        asked.append(device)
        return True

    without = media_for(settings, clock=SystemClock())
    with_list = media_for(settings, clock=SystemClock(), registered=admits)
    assert isinstance(without, UDisksMedia)
    assert isinstance(with_list, UDisksMedia)
    assert without.policy.registered is not None
    assert not without.policy.registered(DEVICE)
    assert with_list.policy.registered is not None
    assert with_list.policy.registered(DEVICE)
    assert asked == [DEVICE]


def test_a_counter_with_folders_loads_neither_the_adapters_nor_the_message_bus() -> None:
    program = """
import sys
from pathlib import Path
from kiosk.clock import SystemClock
from kiosk.config import training_settings
from kiosk import bootstrap
bootstrap.media_for(training_settings(Path("/tmp/nowhere")), clock=SystemClock())
print(*(name for name in sys.modules if "dbus" in name or ".udisks" in name or ".windows" in name))
"""
    told = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert told.stdout.split() == []
