"""A whole terminal in emulation: Debian's kernel, USB ports, udev, D-Bus, polkit, UDisks, and this project's Python.

Its disk is the disk of this machine, for reading only, below a layer in memory.
"""

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from tests.support.machines import images
from tests.support.machines.bytecode import compiled_for
from tests.support.machines.kernel import PROJECT, Kernel
from tests.support.machines.ports import Ports, Qmp

_FASTER: Final = "mitigations=off tsc=reliable"
"""An emulated processor has nothing to be guarded against, and its cores count time alike."""
UP: Final = 600.0
"""Seconds until the guest program speaks; on a quiet machine it takes twenty."""


class MachineFailed(AssertionError):
    """The machine did not start, stopped in the middle, or ran too long; its last lines say more."""


@dataclass
class Machine:
    """One start. What the guest program told is in `told`, in order."""

    kernel: Kernel
    scratch: Path
    program: str
    longest: float
    """Seconds for the guest program."""
    home: Path | None = None
    """Copied into the home of the account before the program starts."""
    python: Path | None = None
    """A disk with all of Python that it needs; see `tests.support.machines.bytecode`."""
    told: list[dict[str, Any]] = field(default_factory=list)

    async def run(self) -> list[dict[str, Any]]:
        """Start, do what the guest program asks for until it is done, stop; what it told. Raises `MachineFailed`."""
        with (self.scratch / "console.txt").open("wb") as console:
            qemu = await asyncio.create_subprocess_exec(
                *self._command(), stdin=asyncio.subprocess.DEVNULL, stdout=console, stderr=console
            )
            serving = asyncio.create_task(self._serve())
            ended = asyncio.create_task(qemu.wait())
            try:
                await asyncio.wait({serving, ended}, return_when=asyncio.FIRST_COMPLETED)
                if not serving.done():
                    raise MachineFailed(self._last())
                await serving
            except (TimeoutError, EOFError, ConnectionError):
                raise MachineFailed(self._last()) from None
            finally:
                serving.cancel()
                with suppress(ProcessLookupError):
                    qemu.kill()
                await ended
        return self.told

    async def _serve(self) -> None:
        qmp = await _patiently(lambda: Qmp.connected(self.scratch / "qmp"))
        ports = Ports(qmp, self.scratch)
        reader, writer = await _patiently(lambda: asyncio.open_unix_connection(self.scratch / "line"))
        doing: dict[str, Callable[..., Any]] = {"plug": ports.plug, "pull": ports.pull, "tell": self._heard}
        try:
            async with asyncio.timeout(UP):
                asked = await reader.readline()
            async with asyncio.timeout(self.longest):
                while (question := json.loads(asked or b'{"do": "nothing"}')).get("what") != "finished":
                    if not asked:
                        raise EOFError
                    writer.write(json.dumps(await _answer(doing, question)).encode() + b"\n")
                    asked = await reader.readline()
        finally:
            writer.close()
            qmp.close()

    async def _heard(self, **facts: Any) -> None:
        self.told.append(facts)
        with (self.scratch / "told.txt").open("a", encoding="utf-8") as log:
            log.write(f"{json.dumps(facts)}\n")

    def _command(self) -> list[str]:
        words = {
            "START": Path(__file__).with_name("second.sh"),
            "PROJECT": PROJECT,
            "KERNEL": self.kernel.place,
            "PROGRAM": self.program,
            "WITH": self.home or "",
        }
        line = " ".join(f"{name}={value}" for name, value in words.items())
        return [
            *("qemu-system-x86_64", "-accel", "tcg,thread=multi", "-cpu", "max"),
            *("-smp", "2", "-m", "1536"),
            *("-display", "none", "-monitor", "none", "-nic", "none", "-no-reboot"),
            *(
                "-serial",
                "stdio",
                "-chardev",
                f"socket,id=line,path={self.scratch / 'line'},server=on,wait=off",
            ),
            *("-serial", "chardev:line", "-qmp", f"unix:{self.scratch / 'qmp'},server=on,wait=off"),
            *("-kernel", str(self.kernel.image), "-initrd", str(self.kernel.first_files(self.scratch))),
            *(
                "-append",
                f"console=ttyS0 quiet panic=-1 no_timer_check {_FASTER if self.python else ''} {line}",
            ),
            *("-virtfs", "local,path=/,mount_tag=hostroot,security_model=none,readonly=on,multidevs=remap"),
            *("-device", "qemu-xhci,id=xhci,p2=8,p3=8", "-device", "ahci,id=sata"),
            *("-drive", f"if=none,id=inner,format=raw,file={self.scratch / 'inner.img'}"),
            *("-device", "ide-hd,drive=inner,bus=sata.0"),
            *(("-drive", f"if=virtio,format=raw,readonly=on,file={self.python}") if self.python else ()),
        ]

    def _last(self) -> str:
        lines = (self.scratch / "console.txt").read_text("utf-8", errors="replace").splitlines()
        return "\n".join([f"the machine failed; it told {len(self.told)} things", *lines[-60:]])


async def _patiently(connect: Callable[[], Any]) -> Any:
    """QEMU makes its sockets a moment after its start."""
    for _ in range(600):
        with suppress(OSError):
            return await connect()
        await asyncio.sleep(0.05)
    raise EOFError


async def _answer(doing: dict[str, Callable[..., Any]], question: dict[str, Any]) -> str:
    do = doing[question.pop("do")]
    try:
        await do(**question)
    except AssertionError as refusal:
        return str(refusal)
    return "done"


def run(
    program: str, scratch: Path, longest: float, *, home: Path | None = None, compiled: bool = False
) -> list[dict[str, Any]]:
    """`Machine.run` for a test that is not asynchronous; `compiled` gives the machine a disk of its own for Python."""
    images.make(scratch / "inner.img", "fat32", "INNER")
    python = compiled_for(program, scratch) if compiled else None
    machine = Machine(Kernel.found(), scratch, program, longest, home, python)
    try:
        return asyncio.run(machine.run())
    except MachineFailed:
        if machine.told:
            raise
    # It never got as far as the program: one start in many dies before, on a machine that is busy.
    return asyncio.run(machine.run())
