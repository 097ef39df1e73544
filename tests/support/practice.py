"""A practice counter for screen tests: the real services of `kiosk demo` on SQLite, with a clock that stands still."""

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from kiosk.bootstrap import open_services
from kiosk.secret import Secret
from kiosk.services.acting import Actor
from kiosk.services.bundle import Services
from kiosk.training.people import STAFF_PASSWORD
from kiosk.training.setting_up import set_up, settings_of
from tests.support.clock import SteppedClock

CODE = re.compile(r"\b\d{6}\b")


@dataclass(frozen=True, kw_only=True)
class Practice:
    """The counter, who works at it, and what a test may look at behind the glass."""

    services: Services
    clock: SteppedClock
    actor: Actor
    """`op001`, a clerk."""
    sticks: Path
    """Each folder in it is a stick in a port."""

    @property
    def code(self) -> str:
        """The six digits of the newest letter in the training post box."""
        found = CODE.search(self.services.notices.training_mailbox(1)[0].body)
        assert found is not None
        return found.group()

    def files_on(self, stick: str) -> list[str]:
        """The names of the files on a stick."""
        return sorted(path.name for path in (self.sticks / stick).iterdir())


@pytest.fixture(scope="session")
def practice_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Making people and certificates takes a second or two; copying them does not."""
    folder = tmp_path_factory.mktemp("practice-template") / "data"
    set_up(folder, clock=SteppedClock())
    return folder


@pytest.fixture
def practice(practice_template: Path, tmp_path: Path) -> Iterator[Practice]:
    """A fresh practice counter, its signer unlocked and its self-check done, with `op001` signed on."""
    folder = tmp_path / "data"
    shutil.copytree(practice_template, folder)
    settings = settings_of(folder)
    clock = SteppedClock()
    services = open_services(settings, clock=clock)
    try:
        services.unlock_signer()
        services.self_check.run()
        actor = services.signing_in.sign_in("op001", Secret(STAFF_PASSWORD))
        assert settings.media.directory is not None
        yield Practice(services=services, clock=clock, actor=actor, sticks=settings.media.directory)
    finally:
        services.close()
