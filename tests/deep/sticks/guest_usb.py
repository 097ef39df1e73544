"""In the emulated terminal, as its account without rights: everything that can happen at a USB port."""

import asyncio
import os
import time
import traceback
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final

from kiosk.errors import MediaError
from kiosk.media.udisks.bus import UDisksBus, UDisksSaidNo
from kiosk.media.udisks.media import UDisksMedia
from kiosk.media.udisks.objects import read_objects
from kiosk.media.volumes import WriteStep
from tests.deep.sticks.guest_killed import KILLED_AFTER, Program, killed
from tests.deep.sticks.guest_kinds import Facts, told
from tests.deep.sticks.guest_kinds import scenarios as kinds
from tests.support.machines.at_the_ports import DATA, AtThePorts
from tests.support.machines.outside import Outside
from tests.support.machines.own_files import holding
from tests.support.machines.watched import WatchedCalls, WatchFor

PULLED_AFTER: Final = (
    *(("fat32", call) for call in ("write", "rename_new", "sync: folder", "sync_file_system")),
    *(("exfat", call) for call in ("create", "write", "rename_new", "sync: folder")),
)
"""Calls of a write after which the stick goes out."""
PULLED_WHILE: Final = (WriteStep.PREPARING, WriteStep.CONFIRMING, WriteStep.EJECTING)
"""Steps during which it does, on FAT."""


async def whole_way(ports: AtThePorts, filesystem: str) -> Facts:
    """In, seen, looked into, written, out."""
    stick = await ports.comes(f"way-{filesystem}")
    looked = await UDisksMedia().look(stick.ref)
    facts = await ports.writes(stick.ref)
    finished = await UDisksMedia().looks_finished(stick.ref, "other.p12", "00" * 32)
    begun = time.monotonic()
    ejected = await ports.ejects(stick.ref)
    return facts | {
        "stick": told(stick),
        "free": looked.free,
        "other_is_there": finished,
        "ejected": ejected,
        "ejecting_took": time.monotonic() - begun,
    }


async def pulled_after(ports: AtThePorts, filesystem: str, call: str) -> Facts:
    """Out, right after a call of the write returned."""
    image = f"pulled-{filesystem}-{call.replace(': ', '-')}"
    stick = await ports.comes(image)
    pulled: list[float] = []

    def pull() -> None:
        ports.pull(image)
        pulled.append(time.monotonic())

    watch = WatchFor(call, pull)
    facts = await ports.writes(stick.ref, calls=WatchedCalls(watch))
    await ports.sees(lambda sticks: not sticks)
    return facts | {"after_the_pull": facts["ended_at"] - pulled[0]}


async def pulled_while(ports: AtThePorts, step: WriteStep) -> Facts:
    """Out, as soon as the screen says that the write has come to a step."""
    image = f"pulled-while-{step}"
    stick = await ports.comes(image)
    pulled: list[float] = []

    def at_step(now: WriteStep) -> None:
        if now is step:
            ports.pull(image)
            pulled.append(time.monotonic())

    facts = await ports.writes(stick.ref, at_step)
    if step is WriteStep.EJECTING:
        asyncio.get_running_loop().call_later(0.2, at_step, step)
        facts["ejected"] = await ports.ejects(stick.ref)
        facts["ended_at"] = time.monotonic()
    await ports.sees(lambda sticks: not sticks)
    return facts | {"after_the_pull": facts["ended_at"] - pulled[0]}


async def two_sticks(ports: AtThePorts) -> Facts:
    """Both look alike; one is pulled out while the other one is written."""
    first = await ports.comes("two-first", port=1)
    second = await ports.comes("two-second", port=2)
    both = len(ports.shown)

    def pull_first(step: WriteStep) -> None:
        if step is WriteStep.WRITING:
            ports.pull("two-first")

    facts = await ports.writes(second.ref, pull_first)
    remaining = await ports.sees(lambda sticks: len(sticks) == 1)
    to_first = await ports.writes(first.ref)
    return facts | {
        "shown": both,
        "the_other_stays": remaining[0].ref == second.ref,
        "same_names": told(first) == told(second),
        "to_the_pulled_one": to_first["ended"],
    }


async def swapped(ports: AtThePorts) -> Facts:
    """Another stick with the same serial number, label and volume ID comes into the same port."""
    chosen = await ports.comes("clone-a")
    ports.pull("clone-a")
    await ports.sees(lambda sticks: not sticks)
    clone = await ports.comes("clone-b")
    facts = await ports.writes(chosen.ref)
    return facts | {
        "alike": told(chosen) == told(clone),
        "same_reference": chosen.ref == clone.ref,
        "names": [chosen.ref.token.split("/")[1], clone.ref.token.split("/")[1]],
    }


async def full(ports: AtThePorts) -> Facts:
    """No room beside the owner's file."""
    stick = await ports.comes("full")
    return await ports.writes(stick.ref, require_empty=False)


async def not_empty(ports: AtThePorts) -> Facts:
    """Not a new stick."""
    stick = await ports.comes("full")
    looked = await UDisksMedia().look(stick.ref)
    return await ports.writes(stick.ref) | {"refusal": looked.refusal}


