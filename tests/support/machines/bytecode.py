"""The Python of an emulated terminal, compiled outside and put onto a disk of its own.

Compiling is what the slow processor inside would do most of the time: the account without rights can neither use what
lies compiled beside the sources, which is often for its owner's eyes only, nor add to it. And every file on the disk
of the machine outside is asked for over a wire; this disk is not.
"""

import importlib
import pkgutil
import py_compile
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

from tests.support.machines.kernel import PROJECT

OURS: Final = ("kiosk", "screens", "db")
LAZY: Final = ("sqlalchemy.dialects.sqlite.pysqlite", "textual.drivers.linux_driver", "pyte", "dbus_fast.aio")
"""What is loaded only when the program runs."""
_SIZE: Final = "160M"
_WITHOUT: Final = "^has_journal,^metadata_csum,^resize_inode"


def compiled_for(program: str, scratch: Path) -> Path:
    """An image of all that `python -m PROGRAM` and the product import, by the same paths as on this machine."""
    layer, image = scratch / "python", scratch / "python.disk"
    shutil.rmtree(layer, ignore_errors=True)
    image.unlink(missing_ok=True)
    for line in _output(sys.executable, "-m", __name__, program).splitlines():
        source, compiled = map(Path, line.split("\t"))
        _lay(source.resolve(), compiled.name, layer)
    _output("mkfs.ext4", "-q", "-O", _WITHOUT, "-m", "0", "-d", str(layer), str(image), _SIZE)
    shutil.rmtree(layer)
    return image


def _lay(source: Path, name: str, layer: Path) -> None:
    """A source with its compiled form."""
    copy = layer / source.relative_to("/")
    beside = copy.parent / "__pycache__"
    beside.mkdir(parents=True, exist_ok=True)
    for folder in source.parents:  # the same people may enter them
        shutil.copymode(folder, layer / folder.relative_to("/"))
    shutil.copy2(source, copy)
    compiled = source.parent / "__pycache__" / name
    if compiled.exists():
        shutil.copyfile(compiled, beside / name)
    else:
        py_compile.compile(str(source), cfile=str(beside / name), doraise=True)
    for place, mode in ((beside, 0o755), (beside / name, 0o644)):
        place.chmod(mode)


def _output(*command: str) -> str:
    done = subprocess.run(
        command, cwd=PROJECT, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise AssertionError(f"{command}: {done.stderr}")
    return done.stdout


def _everything(program: str) -> None:
    """Import it, and say where each module comes from and where its compiled form is looked for."""
    for package in OURS:
        for module in pkgutil.walk_packages(importlib.import_module(package).__path__, f"{package}."):
            with suppress(Exception):  # what is for Windows, or for the inside of a migration
                importlib.import_module(module.name)
    for name in (program, *LAZY):
        importlib.import_module(name)
    for known in list(sys.modules.values()):
        spec = getattr(known, "__spec__", None)
        if spec is not None and spec.origin and spec.cached:
            sys.stdout.write(f"{spec.origin}\t{spec.cached}\n")


if __name__ == "__main__":
    _everything(sys.argv[1])
