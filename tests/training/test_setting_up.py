"""The practice counter as `make demo` opens it: below a folder that is named relative to where one stands."""

from pathlib import Path

import pytest

from db.migrations.running import is_current, upgrade
from kiosk.bootstrap import open_registry, open_services, start
from kiosk.training.setting_up import set_up
from tests.support.clock import SteppedClock


def test_a_practice_counter_in_a_relative_folder_can_issue(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    clock = SteppedClock()
    services = open_services(set_up(Path(".madoguchi-training"), clock=clock), clock=clock)
    try:
        start(services)
        assert services.self_check.closed_by() == ()
    finally:
        services.close()


def test_a_practice_counter_of_an_earlier_release_is_brought_up_to_date(tmp_path: Path) -> None:
    folder = tmp_path / "practice"
    settings = set_up(folder, clock=SteppedClock())
    registry = folder / "registry.sqlite3"
    registry.unlink()
    database = open_registry(settings.database)
    upgrade(database, "0001")
    assert not is_current(database)

    set_up(folder, clock=SteppedClock())

    assert is_current(database)
    database.dispose()