async def slow(ports: AtThePorts) -> Facts:
    """A quarter of a megabyte a second."""
    stick = await ports.comes("slow", bytes_a_second=256 * 1024)
    return await ports.writes(stick.ref)


async def slow_and_pulled(ports: AtThePorts) -> Facts:
    """Out, while it is written."""
    stick = await ports.comes("slow-pulled", bytes_a_second=128 * 1024)
    pulled: list[float] = []

    def pull() -> None:
        ports.pull("slow-pulled")
        pulled.append(time.monotonic())

    def at_step(step: WriteStep) -> None:
        if step is WriteStep.WRITING:
            asyncio.get_running_loop().call_later(0.3, pull)

    facts = await ports.writes(stick.ref, at_step)
    return facts | {"after_the_pull": facts["ended_at"] - pulled[0]}


async def failing(ports: AtThePorts, number: int) -> Facts:
    """Every write fails with an error number."""
    stick = await ports.comes(f"failing-{number}", failing=number)
    return await ports.writes(stick.ref)


async def hostile_label(ports: AtThePorts) -> Facts:
    """A name that tries to take over the terminal; UDisks makes a directory of that name."""
    stick = await ports.comes("hostile")
    return await ports.writes(stick.ref) | {"stick": told(stick), "ejected": await ports.ejects(stick.ref)}


async def gadget(ports: AtThePorts, kind: str) -> Facts:
    """A device of our own making: with a keyboard in it, or with texts that try to take over the terminal."""
    ports.outside.gadget(f"in {kind}")
    stick = await ports.new_beside({stick.ref for stick in ports.shown})
    facts = await ports.writes(stick.ref)
    ports.outside.gadget("out")
    return facts | {"stick": told(stick)}


async def denied(ports: AtThePorts) -> Facts:
    """What the account without rights gets when it asks for more than the counter needs."""
    stick = await ports.comes("way-fat32")
    disk = stick.ref.token.split("/")[1]
    async with UDisksBus() as bus:
        blocks = {block.name: block for block in read_objects(await bus.managed_objects()).blocks}
    partition = blocks[f"{disk}1"]
    return {
        "user": os.getuid(),
        "reads the device": _denied(lambda: Path("/dev", disk).read_bytes()),
        "writes to a place for mounts": _denied(lambda: Path("/media/file").write_bytes(b"")),
        "formats": await _asked(partition.path, "Block", "Format", "sa{sv}", "vfat", {}),
        "opens the device": await _asked(partition.path, "Block", "OpenDevice", "sa{sv}", "rw", {}),
        "ejects the medium": await _asked(partition.drive, "Drive", "Eject", "a{sv}", {}),
    }


def _denied(act: Callable[[], object]) -> str:
    try:
        act()
    except OSError as error:
        return type(error).__name__
    return "done"


async def _asked(path: str, interface: str, member: str, signature: str, *arguments: Any) -> str:
    try:
        async with UDisksBus() as bus:
            await bus.call(
                path, f"org.freedesktop.UDisks2.{interface}", member, signature, *arguments, timeout=60
            )
    except UDisksSaidNo as said:
        return said.reason
    except MediaError as failure:
        return type(failure).__name__
    return "done"


def scenarios(programs: dict[str, Program]) -> list[tuple[str, Callable[[AtThePorts], Awaitable[Facts]]]]:
    """In the order in which they are played; `programs` are to die after the calls they are named after."""

    def with_(act: Callable[..., Awaitable[Facts]], *given: Any) -> Callable[[AtThePorts], Awaitable[Facts]]:
        return lambda ports: act(ports, *given)

    return [
        *((f"whole way {one}", with_(whole_way, one)) for one in ("fat32", "exfat")),
        *((f"pulled after {one} {call}", with_(pulled_after, one, call)) for one, call in PULLED_AFTER),
        *((f"pulled while {step}", with_(pulled_while, step)) for step in PULLED_WHILE),
        ("two sticks", two_sticks),
        ("swapped", swapped),
        ("full", full),
        ("not empty", not_empty),
        ("slow", slow),
        ("slow and pulled", slow_and_pulled),
        *((f"failing {number}", with_(failing, number)) for number in (5, 28)),
        ("hostile label", hostile_label),
        *((f"gadget {kind}", with_(gadget, kind)) for kind in ("keyboard", "names")),
        ("denied", denied),
        *((f"killed after {call}", with_(killed, call, programs[call])) for call in KILLED_AFTER),
        *kinds(),
    ]


async def main(programs: dict[str, Program]) -> None:
    """One after the other; what fails is told and does not keep the rest from being played."""
    outside = Outside()
    async with AtThePorts(outside) as ports:
        for name, play in scenarios(programs):
            begun = time.monotonic()
            try:
                try:
                    facts = await play(ports)
                finally:
                    await ports.clear()
            except Exception:  # noqa: BLE001 - the test outside fails with it
                facts = {"failed": "\n".join([traceback.format_exc(), *outside.chores_said()])}
            outside.tell(name, took=time.monotonic() - begun, **facts)
        outside.tell("own disks", holding=holding(DATA[:256]))
        outside.tell("shown", beyond_udev=ports.beyond_udev(), ever=sorted(ports.ever))
    outside.tell("finished")


if __name__ == "__main__":
    asyncio.run(main({call: Program.waiting(call) for call in KILLED_AFTER}))
