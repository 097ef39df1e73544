"""A stick that a killed program left mounted is used again; one that another program works on is not (E-85, E-88)."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

import kiosk
from kiosk.errors import StickInUse
from kiosk.media.udisks.abandoned import NO_MOUNTS, OwnMounts
from kiosk.media.udisks.kernel import MountLine
from kiosk.media.volumes import StickRef, StickRefusal
from tests.media.contract import DATA, NAME, no_progress
from tests.support.loop_disks import FILESYSTEM
from tests.support.stick_rigs import UDisksRig, usb_ports

ANOTHER_PROGRAM = """
import asyncio, os, sys, time
from pathlib import Path
from kiosk.media.calls import FileCalls
from kiosk.media.udisks.kernel import Kernel
from kiosk.media.udisks.media import UDisksMedia
from kiosk.media.udisks.targets import Policy
from kiosk.media.volumes import StickRef

class Stops(FileCalls):
    def sync(self, file):
        print("in the middle", flush=True)
        time.sleep(60)  # it is killed before

address, sys_, filesystem, token, name = sys.argv[1:]
media = UDisksMedia(
    policy=Policy(accepted_filesystems=frozenset({filesystem})),
    address=address, kernel=Kernel(sys=Path(sys_)), calls=Stops(),
)
asyncio.run(media.write_verified(StickRef("udisks", token), name, b"p12", lambda step: None))
"""

OURS = MountLine(
    device=os.makedev(8, 1),
    root=b"/",
    path=b"/media/kiosk/STICK",
    options=frozenset({"rw", "nosuid", "nodev", "noexec"}),
    superblock=frozenset({"rw", "dirsync", "uid=990", "gid=990", "fmask=0077", "dmask=0077"}),
    filesystem="vfat",
    source="/dev/sda1",
)
OWN = OwnMounts((b"/media/kiosk/", b"/run/media/kiosk/"), 990)


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[UDisksRig]:
    with usb_ports(tmp_path) as ports:
        yield ports


@contextmanager
def another_program_in_mid_write(rig: UDisksRig, ref: StickRef) -> Iterator["subprocess.Popen[str]"]:
    """Of the same account, at the same ports."""
    told = [rig.address, str(rig.sysfs.kernel.sys), FILESYSTEM, ref.token, NAME]
    with subprocess.Popen(
        [sys.executable, "-c", ANOTHER_PROGRAM, *told],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(kiosk.__file__).parents[1],
    ) as program:
        assert program.stdout is not None
        assert program.stdout.readline() == "in the middle\n"
        try:
            yield program
        finally:
            program.send_signal(signal.SIGKILL)


@pytest.mark.deep
@pytest.mark.rule("E-85", "E-88", "I-2")
async def test_a_stick_that_a_killed_program_left_mounted_is_let_go_of_and_used(rig: UDisksRig) -> None:
    ref = rig.put_in()
    with another_program_in_mid_write(rig, ref):
        pass
    assert "Unmount" not in [member for member, *_ in rig.udisks.called]

    assert [stick.refusal for stick in await rig.media.list()] == [None]
    looked = await rig.media.look(ref)
    assert looked.refusal is StickRefusal.NOT_EMPTY  # whose file that is, nobody knows any more
    (left,) = await rig.files(ref)
    assert left != NAME
    anyway = replace(rig.media, require_empty=False)
    await anyway.write_verified(ref, NAME, DATA, no_progress)
    assert (await rig.files(ref))[NAME] == DATA


@pytest.mark.deep
@pytest.mark.rule("E-84", "E-88")
async def test_a_stick_that_another_program_works_on_is_in_use_until_that_one_ends(rig: UDisksRig) -> None:
    ref = rig.put_in()
    with another_program_in_mid_write(rig, ref):
        assert [stick.refusal for stick in await rig.media.list()] == [StickRefusal.IN_USE]
        with pytest.raises(StickInUse):
            await rig.media.write_verified(ref, NAME, DATA, no_progress)
        with pytest.raises(StickInUse):
            await rig.media.eject(ref)
        assert [member for member, *_ in rig.udisks.called] == ["Mount"]
    assert [stick.refusal for stick in await rig.media.list()] == [None]
    await rig.media.eject(ref)
    assert await rig.media.list() == ()


@pytest.mark.deep
@pytest.mark.rule("E-88")
async def test_what_somebody_else_mounted_stays_in_use_and_mounted(rig: UDisksRig) -> None:
    ref = rig.put_in()
    with another_program_in_mid_write(rig, ref):
        pass
    somebody = replace(rig.media, own_mounts=OwnMounts((b"/media/kiosk/",), os.getuid()))

    assert [stick.refusal for stick in await somebody.list()] == [StickRefusal.IN_USE]
    assert (await somebody.look(ref)).refusal is StickRefusal.IN_USE
    with pytest.raises(StickInUse):
        await somebody.write_verified(ref, NAME, DATA, no_progress)

    assert "Unmount" not in [member for member, *_ in rig.udisks.called]


@pytest.mark.rule("E-88")
def test_a_mount_is_ours_by_its_place_its_options_and_its_owner() -> None:
    reading = replace(OURS, options=OURS.options | {"ro"}, superblock=frozenset({"ro", "uid=990"}))
    assert OWN.are_all([OURS], [OURS.path])
    assert OWN.are_all([reading], [])
    assert OWN.are_all([replace(OURS, path=b"/run/media/kiosk/A")], [])


@pytest.mark.rule("E-88")
@pytest.mark.parametrize(
    ("lines", "points"),
    [
        pytest.param([], [], id="not mounted"),
        pytest.param([], [OURS.path], id="known to UDisks alone"),
        pytest.param([OURS], [b"/mnt"], id="somewhere else as well, says UDisks"),
        pytest.param([OURS, replace(OURS, path=b"/mnt")], [], id="somewhere else as well"),
        pytest.param([replace(OURS, path=b"/media/kiosk2/STICK")], [], id="another account's directory"),
        pytest.param(
            [replace(OURS, superblock=OURS.superblock - {"uid=990"} | {"uid=1000"})], [], id="owner"
        ),
        pytest.param([replace(OURS, options=OURS.options - {"noexec"})], [], id="a file manager"),
        pytest.param([replace(OURS, superblock=OURS.superblock - {"dirsync"})], [], id="an automounter"),
        pytest.param([replace(OURS, root=b"/folder")], [], id="a part of it"),
    ],
)
def test_any_other_mount_is_somebody_elses(lines: list[MountLine], points: list[bytes]) -> None:
    assert not OWN.are_all(lines, points)


def test_without_an_account_nothing_is_ours() -> None:
    assert not NO_MOUNTS.are_all([OURS], [])
    assert OwnMounts.of_this_account().uid == os.getuid()
