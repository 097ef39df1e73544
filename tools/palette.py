"""Rewrites a picture of a screen with a palette: a third of the size, and nothing to install for it."""

import struct
import zlib
from collections import Counter
from typing import Final

SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
COLOURS: Final = 256
_TRUE_COLOUR, _WITH_PALETTE = 2, 3
_HEADER: Final = struct.Struct(">IIBBBBB")
"""Width, height, bits, kind of colour, compression, filters, interlace (PNG 11.2.2)."""


def with_palette(png: bytes) -> bytes:
    """The same picture in its 256 most frequent colours; every rarer one becomes the nearest of them.

    `png` has 8 bits of red, green and blue and is not interlaced; raises ValueError for any other.
    """
    chunks = _chunks(png)
    width, height, bits, kind, _, _, interlace = _HEADER.unpack(chunks[b"IHDR"])
    if (bits, kind, interlace) != (8, _TRUE_COLOUR, 0):
        raise ValueError("only pictures with 8 bits of red, green and blue, not interlaced")
    pixels = _pixels(zlib.decompress(chunks[b"IDAT"]), width, height)
    colours = [pixels[place : place + 3] for place in range(0, len(pixels), 3)]
    palette, number_of = _palette(Counter(colours))
    lines = (colours[start : start + width] for start in range(0, width * height, width))
    numbered = b"".join(b"\0" + bytes(map(number_of.__getitem__, line)) for line in lines)
    return SIGNATURE + b"".join(
        (
            _chunk(b"IHDR", _HEADER.pack(width, height, 8, _WITH_PALETTE, 0, 0, 0)),
            _chunk(b"PLTE", b"".join(palette)),
            _chunk(b"IDAT", zlib.compress(numbered, 9)),
            _chunk(b"IEND", b""),
        )
    )


def _chunks(png: bytes) -> dict[bytes, bytes]:
    """By name; those of one name belong together."""
    found: dict[bytes, bytes] = {}
    place = len(SIGNATURE)
    while place < len(png):
        (length,) = struct.unpack_from(">I", png, place)
        name = png[place + 4 : place + 8]
        found[name] = found.get(name, b"") + png[place + 8 : place + 8 + length]
        place += length + 12
    return found


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def _palette(seen: Counter[bytes]) -> tuple[list[bytes], dict[bytes, int]]:
    """The colours that stay, and which of them each colour becomes."""
    palette = [colour for colour, _ in seen.most_common(COLOURS)]
    number_of = {colour: number for number, colour in enumerate(palette)}
    for colour in seen.keys() - number_of.keys():
        number_of[colour] = min(
            range(len(palette)), key=lambda number: _distance(palette[number], colour)
        )  # used at once
    return palette, number_of


def _distance(one: bytes, other: bytes) -> int:
    return sum((a - b) ** 2 for a, b in zip(one, other, strict=True))


def _pixels(filtered: bytes, width: int, height: int) -> bytes:
    """The lines without their filters (PNG 9.2)."""
    length = width * 3
    above = bytes(length)
    lines = []
    for start in range(0, height * (length + 1), length + 1):
        above = _line(filtered[start], filtered[start + 1 : start + 1 + length], above)
        lines.append(above)
    return b"".join(lines)


def _line(kind: int, filtered: bytes, above: bytes) -> bytes:
    if kind == 0:
        return filtered
    if kind == 2:  # "Up"
        return bytes((x + up) & 0xFF for x, up in zip(filtered, above, strict=True))
    line = bytearray(3) + bytearray(filtered)
    corner = bytes(3) + above
    for place in range(3, len(line)):
        left, up = line[place - 3], corner[place]
        if kind == 1:
            guess = left
        elif kind == 3:  # "Average"
            guess = (left + up) // 2
        else:
            guess = _paeth(left, up, corner[place - 3])
        line[place] = (line[place] + guess) & 0xFF
    return bytes(line[3:])


def _paeth(left: int, up: int, corner: int) -> int:
    """Whichever is nearest to left + up - corner (PNG 9.4)."""
    by_left, by_up, by_corner = abs(up - corner), abs(left - corner), abs(left + up - 2 * corner)
    if by_left <= by_up and by_left <= by_corner:
        return left
    return up if by_up <= by_corner else corner
