"""The connection to UDisks, over a real D-Bus daemon and against a service that a test takes away again."""

import asyncio
import os
import signal
import socket
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from dbus_fast import DBusError, PropertyAccess
from dbus_fast.aio import MessageBus
from dbus_fast.service import ServiceInterface, dbus_method, dbus_property, dbus_signal

from kiosk.errors import MediaUnavailable
from kiosk.media.udisks.bus import ROOT, SERVICE, UDisksBus, UDisksSaidNo
from tests.support.dbus import private_bus

MOUNT: tuple[Any, ...] = (f"{ROOT}/block_devices/sda1", f"{SERVICE}.Filesystem", "Mount", "a{sv}", {})


class Block(ServiceInterface):
    """The library lists everything that was exported by itself."""

    def __init__(self) -> None:
        super().__init__(f"{SERVICE}.Block")

    @dbus_property(access=PropertyAccess.READ, name="Size")
    def size(self) -> "t":  # type: ignore[name-defined]  # noqa: F821  # a signature of D-Bus
        return 5

    @dbus_property(access=PropertyAccess.READ, name="Symlinks")
    def symlinks(self) -> "aay":  # type: ignore[name-defined]  # noqa: F821
        return [b"/dev/disk/x\0"]

    @dbus_signal(name="Changed")
    def changed(self) -> "s":  # type: ignore[name-defined]  # noqa: F821
        return ""


class Refusing(ServiceInterface):
    """A file system that is not mounted, for a reason the test names."""

    def __init__(self) -> None:
        super().__init__(f"{SERVICE}.Filesystem")
        self.error = f"{SERVICE}.Error.Failed"
        self.seconds = 0.0

    @dbus_method(name="Mount")
    async def mount(self, options: "a{sv}") -> "s":  # type: ignore[valid-type, name-defined]  # noqa: F722, F821
        await asyncio.sleep(self.seconds)
        raise DBusError(self.error, "/media/\x1b[31mlabel")


class Service:
    """What answers in UDisks' name."""

    def __init__(self, bus: MessageBus) -> None:
        self.bus, self.block, self.file_system = bus, Block(), Refusing()

    async def start(self) -> None:
        await self.bus.connect()
        self.bus.export(MOUNT[0], self.block)
        self.bus.export(MOUNT[0], self.file_system)
        await self.bus.request_name(SERVICE)

    async def stop(self) -> None:
        self.bus.disconnect()
        with suppress(EOFError, OSError):
            await self.bus.wait_for_disconnect()  # type: ignore[no-untyped-call]  # of the library


@pytest.fixture
def address() -> Iterator[str]:
    with private_bus() as where:
        yield where


@pytest.fixture
async def service(address: str) -> AsyncIterator[Service]:
    made = Service(MessageBus(address))
    await made.start()
    yield made
    await made.stop()


pytestmark = pytest.mark.deep


async def test_the_objects_come_without_the_wrappings_of_the_wire(address: str, service: Service) -> None:
    async with UDisksBus(address) as bus:
        objects = await bus.managed_objects()

    block = objects[f"{ROOT}/block_devices/sda1"][f"{SERVICE}.Block"]
    assert block == {"Size": 5, "Symlinks": [b"/dev/disk/x\0"]}


async def test_a_refusal_keeps_its_name_and_does_not_tell_its_text(address: str, service: Service) -> None:
    service.file_system.error = f"{SERVICE}.Error.DeviceBusy"
    async with UDisksBus(address) as bus:
        with pytest.raises(UDisksSaidNo) as refused:
            await bus.call(*MOUNT)

    assert refused.value.reason == "DeviceBusy"
    assert "label" in refused.value.text
    assert "label" not in f"{refused.value} {refused.value!r}"


