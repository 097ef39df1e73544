"""The pictures of the gallery: every character in its own cells, and a third of the size with a palette."""

import re
import struct
import zlib
from pathlib import Path

import pytest

from tests.support.deep import refuse
from tests.support.drivers.counter import SMALL_WINDOW, at_the_counter
from tests.support.shell import Plain, a_kiosk
from tools.palette import SIGNATURE, with_palette
from tools.pictures import CELL_WIDTH, drawing, what_is_missing, write_png


def a_png(width: int, height: int, colours: list[bytes], kind: int = 2) -> bytes:
    """A picture whose pixels take the colours in turn, each line with another filter of PNG 9.2."""
    lines = b""
    above = bytes(width * 3)
    for y in range(height):
        line = b"".join(colours[(y * width + x) % len(colours)] for x in range(width))
        lines += (
            bytes([2]) + bytes((a - b) & 0xFF for a, b in zip(line, above, strict=True))
            if y % 2
            else b"\0" + line
        )
        above = line
    parts = [
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, kind, 0, 0, 0)),
        (b"IDAT", zlib.compress(lines)),
        (b"IEND", b""),
    ]
    return SIGNATURE + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in parts
    )


def chunk(png: bytes, name: bytes) -> bytes:
    """The content of the first chunk of that name."""
    place = png.index(name)
    (length,) = struct.unpack(">I", png[place - 4 : place])
    return png[place + 4 : place + 4 + length]


def pixels(png: bytes, width: int) -> list[bytes]:
    """The colours of a picture with a palette, in reading order."""
    palette = chunk(png, b"PLTE")
    numbers = zlib.decompress(chunk(png, b"IDAT"))
    lines = [numbers[start + 1 : start + 1 + width] for start in range(0, len(numbers), width + 1)]
    return [palette[3 * number : 3 * number + 3] for line in lines for number in line]


def test_a_picture_with_few_colours_keeps_every_pixel() -> None:
    colours = [b"\x10\x15\x1d", b"\xff\xd4\x79", b"\xee\xf2\xf8"]
    made = with_palette(a_png(7, 5, colours))
    assert pixels(made, 7) == [colours[place % 3] for place in range(35)]


def test_a_rare_colour_becomes_its_nearest() -> None:
    many = [bytes([n, n, n]) for n in range(256)]
    made = with_palette(a_png(257, 3, [*many, b"\x00\x00\x01"]))
    assert b"\x00\x00\x01" not in pixels(made, 257)
    assert len(chunk(made, b"PLTE")) == 256 * 3


def test_another_kind_of_picture_is_refused() -> None:
    with pytest.raises(ValueError, match="8 bits"):
        with_palette(a_png(2, 2, [b"\0\0\0"], kind=6))


async def test_every_character_is_drawn_in_its_own_cells() -> None:
    async with at_the_counter(a_kiosk(Plain), SMALL_WINDOW) as person:
        svg = drawing(person.app)
        line = next(line for line in person.glass if "届出印の照合" in line)
    wide = re.search(r'<text class="[^"]+" x="([\d.]+)" y="[\d.]+" text-anchor="middle">届</text>', svg)
    assert wide is not None
    cells_before = len(line[: line.index("届")])
    assert float(wide.group(1)) == pytest.approx((cells_before + 1) * CELL_WIDTH, abs=0.1)
    assert "textLength" not in svg


async def test_a_screen_becomes_a_picture(tmp_path: Path) -> None:
    if (missing := what_is_missing()) is not None:
        refuse(missing)
    async with at_the_counter(a_kiosk(Plain), SMALL_WINDOW) as person:
        write_png(drawing(person.app), tmp_path / "one.png")
    png = (tmp_path / "one.png").read_bytes()
    width, height = struct.unpack(">II", chunk(png, b"IHDR")[:8])
    assert png.startswith(SIGNATURE)
    assert width > height > 100
    assert len(set(pixels(png, width))) > 5
