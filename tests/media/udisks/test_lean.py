"""The D-Bus library is of Linux and of terminals with sticks: nobody else loads it, and nobody waits for it."""

import subprocess
import sys

import pytest

EVERY_MODULE = """
import importlib, pkgutil, sys
sys.modules["dbus_fast"] = None  # as where it was never installed
import kiosk.media.choosing, kiosk.media.udisks
for found in pkgutil.walk_packages(kiosk.media.udisks.__path__, "kiosk.media.udisks."):
    importlib.import_module(found.name)
from kiosk.media.udisks.media import UDisksMedia
UDisksMedia()
print("imported")
"""
START = """
import sys
import kiosk.bootstrap, kiosk.services.bundle
print(sorted(name for name in sys.modules if name.startswith(("dbus_fast", "kiosk.media.udisks"))))
"""


@pytest.mark.parametrize(("program", "says"), [(EVERY_MODULE, "imported"), (START, "[]")])
def test_nothing_needs_the_library_before_a_bus_is_opened(program: str, says: str) -> None:
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == says
