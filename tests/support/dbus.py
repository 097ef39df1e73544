"""A D-Bus daemon of the test's own; nothing of the system's is used."""

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tests.support.deep import need

_CONFIGURATION: Final = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={place}/bus</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""


@contextmanager
def private_bus() -> Iterator[str]:
    """Its address. It starts no service by itself, so UDisks is there when a test says so and not before."""
    need("dbus-daemon")
    with tempfile.TemporaryDirectory() as folder:  # the address of a socket must be short
        (Path(folder) / "bus.conf").write_text(_CONFIGURATION.format(place=folder))
        command = [
            "dbus-daemon",
            f"--config-file={folder}/bus.conf",
            "--nofork",
            "--nopidfile",
            "--print-address=1",
        ]
        daemon = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        try:
            assert daemon.stdout is not None
            yield daemon.stdout.readline().strip()
        finally:
            daemon.terminate()
            daemon.wait(60)
            if daemon.stdout is not None:
                daemon.stdout.close()
