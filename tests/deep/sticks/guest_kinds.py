"""In the emulated terminal: what else is called a stick at a counter, and what is none."""

import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any, Final

from kiosk.media.udisks.bus import UDisksBus
from kiosk.media.udisks.media import UDisksMedia
from kiosk.media.udisks.objects import read_objects
from kiosk.media.udisks.targets import Policy
from kiosk.media.volumes import Stick, StickRefusal
from kiosk.rules.registered_media import read_list
from kiosk.rules.validity import jst_date
from tests.support.machines.at_the_ports import AtThePorts

Facts = dict[str, Any]
Scene = Callable[[AtThePorts], Awaitable[Facts]]
LISTED: Final = {"listed": "SAFE0001", "twin": "SAFE0001", "expired": "SAFE0002", "unlisted": "SAFE0003"}
"""Serial numbers of four sticks; of two of them it is the same."""
_LIST: Final = """vid,pid,serial,owner,expires
46F4,0001,SAFE0001,cupboard,2099-12-31
46F4,0001,SAFE0002,till,2026-01-31
"""
"""The first two numbers are those of every stick that QEMU emulates."""
_TELL_NO_FILE_SYSTEM: Final = ("pieces", "efi", "disc")
"""For none of these is there one to name."""


def told(stick: Stick) -> Facts:
    """What the screen may say of a stick."""
    names = ("vendor", "model", "serial_tail", "label", "filesystem", "size", "refusal")
    return {name: getattr(stick, name) for name in names}


async def refused(ports: AtThePorts, kind: str, **how: Any) -> Facts:
    """Shown as one line with its reason once it is settled what it is, and not written to."""
    seen: list[StickRefusal | None] = []

    def settled(sticks: tuple[Stick, ...]) -> bool:
        seen.extend(stick.refusal for stick in sticks)
        if len(sticks) != 1:
            return False
        if kind == "blank":
            return True
        [stick] = sticks
        # One of several volumes may come first, with its file system: then it is not settled yet.
        is_read = bool(stick.filesystem) != (kind in _TELL_NO_FILE_SYSTEM)
        return is_read and stick.refusal is not StickRefusal.NO_FILESYSTEM

    ports.plug(f"refused-{kind}", **how)
    [stick] = await ports.sees(settled)
    return await ports.writes(stick.ref) | {"stick": told(stick), "was_offered": None in seen}


async def bare(ports: AtThePorts) -> Facts:
    """No table of partitions, as many a stick comes from the shop."""
    stick = await ports.comes("bare")
    return await ports.writes(stick.ref) | {"stick": told(stick)}


async def slot(ports: AtThePorts, kind: str) -> Facts:
    """Empty or locked at first, then with a card in it or unlocked, then without again."""
    ports.outside.gadget(f"in {kind}")
    try:
        return await _in_and_out_again(ports)
    finally:
        ports.outside.gadget("out")


async def _in_and_out_again(ports: AtThePorts) -> Facts:
    [empty] = await ports.sees(_refused_as(StickRefusal.NO_MEDIUM))
    to_the_empty_one = await ports.writes(empty.ref)
    begun = time.monotonic()
    ports.outside.gadget("card in")
    [usable] = await ports.sees(_refused_as(None))
    ports.came.append((begun, ports.shown_at))
    to_what_was_there_before = await ports.writes(empty.ref)
    facts = await ports.writes(usable.ref)
    ports.outside.gadget("card out")
    await ports.sees(_refused_as(StickRefusal.NO_MEDIUM))
    return facts | {
        "empty": told(empty),
        "usable": told(usable),
        "to_the_empty_one": to_the_empty_one["ended"],
        "to_what_was_there_before": to_what_was_there_before["ended"],
    }


def _refused_as(refusal: StickRefusal | None) -> Callable[[tuple[Stick, ...]], bool]:
    """One line is shown, with that reason."""
    return lambda sticks: [stick.refusal for stick in sticks] == [refusal]


async def registered(ports: AtThePorts) -> Facts:
    """Four sticks at a counter that takes those on the bank's list only."""
    register = read_list(_LIST)
    today = jst_date(datetime.now(UTC))
    policy = Policy(registered=lambda usb: register.admits(usb.vid, usb.pid, usb.serial, today))
    sticks = {
        name: await ports.comes(f"list-{name}", port=port, serial=serial)
        for port, (name, serial) in enumerate(LISTED.items(), 1)
    }
    by_ref = {stick.ref: stick.refusal for stick in await UDisksMedia(policy=policy).list()}
    ended = {name: (await ports.writes(stick.ref, policy=policy))["ended"] for name, stick in sticks.items()}
    return {"refusals": {name: by_ref[stick.ref] for name, stick in sticks.items()}, "ended": ended}


async def inner_disks(ports: AtThePorts) -> Facts:
    """What UDisks knows of and no screen ever shows."""
    async with UDisksBus() as bus:
        objects = read_objects(await bus.managed_objects())
    drives = {drive.path: drive for drive in objects.drives}
    return {
        "shown": len(ports.shown),
        "known": {block.name: block.type for block in objects.blocks},
        "on_usb": [
            block.name
            for block in objects.blocks
            if block.drive in drives and drives[block.drive].bus == "usb"
        ],
    }


def scenarios() -> list[tuple[str, Scene]]:
    """In the order in which they are played."""

    def with_(act: Callable[..., Awaitable[Facts]], *given: Any, **how: Any) -> Scene:
        return lambda ports: act(ports, *given, **how)

    kinds = ("ntfs", "ext4", "luks", "bitlocker", "pieces", "efi", "blank")
    return [
        ("inner disks", inner_disks),
        *((f"refused {kind}", with_(refused, kind)) for kind in kinds),
        ("refused fixed", with_(refused, "fixed", fixed=True)),
        ("refused locked", with_(refused, "locked", locked=True)),
        ("refused disc", with_(refused, "disc", disc=True)),
        ("bare", bare),
        *((f"slot {kind}", with_(slot, kind)) for kind in ("lockable", "reader")),
        ("registered", registered),
    ]
