"""The program that holds p12 and passwords keeps its memory to itself, whatever it was started for."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ENDS_BADLY = """
import ctypes, os, resource, signal, sys
from kiosk.__main__ import main
signal.signal(signal.SIGQUIT, signal.SIG_DFL)  # whoever started the tests may have shut it out
_, most = resource.getrlimit(resource.RLIMIT_CORE)
resource.setrlimit(resource.RLIMIT_CORE, (most, most))
try:
    main(["--settings", "nowhere.toml", "settings", "show"])
finally:
    print("dumpable", ctypes.CDLL(None).prctl(3, 0, 0, 0, 0), *resource.getrlimit(resource.RLIMIT_CORE), flush=True)
    os.kill(os.getpid(), signal.SIGQUIT)
"""


@pytest.mark.rule("I-21", "E-86")
def test_the_program_leaves_no_core_file_and_admits_no_debugger(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", ENDS_BADLY],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"},
    )
    assert "dumpable 0 0 0" in ended.stdout.splitlines()
    assert ended.returncode == -3
    assert list(tmp_path.iterdir()) == []
