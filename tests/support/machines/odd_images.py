"""Images of sticks that may not be used: locked by software, cut into pieces, or not cut at all."""

import struct
from pathlib import Path
from typing import Final
from uuid import UUID

from tests.support.machines.images import SECTOR, SIZE, output_of

_PIECE: Final = 40 * 1024 * 1024 // SECTOR
"""Sectors of one partition of several."""
_START: Final = 2048
_EFI: Final = "C12A7328-F81F-11D2-BA4B-00A0C93EC93B"
_DATA: Final = "EBD0A0A2-B9E5-4433-87C0-68B6B72699C7"
_BITLOCKER: Final = UUID("4967d63b-2e29-4ad8-8399-f6a339e3d001")


def encrypted(path: Path, kind: str) -> Path:
    """A stick with one partition that begins as "luks" or "bitlocker" does; behind it is nothing."""
    with path.open("wb") as disk:
        disk.truncate(_START * SECTOR + SIZE)
    output_of(
        "sfdisk", str(path), text=f"label: dos\nstart={_START}, type={'83' if kind == 'luks' else '7'}\n"
    )
    with path.open("r+b") as disk:
        disk.seek(_START * SECTOR)
        disk.write(_luks() if kind == "luks" else _bitlocker())
    return path


def _luks() -> bytes:
    """Version 1: cipher, mode, hash, where the content begins, length of the key, its digest and salt, UUID."""
    return struct.pack(
        ">6sH32s32s32sII20s32sI40s",
        *(b"LUKS\xba\xbe", 1, b"aes", b"xts-plain64", b"sha256", 4096, 64, b"\1" * 20, b"\2" * 32, 1000),
        b"6a7f8c1e-0d4b-4c7a-9a52-3f1de5a0c001",
    )


def _bitlocker() -> bytes:
    """A boot sector that points to a block of metadata, as on a partition of a fixed disk."""
    where = 64 * 1024
    boot = bytearray(where)
    boot[0:11] = b"\xeb\x58\x90-FVE-FS-"
    boot[160:184] = _BITLOCKER.bytes_le + where.to_bytes(8, "little")
    boot[510:512] = b"\x55\xaa"
    return bytes(boot) + b"-FVE-FS-" + struct.pack("<HH", 64, 2) + bytes(500)


def in_pieces(path: Path, *, efi: bool) -> Path:
    """Two FAT partitions; with `efi` the first is one to start computers from, as many programs put onto a stick."""
    label = f"label: {'gpt' if efi else 'dos'}\n"
    kinds = (_EFI, _DATA) if efi else ("c", "c")
    starts = (_START, _START + _PIECE)
    with path.open("wb") as disk:
        disk.truncate((starts[1] + _PIECE + _START) * SECTOR)
    lines = (
        f"start={start}, size={_PIECE}, type={kind}\n" for start, kind in zip(starts, kinds, strict=True)
    )
    output_of("sfdisk", str(path), text=label + "".join(lines))
    for start in starts:
        output_of("mkfs.vfat", "-F32", "-s1", f"--offset={start}", "-n", "PIECE", str(path), str(_PIECE // 2))
    return path


def bare(path: Path) -> Path:
    """FAT on the whole stick, without a table of partitions."""
    with path.open("wb") as disk:
        disk.truncate(SIZE)
    output_of("mkfs.vfat", "-F32", "-s1", "--mbr=n", "-I", "-n", "BARE", str(path))
    return path
