"""What screen tests start from: a registry with one clerk and the real sign-on, and the shell around a screen."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from db.database import Database
from kiosk.services._held import HeldPasswords
from kiosk.services.signing_in import PasswordVerifier, SigningIn
from kiosk.translations.catalog import Language, use
from tests.support.builders import HASHER, a_desk, a_staff, a_terminal
from tests.support.clock import SteppedClock


@pytest.fixture
def database_url(sqlite_template: Path, tmp_path: Path) -> str:
    """One engine is enough here: what a screen shows does not depend on it."""
    path = tmp_path / "registry.db"
    shutil.copyfile(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture
def clock() -> SteppedClock:
    """Monday, 2 March 2026, 10:00 in Japan."""
    return SteppedClock()


@pytest.fixture(autouse=True)
def in_japanese() -> Iterator[None]:
    """Every test begins and ends in Japanese."""
    use(Language.JAPANESE)
    yield
    use(Language.JAPANESE)


@dataclass(frozen=True)
class DoorServices:
    """The use cases of the sign-on screen and the idle lock; the screens of the shell ask for no others."""

    signing_in: SigningIn


@pytest.fixture
def door(database: Database, clock: SteppedClock) -> DoorServices:
    """The real sign-on for `op001`, a clerk named 窓口 花子."""
    a_staff(database, "op001")
    return DoorServices(
        SigningIn(
            desk=a_desk(database, clock),
            terminal=a_terminal(database),
            verifier=PasswordVerifier(hasher=HASHER),
            passwords=HeldPasswords(),
        )
    )
