"""The real UDisks2 with udev and polkit, in namespaces of its own: it sees this machine's disks, and nobody sees it."""

import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from tests.support.deep import need

UDISKSD: Final = "/usr/libexec/udisks2/udisksd"
UDEVD: Final = "/lib/systemd/systemd-udevd"
POLKITD: Final = "/usr/lib/polkit-1/polkitd"
_NAMESPACES: Final = (
    "--mount",
    "--net",
    "--pid",
    "--fork",
    "--kill-child",
    "--mount-proc",
    "--propagation",
    "private",
)
_START_S: Final = 60
_BEGIN: Final = f"""
set -eu
mount -t tmpfs tmp /run
mkdir -p /run/dbus /run/udev /run/lock
dbus-daemon --system --nofork --nopidfile --address="$DBUS_SYSTEM_BUS_ADDRESS" &
{UDEVD} --daemon
udevadm trigger --subsystem-match=block --action=add
udevadm settle --timeout=10 || true
{POLKITD} --no-debug &
exec {UDISKSD}
"""


@contextmanager
def real_udisks() -> Iterator[str]:
    """The address of its bus."""
    need("root", "unshare", "dbus-daemon", "udevadm", UDISKSD, UDEVD, POLKITD)
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)  # whoever has no rights asks as well
        address = f"unix:path={folder}/bus"
        with (Path(folder) / "log").open("w+b") as log:
            program = subprocess.Popen(
                ["unshare", *_NAMESPACES, "sh", "-c", _BEGIN],
                env=os.environ | {"DBUS_SYSTEM_BUS_ADDRESS": address},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
            try:
                _wait_for_its_name(program, Path(folder) / "log")
                yield address
            finally:
                with suppress(ProcessLookupError):
                    os.killpg(program.pid, signal.SIGKILL)
                program.wait(60)


def _wait_for_its_name(program: "subprocess.Popen[bytes]", log: Path) -> None:
    until = time.monotonic() + _START_S
    while "Acquired the name org.freedesktop.UDisks2" not in log.read_text(errors="replace"):
        has_ended = program.poll() is not None or time.monotonic() > until
        assert not has_ended, log.read_text(errors="replace")
        time.sleep(0.05)
