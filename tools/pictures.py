"""Makes a PNG picture of a screen of the kiosk, each character in the cells it has at the counter."""

import html
import io
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from rich.cells import cell_len
from rich.console import Console

from screens.app import KioskApp
from tools.palette import with_palette

ZOOM: Final = 0.8
CELL_HEIGHT: Final = 24.4
"""Rich draws a line of text this high and a cell as wide as `ASPECT` times 20."""
ASPECT: Final = 0.632
CELL_WIDTH: Final = 20 * ASPECT
FONT_SIZE: Final = 21
"""DejaVu Sans Mono is 0.602 of its size wide and 1.164 high: at this size its frames close without a gap."""
LATIN: Final = "DejaVu Sans Mono"
KANJI: Final = "Noto Sans Mono CJK JP"
CONVERTER: Final = "rsvg-convert"
PACKAGES: Final = "librsvg2-bin fonts-noto-cjk fonts-dejavu-core"

PAGE: Final = f"""<svg viewBox="0 0 {{terminal_width}} {{terminal_height}}" xmlns="http://www.w3.org/2000/svg">
<style>
.{{unique_id}}-matrix {{{{ font-family: "{LATIN}", "{KANJI}"; font-size: {FONT_SIZE}px; }}}}
{{styles}}
</style>
<g transform="translate(0, -1.5)">{{backgrounds}}</g>
<g transform="translate(0, -0.5)" class="{{unique_id}}-matrix">{{matrix}}</g>
</svg>
"""
NO_BREAK: Final = "\N{NO-BREAK SPACE}"
"""What Rich writes for a blank."""
TEXT: Final = re.compile(
    r'<text class="([^"]+)" x="([^"]+)" y="([^"]+)" textLength="[^"]+" clip-path="[^"]+">([^<]*)</text>'
)


def drawing(app: KioskApp) -> str:
    """The screen as it stands now, as SVG."""
    width, height = app.size
    console = Console(
        width=width,
        height=height,
        file=io.StringIO(),
        force_terminal=True,
        color_system="truecolor",
        record=True,
        legacy_windows=False,
        safe_box=False,
    )
    console.print(app.screen._compositor.render_update(full=True, screen_stack=app._background_screens))
    svg = console.export_svg(title="", code_format=PAGE, font_aspect_ratio=ASPECT, unique_id="kiosk")
    return TEXT.sub(_in_its_cells, svg)


def _in_its_cells(found: re.Match[str]) -> str:
    """Rich measures a text by its characters; here each stretch of one width stands in its own cells."""
    style, left, top, content = found.groups()
    x = float(left)
    pieces = []
    for stretch in _stretches(html.unescape(content).replace(NO_BREAK, " ")):
        cells = cell_len(stretch)
        if stretch.strip():
            where = f'x="{x:.2f}" y="{top}"'
            if cells > len(stretch):  # one wide character, in the middle of its two cells
                where = f'x="{x + CELL_WIDTH:.2f}" y="{top}" text-anchor="middle"'
            pieces.append(f'<text class="{style}" {where}>{html.escape(stretch)}</text>')
        x += cells * CELL_WIDTH
    return "".join(pieces)


def _stretches(text: str) -> Iterator[str]:
    """Words of narrow characters; blanks and wide characters one by one, because a converter drops leading blanks."""
    word = ""
    for character in text:
        if character != " " and cell_len(character) == 1:
            word += character
            continue
        if word:
            yield word
        word = ""
        yield character
    if word:
        yield word


def write_png(svg: str, target: Path) -> None:
    """The drawing as a picture. Raises `CalledProcessError` when it cannot be converted."""
    command = [_converter(), "--zoom", str(ZOOM), "--background-color", "black"]
    converted = subprocess.run(command, input=svg.encode(), check=True, capture_output=True)  # noqa: S603  # a fixed command
    target.write_bytes(with_palette(converted.stdout))


def _converter() -> str:
    return shutil.which(CONVERTER) or ""


def what_is_missing() -> str | None:
    """What has to be installed before a picture can be made, as a sentence."""
    fonts = ""
    if (lister := shutil.which("fc-list")) is not None:
        fonts = subprocess.run([lister, ":", "family"], check=True, capture_output=True, text=True).stdout  # noqa: S603
    missing = [name for name in (LATIN, KANJI) if name not in fonts]
    if not _converter():
        missing.insert(0, CONVERTER)
    if not missing:
        return None
    return f"Missing: {', '.join(missing)}. On Debian: apt-get install --no-install-recommends {PACKAGES}"
