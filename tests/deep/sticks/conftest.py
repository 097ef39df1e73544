"""Each kind of machine is started once for the whole test run."""

from typing import Any

import pytest

from tests.deep.sticks import usb
from tests.deep.sticks.needs import need_an_emulated_terminal, need_uml
from tests.support.machines import uml
from tests.support.machines.once import once


@pytest.fixture(scope="session")
def in_uml(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """Everything that happened in one start of User-Mode Linux."""
    need_uml()
    return once(tmp_path_factory, "uml", lambda place: uml.run("tests.deep.sticks.guest_uml", place))


@pytest.fixture(scope="session")
def in_qemu(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """Everything that happened at the ports in one start of the emulated terminal."""
    need_an_emulated_terminal()
    return once(tmp_path_factory, "usb", usb.run)
