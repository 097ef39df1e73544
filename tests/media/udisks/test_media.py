"""Real sticks as far as a machine without any can have them: a UDisks of the test's own, and loop devices behind it."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from pathlib import Path
from statistics import median
from typing import Any

import pytest

from kiosk.errors import MediaUnavailable, NotTheSameStick, StickInUse, StickIoFailure, StickNotAllowed
from kiosk.media.udisks.bus import SERVICE
from kiosk.media.udisks.targets import Policy
from kiosk.media.volumes import Stick, StickRefusal
from tests.media.contract import DATA, NAME, MediaContract, next_look, no_progress
from tests.support.fake_sysfs import KEYBOARD, MASS_STORAGE
from tests.support.stick_rigs import UDisksRig, usb_ports
from tests.support.udisks_objects import BLOCK, DRIVE, block_path, drive_path, loop, stick

pytestmark = pytest.mark.deep


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[UDisksRig]:
    with usb_ports(tmp_path) as ports:
        yield ports


class TestSticksKeepTheContract(MediaContract):
    """All of it."""


class TestWatching:
    @pytest.fixture
    async def looks(self, rig: UDisksRig) -> AsyncIterator[AsyncIterator[tuple[Stick, ...]]]:
        async with aclosing(rig.media.watch()) as looks:
            yield looks

    async def test_a_stick_is_shown_within_a_second(self, rig: UDisksRig, looks: Any) -> None:
        seconds = []
        for _ in range(5):  # any one may meet a machine that is busy
            assert await next_look(looks) == ()
            waiting = asyncio.ensure_future(next_look(looks))
            await asyncio.sleep(0)
            ref = rig.put_in()

            begun = time.monotonic()
            (shown,) = await waiting

            seconds.append(time.monotonic() - begun)
            assert (shown.ref, shown.refusal, shown.label) == (ref, None, "STICK-A")
            rig.take_out("sda")
        assert median(seconds) < 1

    async def test_a_stick_whose_file_system_is_known_a_little_later_is_never_shown_without(
        self, rig: UDisksRig, looks: Any
    ) -> None:
        assert await next_look(looks) == ()
        rig.put_in(later=0.1)

        (shown,) = await next_look(looks)

        assert (shown.refusal, shown.label) == (None, "STICK-A")

    async def test_a_stick_whose_file_system_is_known_much_later_is_offered_then(
        self, rig: UDisksRig, looks: Any
    ) -> None:
        assert await next_look(looks) == ()
        rig.put_in(later=0.6)

        first, then = await next_look(looks), await next_look(looks)

        assert [stick.refusal for stick in first] == [StickRefusal.NO_FILESYSTEM]
        assert [stick.refusal for stick in then] == [None]

    async def test_what_is_no_stick_makes_no_snapshot(self, rig: UDisksRig, looks: Any) -> None:
        assert await next_look(looks) == ()
        rig.udisks.plug(loop("loop7"))
        rig.udisks.change(block_path("loop7"), BLOCK, IdLabel="NEW")

        with pytest.raises(TimeoutError):
            await asyncio.wait_for(next_look(looks), 0.6)

    async def test_udisks_may_go_away_and_come_back(self, rig: UDisksRig, looks: Any) -> None:
        ref = rig.put_in()
        assert [stick.ref for stick in await next_look(looks)] == [ref]
        rig.udisks.go_away()
        assert await next_look(looks) == ()
        rig.udisks.come_back()
        assert [stick.ref for stick in await next_look(looks)] == [ref]

    async def test_a_bus_that_is_not_there_shows_nothing_and_is_looked_for_again(
        self, rig: UDisksRig
    ) -> None:
        media = rig.media_with()
        object.__setattr__(media, "address", "unix:path=/nonexistent/bus")
        async with aclosing(media.watch()) as looks:
            assert await next_look(looks) == ()
            waiting = asyncio.ensure_future(next_look(looks))
            ref = rig.put_in()
            object.__setattr__(media, "address", rig.address)

            assert [stick.ref for stick in await waiting] == [ref]

    async def test_whoever_stops_watching_leaves_no_connection_behind(self, rig: UDisksRig) -> None:
        async def look_on() -> None:
            async for _ in rig.media.watch():
                seen.set()

        before, seen = open_sockets(), asyncio.Event()
        watching = asyncio.ensure_future(look_on())
        await seen.wait()
        assert open_sockets() > before

        watching.cancel()
        with pytest.raises(asyncio.CancelledError):
            await watching

        assert open_sockets() == before

    async def test_reading_the_list_keeps_no_screen_waiting(self, rig: UDisksRig, looks: Any) -> None:
        """A UDisks that takes its time holds up the list and nothing else on the loop."""
        assert await next_look(looks) == ()
        rig.udisks.delay("GetManagedObjects", 2.0)
        waiting = asyncio.ensure_future(next_look(looks))
        rig.put_in()
        longest, last = 0.0, time.monotonic()

        while not waiting.done():
            await asyncio.sleep(0.005)
            longest, last = max(longest, time.monotonic() - last), time.monotonic()

        assert longest < 1.0
        assert len(waiting.result()) == 1

    async def test_looking_into_a_stick_makes_it_seem_taken_to_nobody(
        self, rig: UDisksRig, looks: Any
    ) -> None:
        ref = rig.put_in()
        await next_look(looks)
        waiting = asyncio.ensure_future(next_look(looks))

        for _ in range(3):
            assert (await rig.media.look(ref)).refusal is None
            assert [stick.refusal for stick in await rig.media.list()] == [None]

        with pytest.raises(TimeoutError):
            await asyncio.wait_for(waiting, 0.5)


class TestWhatIsRefused:
    @pytest.mark.rule("E-88", "I-24")
    async def test_a_stick_with_a_keyboard_in_it_is_shown_refused_and_not_written(
        self, rig: UDisksRig
    ) -> None:
        ref = rig.put_in()
        place = rig.sysfs.folder / "sys/devices/pci0000:00/0000:00:14.0/usb1/1-97/1-97:1.1"
        place.mkdir()
        for part, code in (("Class", KEYBOARD[:2]), ("SubClass", KEYBOARD[2:4]), ("Protocol", KEYBOARD[4:])):
            (place / f"bInterface{part}").write_text(code)

        assert [stick.refusal for stick in await rig.media.list()] == [StickRefusal.COMPOSITE_DEVICE]
        with pytest.raises(StickNotAllowed):
            await rig.media.write_verified(ref, NAME, DATA, no_progress)
        assert await rig.files(ref) == {}

    @pytest.mark.rule("E-88")
    async def test_a_stick_that_somebody_mounted_is_in_use_and_not_written(self, rig: UDisksRig) -> None:
        ref = rig.put_in()
        rig.udisks.change(block_path("sda1"), f"{SERVICE}.Filesystem", MountPoints=[b"/media/somebody\0"])

        assert [stick.refusal for stick in await rig.media.list()] == [StickRefusal.IN_USE]
        with pytest.raises(StickInUse):
            await rig.media.write_verified(ref, NAME, DATA, no_progress)

    @pytest.mark.rule("E-88")
    async def test_a_type_that_is_not_accepted_is_refused(self, rig: UDisksRig) -> None:
        rig.put_in()

        assert [stick.refusal for stick in await rig.media_with(Policy()).list()] == [
            StickRefusal.UNSUPPORTED_FS
        ]

    async def test_nothing_but_usb_sticks_is_listed(self, rig: UDisksRig) -> None:
        rig.udisks.plug(loop("loop3"))
        rig.sysfs.plug_usb("sdc", interfaces=(MASS_STORAGE,), port="1-9", number=(240, 99))
        rig.udisks.plug(stick("sdc"))
        rig.udisks.change(drive_path("sdc"), DRIVE, ConnectionBus="sdio")

        assert await rig.media.list() == ()

    async def test_what_the_terminal_may_not_ask_is_no_fault_of_a_stick(self, rig: UDisksRig) -> None:
        ref = rig.put_in()
        rig.udisks.refuse("Mount", "NotAuthorizedCanObtain", "Not authorized to perform operation")
        with pytest.raises(MediaUnavailable):
            await rig.media.write_verified(ref, NAME, DATA, no_progress)
        rig.udisks.go_away()
        with pytest.raises(MediaUnavailable):
            await rig.media.list()


UNHEARD_OF = ["org.freedesktop.systemd1.UnitMasked", "org.freedesktop.DBus.Error.LimitsExceeded"]


@pytest.mark.parametrize("error", UNHEARD_OF)
async def test_a_udisks_that_cannot_list_anything_is_no_fault_of_a_stick(rig: UDisksRig, error: str) -> None:
    ref = rig.put_in()
    rig.udisks.refuse("GetManagedObjects", error)

    for work in (
        rig.media.list(),
        rig.media.look(ref),
        rig.media.write_verified(ref, NAME, DATA, no_progress),
        rig.media.looks_finished(ref, NAME, "0" * 64),
        rig.media.eject(ref),
    ):
        with pytest.raises(MediaUnavailable):
            await work


@pytest.mark.parametrize("error", UNHEARD_OF)
async def test_whoever_watches_goes_on_when_it_can_list_again(rig: UDisksRig, error: str) -> None:
    ref = rig.put_in()
    rig.udisks.refuse("GetManagedObjects", error)
    async with aclosing(rig.media.watch()) as looks:
        assert await next_look(looks) == ()
        rig.udisks.obey("GetManagedObjects")
        assert [stick.ref for stick in await next_look(looks)] == [ref]


@pytest.mark.rule("E-83")
async def test_a_stick_that_is_in_is_never_called_removed_because_udisks_does_not_know_it(
    rig: UDisksRig,
) -> None:
    """It may be mounted all the same, so nobody may be told to pull it."""
    ref = rig.put_in()
    rig.udisks.pull("sda")

    for work in (rig.media.eject(ref), rig.media.look(ref)):
        with pytest.raises(StickIoFailure):
            await work


@pytest.mark.rule("E-88", "I-24")
async def test_a_swap_that_udisks_has_not_noticed_yet_offers_nothing_under_the_old_name(
    rig: UDisksRig,
) -> None:
    chosen = rig.put_in(label="CHOSEN")
    rig.sysfs.pull("sda")
    rig.sysfs.plug_usb("sda")

    assert await rig.media.list() == ()
    with pytest.raises(NotTheSameStick):
        await rig.media.write_verified(chosen, NAME, DATA, no_progress)
    assert rig.udisks.called == [], "not even mounted"


async def test_only_safe_options_are_asked_for(rig: UDisksRig) -> None:
    ref = rig.put_in()

    await rig.media.write_verified(ref, NAME, DATA, no_progress)
    await rig.media.eject(ref)

    asked = [(member, options.get("options")) for member, _, options in rig.udisks.called]
    assert asked == [
        ("Mount", "nosuid,nodev,noexec,dirsync"),
        ("Unmount", None),
        ("Mount", "ro,nosuid,nodev,noexec"),
        ("Unmount", None),
        ("Unmount", None),
        ("PowerOff", None),
    ]
    assert all(options["auth.no_user_interaction"] is True for _, _, options in rig.udisks.called)


async def test_an_ejected_stick_is_listed_no_more(rig: UDisksRig) -> None:
    ref = rig.put_in()

    await rig.media.eject(ref)

    assert await rig.media.list() == ()


async def test_the_second_of_two_sticks_gets_the_file_that_was_meant_for_it(rig: UDisksRig) -> None:
    first, second = rig.put_in(), rig.put_in()

    await rig.media.write_verified(second, NAME, DATA, no_progress)

    assert await rig.files(first) == {}
    assert await rig.files(second) == {NAME: DATA}


def test_any_thread_may_ask_with_a_loop_of_its_own(rig: UDisksRig) -> None:
    ref = rig.put_in()

    (listed,) = asyncio.run(rig.media.list())
    receipt = asyncio.run(rig.media.write_verified(ref, NAME, DATA, no_progress))

    assert listed.ref == receipt.ref == ref


def open_sockets() -> int:
    """Of this whole program."""
    return sum(file.is_socket() for file in Path("/proc/self/fd").iterdir())
