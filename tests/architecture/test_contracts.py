"""Imports point one way down; the six sentences stand in pyproject.toml."""

import subprocess
import sys
from pathlib import Path

from tests.support.sources import ROOT


def test_the_import_contracts_hold() -> None:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-logo"]
    finished = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stdout
    assert "6 kept, 0 broken" in finished.stdout
