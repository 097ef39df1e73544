"""The practice counter is made once, by the program's own set-up, and copied for every journey."""

import shutil
from pathlib import Path

import pytest

from kiosk.clock import SystemClock
from kiosk.training.setting_up import set_up


@pytest.fixture(scope="session")
def counter_of_today(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Certificates and dates count from now, because the program in the terminal has the real clock."""
    folder = tmp_path_factory.mktemp("counter-of-today") / "data"
    set_up(folder, clock=SystemClock())
    return folder


@pytest.fixture
def folder(counter_of_today: Path, tmp_path: Path) -> Path:
    """The data folder of one journey."""
    copied = tmp_path / "data"
    shutil.copytree(counter_of_today, copied)
    return copied
