"""Passwords lie in files of their own, one to a file."""

import os
import stat
from pathlib import Path

from kiosk.errors import SettingsWrong
from kiosk.secret import Secret
from kiosk.translations.catalog import _
from kiosk.translations.system_errors import why

MOST_BYTES = 1024


def read_password_file(path: Path, key: str) -> Secret:
    """The first line of the file a setting names.

    A bare name is looked for in `$CREDENTIALS_DIRECTORY`, the private folder a service manager hands over; any other
    file must be readable by its owner alone, and the owner is this account or root. Raises SettingsWrong naming the
    file and `key`, never a character of what is in it.
    """
    credentials = os.environ.get("CREDENTIALS_DIRECTORY", "")
    handed_over = bool(credentials) and path.parent == Path(credentials)
    try:
        with open(path, "rb", opener=without_waiting) as stream:
            facts = os.fstat(stream.fileno())
            problem = "" if handed_over else who_else_may_read(facts)
            content = b"" if problem else stream.read(MOST_BYTES + 1)
    except OSError as error:
        raise SettingsWrong(str(path), key, _("ファイルを読めません: {why}").format(why=why(error))) from None
    if problem:
        raise SettingsWrong(str(path), key, problem)
    return first_line(content, path, key)


def without_waiting(path: str, flags: int) -> int:
    """Open without hanging on a named pipe nobody writes to."""
    return os.open(path, flags | os.O_NONBLOCK)


def who_else_may_read(facts: os.stat_result) -> str:
    """Why the file is not private enough; empty when it is."""
    if not stat.S_ISREG(facts.st_mode):
        return _("普通のファイルではありません。")
    if facts.st_uid not in {0, os.geteuid()}:
        return _("ファイルの所有者が、このプログラムを動かす利用者でも root でもありません。")
    if stat.S_IMODE(facts.st_mode) & 0o077:
        return _("所有者以外も読めるファイルです。chmod 600 にしてください。")
    return ""


def first_line(content: bytes, path: Path, key: str) -> Secret:
    """The secret without its line end."""
    try:
        line = content.decode("utf-8").partition("\n")[0].removesuffix("\r")
    except UnicodeDecodeError:
        raise SettingsWrong(str(path), key, _("UTF-8 の文字列ではありません。")) from None
    if not line or not line.isprintable() or len(content) > MOST_BYTES:
        raise SettingsWrong(
            str(path),
            key,
            _("1行目に、{limit} バイト以内のパスワードを書いてください。").format(limit=MOST_BYTES),
        )
    return Secret(line)
