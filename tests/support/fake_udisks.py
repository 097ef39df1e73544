"""UDisks2 as far as sticks need it: a service on a private bus, with a loop of its own in a thread of its own.

It tells of disks as a test says, mounts real block devices with mount(8), and refuses what a test wants refused. Every
method may be called from anywhere and returns when the bus was told.
"""

import asyncio
import subprocess
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread
from typing import Any, Final

from dbus_fast import Message, MessageType, Variant
from dbus_fast.aio import MessageBus

from kiosk.media.udisks.bus import ROOT, SERVICE, ManagedObjects
from tests.support.udisks_objects import FILESYSTEM, block_path, drive_path

_MANAGER: Final = "org.freedesktop.DBus.ObjectManager"
_PROPERTIES: Final = "org.freedesktop.DBus.Properties"
_LISTS_OF_BYTES: Final = {"Symlinks", "MountPoints"}
_PATHS: Final = {"Drive", "Table", "CleartextDevice"}

Answer = tuple[str, list[Any]]


class SaysNo(Exception):
    """An error of UDisks: its last word, and its text."""

    def __init__(self, reason: str, text: str = "") -> None:
        super().__init__(reason)
        self.name = reason if "." in reason else f"{SERVICE}.Error.{reason}"
        self.text = text


@dataclass
class FakeUDisks:
    """`objects` is what it tells of; `devices` says which real block device is behind an object."""

    folder: Path
    """Where it mounts; the names of the places are hostile."""
    objects: ManagedObjects = field(default_factory=dict)
    devices: dict[str, str] = field(default_factory=dict)
    called: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    """Member, path and options of every call that asked for something to be done."""
    on_power_off: Callable[[str], None] = field(default=lambda _disk: None)
    """Told the disk that leaves its port."""
    _refusals: dict[str, SaysNo] = field(default_factory=dict, init=False)
    _delays: dict[str, float] = field(default_factory=dict, init=False)
    _loop: asyncio.AbstractEventLoop = field(init=False)
    _bus: MessageBus = field(init=False)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set, init=False)

    # --- what a test does --------------------------------------------------------------------------------------------

    def plug(self, objects: ManagedObjects, device: str | None = None, *, later: float = 0.0) -> None:
        """These objects come; `device` is behind those with a file system. What is on them is known `later` seconds."""
        for path, interfaces in objects.items():
            if device is not None and FILESYSTEM in interfaces:
                self.devices[path] = device
        self._do(self._plug(objects, later))

    def pull(self, disk: str) -> None:
        """The disk and everything on it go. What is mounted stays, as it does when a hand pulls."""
        self._do(self._pull(disk))

    def change(self, path: str, interface: str, **properties: Any) -> None:
        """UDisks learns something new."""
        self._do(self._change(path, interface, properties))

    def refuse(self, member: str, reason: str, text: str = "") -> None:
        """From now on this method fails with that error."""
        self._refusals[member] = SaysNo(reason, text)

    def delay(self, member: str, seconds: float) -> None:
        """From now on this method takes so long."""
        self._delays[member] = seconds

    def obey(self, member: str) -> None:
        """No refusal and no delay any more."""
        self._refusals.pop(member, None)
        self._delays.pop(member, None)

    def go_away(self) -> None:
        """The service ends; the bus stays."""
        self._do(self._bus.release_name(SERVICE))

    def come_back(self) -> None:
        """The service is there again, with everything it knew."""
        self._do(self._bus.request_name(SERVICE))

    def _do(self, work: Coroutine[Any, Any, object]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(60)

    # --- signals -----------------------------------------------------------------------------------------------------

    async def _plug(self, objects: ManagedObjects, later: float) -> None:
        for path, interfaces in objects.items():
            known = interfaces if not later else _not_looked_at(interfaces)
            self.objects[path] = known
            await self._signal(ROOT, _MANAGER, "InterfacesAdded", "oa{sa{sv}}", path, _wrapped_all(known))
        if later:
            self._in_background(self._look_at(objects, later))

    async def _look_at(self, objects: ManagedObjects, later: float) -> None:
        await asyncio.sleep(later)
        for path, interfaces in objects.items():
            added = {
                name: _wrapped(properties) for name, properties in interfaces.items() if name == FILESYSTEM
            }
            self.objects[path] = interfaces
            for interface, properties in interfaces.items():
                await self._changed(path, interface, properties)
            if added:
                await self._signal(ROOT, _MANAGER, "InterfacesAdded", "oa{sa{sv}}", path, added)

    async def _pull(self, disk: str) -> None:
        mine = (drive_path(disk), block_path(disk))
        for path in [path for path in self.objects if path == mine[0] or path.startswith(mine[1])]:
            interfaces = self.objects.pop(path)
            self.devices.pop(path, None)
            await self._signal(ROOT, _MANAGER, "InterfacesRemoved", "oas", path, list(interfaces))

    async def _change(self, path: str, interface: str, properties: dict[str, Any]) -> None:
        self.objects[path][interface].update(properties)
        await self._changed(path, interface, properties)

    async def _changed(self, path: str, interface: str, properties: dict[str, Any]) -> None:
        await self._signal(
            path, _PROPERTIES, "PropertiesChanged", "sa{sv}as", interface, _wrapped(properties), []
        )

    async def _signal(self, path: str, interface: str, member: str, signature: str, *body: Any) -> None:
        await self._bus.send(Message.new_signal(path, interface, member, signature, list(body)))

    # --- calls -------------------------------------------------------------------------------------------------------

    def _heard(self, message: Message) -> bool:
        if message.message_type is not MessageType.METHOD_CALL or not (message.path or "").startswith(ROOT):
            return False
        self._in_background(self._answer(message))
        return True

    async def _answer(self, message: Message) -> None:
        member, meant = message.member or "", self.objects.get(message.path or "")
        await asyncio.sleep(self._delays.get(member, 0))
        try:
            if member in self._refusals:
                raise self._refusals[member]
            if self.objects.get(message.path or "") is not meant:
                raise SaysNo(
                    "org.freedesktop.DBus.Error.UnknownMethod", "The object is of another device now"
                )
            signature, body = await self._done(member, message.path or "", message.body)
        except SaysNo as no:
            await self._bus.send(Message.new_error(message, no.name, no.text))
        except Exception as surprise:  # whoever asked would wait for a minute, and nobody could tell what for
            failed = SaysNo("Failed", f"Error in the fake: {surprise!r}")
            await self._bus.send(Message.new_error(message, failed.name, failed.text))
            raise
        else:
            await self._bus.send(Message.new_method_return(message, signature, body))

    async def _done(self, member: str, path: str, body: list[Any]) -> Answer:
        if member == "GetManagedObjects":
            return "a{oa{sa{sv}}}", [{path: _wrapped_all(known) for path, known in self.objects.items()}]
        if path not in self.objects:
            raise SaysNo("org.freedesktop.DBus.Error.UnknownMethod", "No such object")
        options = {name: given.value for name, given in body[0].items()}
        self.called.append((member, path, options))
        match member:
            case "Mount":
                return "s", [await self._mount(path, options)]
            case "Unmount":
                return "", await self._unmount(path, force=options.get("force") is True)
            case "PowerOff":
                return "", await self._power_off(path)
        raise SaysNo("org.freedesktop.DBus.Error.UnknownMethod", member)

    async def _mount(self, path: str, options: dict[str, Any]) -> str:
        if self._mount_points(path):
            raise SaysNo("AlreadyMounted", "Device is already mounted")
        place = self.folder / f"\x1b[31m{len(self.called)}"
        place.mkdir(parents=True)
        type_ = self.objects[path][f"{SERVICE}.Block"]["IdType"]
        given = options.get("options") or "defaults"
        await self._run("mount", "-t", type_, "-o", given, self.devices[path], str(place))
        await self._change(path, FILESYSTEM, {"MountPoints": [str(place).encode() + b"\0"]})
        return str(place)

    async def _unmount(self, path: str, *, force: bool) -> list[Any]:
        if not self._mount_points(path):
            raise SaysNo("NotMounted", "Device is not mounted")
        for place in self._mount_points(path):
            await self._run("umount", *(("--lazy",) if force else ()), place.rstrip(b"\0").decode())
        await self._change(path, FILESYSTEM, {"MountPoints": []})
        return []

    async def _power_off(self, path: str) -> list[Any]:
        blocks = [
            block
            for block, known in self.objects.items()
            if known.get(f"{SERVICE}.Block", {}).get("Drive") == path
        ]
        if any(self._mount_points(block) for block in blocks):
            raise SaysNo("DeviceBusy", "Error powering off drive: is mounted")
        disk = min(block.rpartition("/")[2] for block in blocks)
        self.on_power_off(disk)
        await self._pull(disk)
        return []

    def _mount_points(self, path: str) -> list[bytes]:
        return list(self.objects[path].get(FILESYSTEM, {}).get("MountPoints", []))

    async def _run(self, *command: str) -> None:
        """As UDisks words it when mount(8) fails."""
        done = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, check=False)
        if done.returncode == 0:
            return
        reason = "DeviceBusy" if "busy" in done.stderr else "Failed"
        raise SaysNo(reason, f"Error running {command[0]}: {done.stderr.strip()}")

    def _in_background(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # --- its own thread ----------------------------------------------------------------------------------------------

    async def _serve(self, address: str, ready: Event) -> None:
        self._loop, self._bus = asyncio.get_running_loop(), MessageBus(address)
        await self._bus.connect()
        self._bus.add_message_handler(self._heard)
        await self._bus.request_name(SERVICE)
        ready.set()
        await self._bus.wait_for_disconnect()  # type: ignore[no-untyped-call]  # of the library

    @contextmanager
    def running(self, address: str) -> Iterator["FakeUDisks"]:
        """Answering on that bus until the block ends."""
        ready = Event()
        thread = Thread(target=lambda: asyncio.run(self._serve(address, ready)), name="fake-udisks")
        thread.start()
        assert ready.wait(60)
        try:
            yield self
        finally:
            self._loop.call_soon_threadsafe(self._bus.disconnect)
            thread.join(60)


def _not_looked_at(interfaces: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """As UDisks tells of a block device before anybody has read it."""
    unknown = {"IdUsage": "", "IdType": "", "IdLabel": "", "IdUUID": ""}
    return {
        name: {key: unknown.get(key, value) for key, value in properties.items()}
        for name, properties in interfaces.items()
        if name != FILESYSTEM
    }


def _wrapped_all(interfaces: dict[str, dict[str, Any]]) -> dict[str, dict[str, Variant]]:
    return {name: _wrapped(properties) for name, properties in interfaces.items()}


def _wrapped(properties: dict[str, Any]) -> dict[str, Variant]:
    return {name: Variant(_signature(name, value), value) for name, value in properties.items()}


def _signature(name: str, value: object) -> str:
    match value:
        case bool():
            return "b"
        case int():
            return "t"
        case bytes():
            return "ay"
        case list():
            return "aay" if name in _LISTS_OF_BYTES else "as"
    return "o" if name in _PATHS else "s"
