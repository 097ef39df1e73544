"""One line of the table of numbers, and the table."""

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.cells import cell_len

HEADINGS = ("what", "figure", "bare reference", "ratio", "promised", "")


@dataclass(frozen=True, kw_only=True)
class Line:
    """A number, what it was measured against in the same run, and what was promised."""

    what: str
    figure: str
    reference: str = ""
    ratio: float | None = None
    promised: str
    """Empty for a number that only explains another."""
    kept: bool


def compared(what: str, seconds: Sequence[float], bare: Sequence[float], promised: float) -> Line:
    """The median of both, which were measured in turn; their ratio is what was promised."""
    ratio = statistics.median(seconds) / statistics.median(bare)
    return Line(
        what=what,
        figure=_milliseconds(seconds),
        reference=_milliseconds(bare),
        ratio=ratio,
        promised=f"<= {promised} x",
        kept=ratio <= promised,
    )


def table(lines: Iterable[Line]) -> str:
    """Aligned columns under a line of headings."""
    rows = [HEADINGS, *map(_cells, lines)]
    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(
            cell + " " * (width - cell_len(cell)) for cell, width in zip(row, widths, strict=True)
        ).rstrip()
        for row in rows
    )


def _cells(line: Line) -> tuple[str, ...]:
    ratio = "" if line.ratio is None else f"{line.ratio:.2f}"
    verdict = ("ok" if line.kept else "NOT KEPT") if line.promised else ""
    return (line.what, line.figure, line.reference, ratio, line.promised, verdict)


def _milliseconds(seconds: Sequence[float]) -> str:
    ordered = sorted(seconds)
    slow = ordered[round(0.9 * (len(ordered) - 1))]
    return f"{statistics.median(ordered) * 1000:.1f} ms (p90 {slow * 1000:.1f})"
