"""A list as a file for a spreadsheet program: CSV, UTF-8 with a byte order mark, one line a row, nothing a formula."""

import csv
import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
from itertools import count
from pathlib import Path

from kiosk.errors import ExportFailed
from kiosk.rules.spreadsheets import safe_cell


def free_name(folder: Path, stem: str) -> str:
    """`stem.csv`, or `stem-2.csv` and so on when the folder has one of this name already."""
    names = (f"{stem}.csv" if number == 1 else f"{stem}-{number}.csv" for number in count(1))
    return next(name for name in names if not (folder / name).exists())


def write_table(folder: Path, name: str, rows: Iterable[Sequence[str]]) -> Path:
    """Store a new file that only this account may read, wholly or not at all; its path.

    The byte order mark is what tells Excel that the file is UTF-8. Raises `ExportFailed` and leaves nothing behind.
    """
    place = folder / name
    half_done = folder / f".{name}.part"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(
            half_done, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600
        )
        with os.fdopen(handle, "w", encoding="utf-8-sig", newline="") as stream:
            writer = csv.writer(stream, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
            writer.writerows([safe_cell(cell) for cell in row] for row in rows)
            stream.flush()
            os.fsync(stream.fileno())
        half_done.rename(place)
    except OSError as error:
        _forget(half_done)
        raise ExportFailed(folder=str(folder), why=error.strerror or "") from None
    except BaseException:
        _forget(half_done)
        raise
    return place


def _forget(half_done: Path) -> None:
    with suppress(OSError):
        half_done.unlink(missing_ok=True)
