"""The two keys that lie beside the database and never in it: of the password hashes and of the code digests."""

import os
import secrets
from pathlib import Path
from typing import Final

from kiosk.errors import FilesNotOurs, KeyGone, NotSetUp, SettingsWrong
from kiosk.translations.system_errors import why

KEY_BYTES: Final = 32
PASSWORD_KEY: Final = "password.key"  # noqa: S105  # the name of a file
CODE_KEY: Final = "code.key"


def make_folder(folder: Path) -> None:
    """Make the folder of the keys, for its owner alone; one that is there already stays as it is."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def make_key(folder: Path, name: str) -> None:
    """Make a key file that only its owner may read; one that is there already stays as it is."""
    make_folder(folder)
    try:
        handle = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(handle, "wb") as file:
        file.write(secrets.token_bytes(KEY_BYTES))
        file.flush()
        os.fsync(handle)


def has_key(folder: Path, name: str) -> bool:
    """Whether there is such a key. Raises `FilesNotOurs` where this account may not look."""
    try:
        return (folder / name).exists()
    except PermissionError:
        raise FilesNotOurs(path=str(folder)) from None


def require_key(folder: Path, name: str) -> None:
    """Raise `NotSetUp` where there is no such key, `FilesNotOurs` where this account may not look."""
    if not has_key(folder, name):
        raise NotSetUp(missing=str(folder / name))


def require_password_key(folder: Path, ca: Path) -> None:
    """The same for the key of the password hashes; raises `KeyGone` where there is a CA already: it was there once."""
    if not has_key(folder, PASSWORD_KEY):
        missing = str(folder / PASSWORD_KEY)
        raise KeyGone(path=missing) if ca.is_dir() else NotSetUp(missing=missing)


def read_key(folder: Path, name: str) -> bytes:
    """The key. Raises `SettingsWrong` when it is missing, of another length or open to others."""
    place = folder / name
    try:
        key = place.read_bytes()
        mode = place.stat().st_mode
    except OSError as error:
        raise SettingsWrong(str(place), "paths.data", why(error)) from None
    if len(key) != KEY_BYTES:
        raise SettingsWrong(str(place), "paths.data", f"{len(key)} bytes")
    if mode & 0o077:
        raise SettingsWrong(str(place), "paths.data", f"mode {mode & 0o777:o}")
    return key
