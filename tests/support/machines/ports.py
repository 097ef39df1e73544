"""The USB ports of an emulated terminal: sticks go in and out by QMP, QEMU's own remote control."""

import asyncio
import json
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, Final

_SCSI: Final = {"vendor": "MADOGUCH", "product": "TEST STICK", "ver": "1.0"}


class Qmp:
    """One connection; raises `AssertionError` with QEMU's own words."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def connected(cls, socket: Path) -> "Qmp":
        """Past the greeting."""
        found = cls(*await asyncio.open_unix_connection(socket))
        await found._reader.readline()
        await found.do("qmp_capabilities")
        return found

    async def do(self, command: str, **arguments: Any) -> Any:
        """One command and what it returned; events that come between are nobody's business."""
        names = {name.replace("_", "-"): value for name, value in arguments.items()}
        self._writer.write(json.dumps({"execute": command, "arguments": names}).encode() + b"\n")
        await self._writer.drain()
        while line := await self._reader.readline():
            answer = json.loads(line)
            if "error" in answer:
                raise AssertionError(f"{command}: {answer['error']['desc']}")
            if "return" in answer:
                return answer["return"]
        raise AssertionError(f"{command}: QEMU is gone")

    def close(self) -> None:
        """Let go."""
        self._writer.close()


@dataclass
class Ports:
    """What is plugged in where. A stick is named after its image in `folder`."""

    qmp: Qmp
    folder: Path
    _numbers: count = field(default_factory=lambda: count(1))
    _plugged: dict[str, int] = field(default_factory=dict)

    async def plug(
        self,
        image: str,
        port: int = 1,
        serial: str = "0123456789AB",
        locked: bool = False,
        bytes_a_second: int = 0,
        failing: int = 0,
        fixed: bool = False,
        disc: bool = False,
    ) -> None:
        """Put a stick in: write-protected, slow, one whose every write fails with an error number, or a disc drive."""
        number = self._plugged[image] = next(self._numbers)
        node = await self._node(
            number, image, locked=locked or disc, bytes_a_second=bytes_a_second, failing=failing
        )
        stick = {"id": f"stick{number}", "bus": "xhci.0", "port": str(port)}
        if failing:
            await self._plug_in_parts(
                number, stick, node, driver="scsi-hd", werror="report", removable=True, serial=serial
            )
        elif disc:
            await self._plug_in_parts(number, stick, node, driver="scsi-cd", serial=serial)
        else:
            removable = not fixed
            await self._add(driver="usb-storage", drive=node, removable=removable, serial=serial, **stick)

    async def pull(self, image: str) -> None:
        """Pull it out; what QEMU kept of it goes as well, so that the image can be looked at."""
        number = self._plugged.pop(image)
        await self.qmp.do("device_del", id=f"stick{number}")
        for node in (f"slow{number}", f"failing{number}", f"node{number}"):
            await self._forget(node)

    async def _forget(self, node: str) -> None:
        for _ in range(100):
            try:
                await self.qmp.do("blockdev-del", node_name=node)
            except AssertionError as refusal:
                if "in use" not in str(refusal):
                    return
                await asyncio.sleep(0.05)  # the device is still being taken apart
            else:
                return

    async def _node(self, number: int, image: str, *, locked: bool, bytes_a_second: int, failing: int) -> str:
        node = f"node{number}"
        file: dict[str, Any] = {"driver": "file", "filename": str(self.folder / f"{image}.img")}
        if failing:
            broken = [
                {"event": "pwritev", "errno": failing, "iotype": "write", "immediately": False, "once": False}
            ]
            file = {"driver": "blkdebug", "image": file, "inject-error": broken}
        await self.qmp.do("blockdev-add", driver="raw", node_name=node, read_only=locked, file=file)
        if not bytes_a_second:
            return node
        limits = {"bps-total": bytes_a_second}
        await self.qmp.do("object-add", qom_type="throttle-group", id=f"group{number}", limits=limits)
        slow = {"node_name": f"slow{number}", "throttle_group": f"group{number}", "file": node}
        await self.qmp.do("blockdev-add", driver="throttle", **slow)
        return f"slow{number}"

    async def _plug_in_parts(self, number: int, stick: dict[str, Any], node: str, **disk: Any) -> None:
        """Some properties belong to the disk behind the plug, so both are made and then attached."""
        await self._add(driver="usb-bot", **stick)
        await self._add(id=f"disk{number}", bus=f"stick{number}.0", drive=node, **_SCSI, **disk)
        await self.qmp.do(
            "qom-set", path=f"/machine/peripheral/stick{number}", property="attached", value=True
        )

    async def _add(self, **device: Any) -> None:
        await self.qmp.do("device_add", **device)
