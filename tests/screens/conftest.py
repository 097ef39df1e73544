"""What screen tests start from: a registry with one clerk and the real sign-on, and the shell around a screen."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from textual._compositor import Compositor
from textual._context import active_app
from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet

from db.database import Database
from kiosk.services.desk.held import HeldPasswords
from kiosk.services.staff.signing_in import PasswordVerifier, SigningIn
from kiosk.translations.catalog import Language, use
from tests.support.builders import HASHER, a_desk, a_staff, a_terminal
from tests.support.clock import SteppedClock


@pytest.fixture(scope="session", autouse=True)
def styles_are_parsed_once() -> Iterator[None]:
    """Every app of a run reads the same style files; Textual keeps what it parsed for one app only."""
    parse = Stylesheet._parse_rules
    parsed: dict[object, list[RuleSet]] = {}

    def parse_once(styles: Stylesheet, css: str, *where: Any, **how: Any) -> list[RuleSet]:
        key = (tuple(styles._variables.items()), css, where, tuple(how.items()))
        if key not in parsed:
            parsed[key] = parse(styles, css, *where, **how)
        return parsed[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Stylesheet, "_parse_rules", parse_once)
        yield


@pytest.fixture(autouse=True)
def a_frame_is_drawn_when_it_is_looked_at() -> Iterator[None]:
    """Textual draws every frame and throws it away where there is no terminal; that was a third of a screen test.

    The drivers draw whatever they look at and come to. What reaches a terminal is tested in terminals. For each test
    anew: others in the same process make pictures.
    """
    draw = Compositor.render_update

    def drawn_for_a_terminal(compositor: Compositor, *how: Any, **named: Any) -> Any:
        if not active_app.get().is_headless:
            return draw(compositor, *how, **named)
        compositor._dirty_regions.clear()
        return None

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Compositor, "render_update", drawn_for_a_terminal)
        # A rule of a style is itself and no other; Python's own hash says so half a million times without a call.
        patch.setattr(RuleSet, "__hash__", object.__hash__)
        yield


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