@pytest.mark.parametrize(
    "error",
    [
        f"{SERVICE}.Error.NotAuthorized",
        f"{SERVICE}.Error.NotAuthorizedCanObtain",
        f"{SERVICE}.Error.NotAuthorizedDismissed",
        "org.freedesktop.DBus.Error.AccessDenied",
        "org.freedesktop.DBus.Error.ServiceUnknown",
        "org.freedesktop.DBus.Error.Spawn.ExecFailed",
    ],
)
async def test_what_this_terminal_may_not_do_is_no_fault_of_the_stick(
    address: str, service: Service, error: str
) -> None:
    service.file_system.error = error
    async with UDisksBus(address) as bus:
        with pytest.raises(MediaUnavailable):
            await bus.call(*MOUNT)


async def test_a_call_is_waited_for_no_longer_than_was_said(address: str, service: Service) -> None:
    service.file_system.seconds = 20
    async with UDisksBus(address) as bus:
        begun = time.monotonic()
        with pytest.raises(TimeoutError):
            await bus.call(*MOUNT, timeout=0.1)

    assert time.monotonic() - begun < 10


async def test_without_a_bus_there_are_no_media(tmp_path: Path) -> None:
    with pytest.raises(MediaUnavailable):
        async with UDisksBus(f"unix:path={tmp_path}/nothing"):
            pass


async def test_a_bus_that_takes_the_line_and_says_nothing_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kiosk.media.udisks.bus.CONNECT_SECONDS", 0.2)
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(f"{tmp_path}/bus")
        silent.listen()
        with pytest.raises(MediaUnavailable):
            async with UDisksBus(f"unix:path={tmp_path}/bus"):
                pass


async def test_a_bus_that_takes_nobody_more_is_no_bus(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def is_full(_: MessageBus) -> None:
        raise DBusError("org.freedesktop.DBus.Error.LimitsExceeded", "too many connections")

    monkeypatch.setattr(MessageBus, "connect", is_full)
    with pytest.raises(MediaUnavailable):
        async with UDisksBus(address):
            pass


async def test_without_udisks_there_are_no_media(address: str) -> None:
    async with UDisksBus(address) as bus:
        with pytest.raises(MediaUnavailable):
            await bus.managed_objects()


async def test_every_change_is_told_and_the_first_look_needs_none(address: str, service: Service) -> None:
    async with UDisksBus(address) as bus, asyncio.timeout(5):
        changes = bus.changes()
        await anext(changes)
        service.block.changed()
        await anext(changes)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(anext(changes), 0.2)


async def test_whoever_waits_for_changes_learns_that_udisks_went_away(address: str, service: Service) -> None:
    async with UDisksBus(address) as bus, asyncio.timeout(5):
        changes = bus.changes()
        await anext(changes)
        await service.stop()
        with pytest.raises(MediaUnavailable):
            await anext(changes)


async def test_whoever_waits_for_changes_learns_that_the_bus_went_away(
    service: Service, address: str
) -> None:
    async with UDisksBus(address) as bus, asyncio.timeout(5):
        changes = bus.changes()
        await anext(changes)
        (pid,) = await peers_pid(bus)
        os.kill(pid, signal.SIGKILL)
        with pytest.raises(MediaUnavailable):
            await anext(changes)
        with pytest.raises(MediaUnavailable):
            await bus.managed_objects()


async def test_a_bus_that_answers_no_more_is_no_bus(
    service: Service, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with UDisksBus(address) as bus:
        (pid,) = await peers_pid(bus)
        monkeypatch.setattr("kiosk.media.udisks.bus.CALL_SECONDS", 0.2)
        os.kill(pid, signal.SIGSTOP)
        try:
            with pytest.raises(MediaUnavailable):
                await anext(bus.changes())
        finally:
            os.kill(pid, signal.SIGCONT)


async def peers_pid(bus: UDisksBus) -> list[int]:
    """The process of the daemon itself."""
    daemon = "org.freedesktop.DBus"
    return await bus._answer_of(daemon, "/", daemon, "GetConnectionUnixProcessID", "s", (daemon,), 5)
