"""The practice counter as `make demo` opens it: below a folder that is named relative to where one stands."""

from pathlib import Path

import pytest
from sqlmodel import select

from db.database import Database
from db.migrations.running import is_current, upgrade
from db.tables import Staff, User
from kiosk.bootstrap import hashing_in_force, open_registry, open_services, start
from kiosk.errors import SettingsWrong
from kiosk.training.setting_up import set_up
from tests.support.clock import SteppedClock
from tests.support.practice import hashing_cheaply


def test_a_practice_counter_in_a_relative_folder_can_issue(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    clock = SteppedClock()
    services = open_services(set_up(Path(".madoguchi-training"), clock=clock), clock=clock)
    try:
        start(services)
        assert services.self_check.closed_by() == ()
        require_costs_in_force(services.casework.desk.database)
    finally:
        services.close()


def require_costs_in_force(database: Database) -> None:
    """What screen tests leave out, the program and its practice counter never do."""
    with database.reading() as session:
        stored = {*session.exec(select(Staff.password_hash)), *session.exec(select(User.password_hash))}
    assert len(stored) > 10
    assert all(one.startswith("$argon2id$v=19$m=65536,t=3,p=1$") for one in stored)
    assert not hashing_in_force(bytes(32)).needs_rehash(min(stored))


def test_a_practice_counter_of_an_earlier_release_is_brought_up_to_date(tmp_path: Path) -> None:
    folder = tmp_path / "practice"
    settings = set_up(folder, clock=SteppedClock(), hashing=hashing_cheaply)
    registry = folder / "registry.sqlite3"
    registry.unlink()
    database = open_registry(settings.database)
    upgrade(database, "0001")
    assert not is_current(database)

    set_up(folder, clock=SteppedClock())

    assert is_current(database)
    database.dispose()


def test_a_folder_of_somebody_elses_is_named_and_left_alone(tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.mkdir()
    (taken / "letter.txt").write_text("a file of somebody's")
    with pytest.raises(SettingsWrong) as refused:
        set_up(taken, clock=SteppedClock(), hashing=hashing_cheaply)
    assert (refused.value.file, refused.value.key) == (str(taken), "--data")
    assert "空のフォルダー" in refused.value.problem
    assert [place.name for place in taken.iterdir()] == ["letter.txt"]


def test_a_place_that_cannot_be_a_folder_is_named(tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.write_text("a file of somebody's")
    for place in (taken, taken / "below"):
        with pytest.raises(SettingsWrong) as refused:
            set_up(place, clock=SteppedClock(), hashing=hashing_cheaply)
        assert refused.value.file == str(place)
    assert taken.read_text() == "a file of somebody's"
