"""What every kind of removable media keeps, told once; each adapter runs it against its own sticks.

A test class derives from `MediaContract` and offers a fixture `rig`. Nothing here knows what a stick is made of.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from hashlib import sha256
from typing import Protocol

import pytest

from kiosk.errors import (
    FileAlreadyThere,
    LeftBehind,
    NotTheSameStick,
    StickFull,
    StickNotEmpty,
    StickReadOnly,
    StickRemoved,
)
from kiosk.media.volumes import Media, Stick, StickRef, StickRefusal, WriteStep

NAME = "tanaka0120260302101530.p12"
DATA = bytes(range(256)) * 17
"""4,352 bytes: more than a page and no multiple of one."""


class Rig(Protocol):
    """What a test does to sticks as a person would: with the hands."""

    @property
    def media(self) -> Media: ...

    async def plug(self, label: str = "STICK-A") -> StickRef: ...

    async def plug_full(self, label: str = "STICK-A") -> StickRef: ...

    async def plug_protected(self, label: str = "STICK-A") -> StickRef: ...

    async def pull(self, ref: StickRef) -> None: ...

    async def swap(self, ref: StickRef) -> None:
        """Pull it and put another one of the same label into the same port."""
        ...

    async def cut_off(self, ref: StickRef) -> StickRef:
        """Pull it in the middle of a write, and put it back; its reference now."""
        ...

    async def put_file(self, ref: StickRef, name: str, data: bytes) -> None: ...

    async def put_folder(self, ref: StickRef, name: str) -> None:
        """An empty one; it may be there already."""
        ...

    async def files(self, ref: StickRef) -> dict[str, bytes]:
        """Files; folders are not told."""
        ...


def no_progress(step: WriteStep) -> None:
    """Nobody looks."""


class MediaContract:
    """Derive, give a `rig` fixture, done."""

    @pytest.mark.rule("E-83", "I-20")
    async def test_what_was_written_lies_on_the_stick_under_its_name_and_nothing_else(self, rig: Rig) -> None:
        ref = await rig.plug()

        receipt = await rig.media.write_verified(ref, NAME, DATA, no_progress)

        assert await rig.files(ref) == {NAME: DATA}
        assert (receipt.ref, receipt.name, receipt.size) == (ref, NAME, len(DATA))
        assert receipt.sha256 == sha256(DATA).hexdigest()
        assert receipt.verified[0] == ("directory" if rig.media.simulated else "device")
        assert receipt.finished.tzinfo is not None

    async def test_progress_comes_in_order(self, rig: Rig) -> None:
        ref = await rig.plug()
        seen: list[WriteStep] = []

        await rig.media.write_verified(ref, NAME, DATA, seen.append)

        assert seen == [step for step in WriteStep if step in seen], (
            "each once, in the order of the enumeration"
        )
        assert {WriteStep.WRITING, WriteStep.READING_BACK} <= set(seen)

    async def test_a_plugged_stick_is_listed_once_and_unrefused(self, rig: Rig) -> None:
        ref = await rig.plug("STICK-A")

        assert [(stick.ref, stick.refusal) for stick in await rig.media.list()] == [(ref, None)]

    async def test_looking_into_a_stick_tells_its_free_space_and_leaves_it_as_it_was(self, rig: Rig) -> None:
        ref = await rig.plug("STICK-A")
        (listed,) = await rig.media.list()

        looked = await rig.media.look(ref)

        assert looked.free is not None
        assert len(DATA) < looked.free <= looked.size
        assert looked == replace(listed, free=looked.free)
        assert await rig.files(ref) == {}

    @pytest.mark.rule("E-88", "I-24")
    async def test_a_pulled_or_swapped_stick_is_not_looked_into(self, rig: Rig) -> None:
        swapped = await rig.plug("STICK-A")
        await rig.swap(swapped)
        with pytest.raises(NotTheSameStick):
            await rig.media.look(swapped)
        (pulled,) = [stick.ref for stick in await rig.media.list()]
        await rig.pull(pulled)
        with pytest.raises(StickRemoved):
            await rig.media.look(pulled)

    @pytest.mark.rule("E-83", "E-84")
    async def test_whether_a_file_is_finished_can_be_asked_afterwards(self, rig: Rig) -> None:
        ref = await rig.plug()
        digest = sha256(DATA).hexdigest()
        assert not await rig.media.looks_finished(ref, NAME, digest)
        await rig.put_file(ref, NAME, DATA[:-1])
        assert not await rig.media.looks_finished(ref, NAME, digest)
        await rig.put_file(ref, NAME, DATA)
        assert await rig.media.looks_finished(ref, NAME, digest)

    @pytest.mark.rule("E-84", "E-88")
    async def test_what_a_pull_left_unfinished_is_known_when_the_stick_comes_back_and_can_be_deleted(
        self, rig: Rig
    ) -> None:
        ref = await rig.cut_off(await rig.plug())
        ((left, data),) = (await rig.files(ref)).items()
        assert (left, data) != (NAME, DATA)

        (listed,) = await rig.media.list()
        looked = await rig.media.look(ref)
        assert (listed.leftover, looked.leftover, looked.refusal) == (left, left, StickRefusal.NOT_EMPTY)
        assert await rig.media.remove_leftover(ref) == left

        assert await rig.files(ref) == {}
        looked = await rig.media.look(ref)
        assert (looked.leftover, looked.refusal) == ("", None)
        assert await rig.media.remove_leftover(ref) == ""
        await rig.media.write_verified(ref, NAME, DATA, no_progress)

    @pytest.mark.rule("E-84", "E-88", "I-20")
    async def test_nothing_but_what_was_left_unfinished_is_deleted(self, rig: Rig) -> None:
        ref = await rig.cut_off(await rig.plug())
        (left,) = await rig.files(ref)
        others = {"~0badf00d.tmp": b"somebody's", NAME: DATA}
        for name, data in others.items():
            await rig.put_file(ref, name, data)

        await rig.media.remove_leftover(ref)

        assert await rig.files(ref) == others
        assert (await rig.media.look(ref)).refusal is StickRefusal.NOT_EMPTY
        assert left not in others

    @pytest.mark.rule("E-84", "E-88")
    async def test_on_another_stick_of_the_same_label_nothing_is_deleted(self, rig: Rig) -> None:
        ref = await rig.cut_off(await rig.plug())
        await rig.swap(ref)
        (other,) = [stick.ref for stick in await rig.media.list()]

        assert await rig.media.remove_leftover(other) == ""
        assert (await rig.media.look(other)).leftover == ""

    async def test_a_reference_stays_equal_while_the_stick_stays_in(self, rig: Rig) -> None:
        ref = await rig.plug()
        await rig.media.write_verified(ref, NAME, DATA, no_progress)

        assert [stick.ref for stick in await rig.media.list()] == [ref]

    @pytest.mark.rule("E-88")
    async def test_a_stick_that_holds_something_is_refused_and_left_as_it_was(self, rig: Rig) -> None:
        ref = await rig.plug()
        await rig.put_file(ref, "holiday.jpg", b"sea")

        assert (await rig.media.look(ref)).refusal is StickRefusal.NOT_EMPTY
        with pytest.raises(StickNotEmpty) as refused:
            await rig.media.write_verified(ref, NAME, DATA, no_progress)
        assert refused.value.left_behind is LeftBehind.NOTHING
        assert await rig.files(ref) == {"holiday.jpg": b"sea"}

    @pytest.mark.rule("E-88")
    async def test_the_folder_that_windows_makes_on_every_stick_is_nobodys(self, rig: Rig) -> None:
        ref = await rig.plug()
        await rig.put_folder(ref, "System Volume Information")

        assert (await rig.media.look(ref)).refusal is None
        receipt = await rig.media.write_verified(ref, NAME, DATA, no_progress)

        assert receipt.size == len(DATA)

    @pytest.mark.rule("E-88")
    @pytest.mark.parametrize("name", ["$RECYCLE.BIN", ".Trashes", "System Volume Information 2"])
    async def test_what_somebody_threw_away_is_still_somebodys(self, rig: Rig, name: str) -> None:
        ref = await rig.plug()
        await rig.put_folder(ref, name)

        assert (await rig.media.look(ref)).refusal is StickRefusal.NOT_EMPTY
        with pytest.raises(StickNotEmpty):
            await rig.media.write_verified(ref, NAME, DATA, no_progress)

    @pytest.mark.rule("I-20", "E-45")
    async def test_a_file_of_that_name_is_left_untouched(self, rig: Rig) -> None:
        ref = await rig.plug()
        await rig.put_file(ref, NAME, b"another certificate")

        with pytest.raises(FileAlreadyThere):
            await rig.media.write_verified(ref, NAME, DATA, no_progress)
        assert await rig.files(ref) == {NAME: b"another certificate"}

    @pytest.mark.rule("E-88", "I-24")
    async def test_a_stick_that_was_pulled_is_called_removed(self, rig: Rig) -> None:
        ref = await rig.plug()
        await rig.pull(ref)

        with pytest.raises(StickRemoved) as refused:
            await rig.media.write_verified(ref, NAME, DATA, no_progress)
        assert refused.value.left_behind is LeftBehind.NOTHING
        assert await rig.media.list() == ()

    @pytest.mark.rule("E-88", "I-24")
    async def test_another_stick_in_the_same_place_gets_nothing(self, rig: Rig) -> None:
        chosen = await rig.plug()
        await rig.swap(chosen)
        (other,) = await rig.media.list()

        with pytest.raises(NotTheSameStick):
            await rig.media.write_verified(chosen, NAME, DATA, no_progress)
        assert await rig.files(other.ref) == {}

    @pytest.mark.deep
    @pytest.mark.rule("E-88", "I-24")
    async def test_a_full_stick_says_so_and_keeps_nothing(self, rig: Rig) -> None:
        ref = await rig.plug_full()

        with pytest.raises(StickFull) as refused:
            await rig.media.write_verified(ref, NAME, DATA, no_progress)
        assert refused.value.left_behind is LeftBehind.NOTHING
        assert NAME not in await rig.files(ref)

    @pytest.mark.deep
    @pytest.mark.rule("E-88", "I-24")
    async def test_a_protected_stick_is_refused_in_the_list_and_at_the_write(self, rig: Rig) -> None:
        ref = await rig.plug_protected()

        assert [stick.refusal for stick in await rig.media.list()] == [StickRefusal.WRITE_PROTECTED]
        with pytest.raises(StickReadOnly) as refused:
            await rig.media.write_verified(ref, NAME, DATA, no_progress)
        assert refused.value.left_behind is LeftBehind.NOTHING

    @pytest.mark.rule("E-84", "I-24")
    async def test_after_a_failure_the_same_file_goes_to_another_stick(self, rig: Rig) -> None:
        first = await rig.plug("STICK-A")
        await rig.pull(first)
        with pytest.raises(StickRemoved):
            await rig.media.write_verified(first, NAME, DATA, no_progress)
        second = await rig.plug("STICK-B")

        await rig.media.write_verified(second, NAME, DATA, no_progress)

        assert await rig.files(second) == {NAME: DATA}

    async def test_watching_shows_a_stick_that_comes_and_goes(self, rig: Rig) -> None:
        looks = rig.media.watch()
        assert await next_look(looks) == ()
        ref = await rig.plug()
        assert [stick.ref for stick in await next_look(looks)] == [ref]
        await rig.pull(ref)
        assert await next_look(looks) == ()

    @pytest.mark.rule("I-20")
    @pytest.mark.parametrize(
        "name",
        [
            "",
            ".",
            "..",
            "../etc/passwd",
            "a/b.p12",
            "a\\b.p12",
            "/tmp/x.p12",  # noqa: S108 - a name that must be refused, not a place that is used
            "x.p12\n",
            "x\x00.p12",
            "\u202egpj.p12",
            "ｔａｎａｋａ.p12",
            "con.p12",
            "LPT1",
            "x.p12.",
            "x.p12 ",
            ".hidden",
            "~temporary.tmp",
            "a:b.p12",
            "x" * 65,
        ],
    )
    async def test_only_plain_names_are_written(self, rig: Rig, name: str) -> None:
        ref = await rig.plug()

        with pytest.raises(ValueError, match="plain file name"):
            await rig.media.write_verified(ref, name, DATA, no_progress)
        assert await rig.files(ref) == {}

    async def test_ejecting_returns(self, rig: Rig) -> None:
        ref = await rig.plug()
        await rig.media.write_verified(ref, NAME, DATA, no_progress)

        async with asyncio.timeout(30):
            await rig.media.eject(ref)


MESSAGE_WITHIN = 10.0
"""Seconds from one pull to the error: a call that hangs would take twenty, and any one may meet a machine that is busy.
Of the three that a person is promised there are tests over many pulls."""


async def next_look(looks: AsyncIterator[tuple[Stick, ...]]) -> tuple[Stick, ...]:
    """The next snapshot, or a failed test after some seconds."""
    async with asyncio.timeout(30):
        return await anext(looks)
