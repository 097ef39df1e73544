"""The practice counter as `make demo` opens it: below a folder that is named relative to where one stands."""

from pathlib import Path

import pytest

from kiosk.bootstrap import open_services, start
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
