"""The kinds of value a setting may hold, each checked where it is read."""

import os
import re
import unicodedata
from datetime import date
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, ValidationInfo

from kiosk.config.problems import refused
from kiosk.translations.catalog import N_

ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})+")
OID = re.compile(r"[0-2](\.(0|[1-9][0-9]*)){2,}")
CLOCK_TIME = re.compile(r"([01][0-9]|2[0-4]):[0-5][0-9]")
MONTH_AND_DAY = re.compile(r"[01][0-9]-[0-3][0-9]")


def in_settings_folder(path: Path, info: ValidationInfo) -> Path:
    """A relative path counts from the folder of the settings file."""
    folder = (info.context or {}).get("folder", Path())
    return Path(folder, path.expanduser()).absolute()


def credential(path: Path, info: ValidationInfo) -> Path:
    """A bare name is a credential of the service manager when it hands any over; anything else is a file."""
    folder = os.environ.get("CREDENTIALS_DIRECTORY", "")
    return Path(folder, path) if folder and path.name == str(path) else in_settings_folder(path, info)


def one_plain_line(text: str) -> str:
    """No control, format or surrogate characters: the text goes to screens and into letters."""
    if any(unicodedata.category(character)[0] in "CZ" and character not in " 　" for character in text):
        raise refused(N_("改行や制御文字は使えません。"))
    return text


def header_text(text: str) -> str:
    """A text for the head of a letter: what could be read as an encoded word is refused."""
    if "=?" in text:
        raise refused(N_("「=?」は使えません。"))
    return one_plain_line(text)


def address(text: str) -> str:
    """A mail address in ASCII."""
    if not ADDRESS.fullmatch(text):
        raise refused(N_("メールアドレスを半角で指定してください。"))
    return text


def object_identifier(text: str) -> str:
    """A dotted object identifier."""
    if not OID.fullmatch(text):
        raise refused(N_("1.2.3 のようなオブジェクト識別子を指定してください。"))
    return text


def http_url(text: str) -> str:
    """Plain http with a full host name: clients fetch these before they can check any certificate (RFC 5280 8)."""
    try:
        parts = urlsplit(text)
        named = bool(parts.hostname) and "." in str(parts.hostname)
    except ValueError:
        raise refused(N_("http:// で始まる、ホスト名の完全なURLを指定してください。")) from None
    if parts.scheme != "http" or not named or parts.username or parts.fragment or not text.isascii():
        raise refused(N_("http:// で始まる、ホスト名の完全なURLを指定してください。"))
    return text


def clock_time(text: str) -> str:
    """Hours and minutes, 00:00 to 24:00."""
    if not CLOCK_TIME.fullmatch(text) or (text[:2] == "24" and text != "24:00"):
        raise refused(N_("08:00 のように時と分を指定してください。"))
    return text


def month_and_day(text: str) -> str:
    """A day that comes back every year; 29 February is one."""
    if MONTH_AND_DAY.fullmatch(text):
        try:
            date.fromisoformat(f"2028-{text}")  # a leap year
        except ValueError:
            pass
        else:
            return text
    raise refused(N_("12-31 のように月と日を指定してください。"))


def without_password(url: str) -> str:
    """A database address this program knows how to open; its password lies in a file of its own."""
    try:
        parts = urlsplit(url)
        password = parts.password
    except ValueError:
        raise refused(N_("sqlite:///… または postgresql://… を指定してください。")) from None
    if parts.scheme not in {"sqlite", "postgresql", "postgresql+psycopg"}:
        raise refused(N_("sqlite:///… または postgresql://… を指定してください。"))
    if password is not None or "password=" in parts.query:
        raise refused(N_("パスワードはここに書かず、database.password_file で指定してください。"))
    return url


def no_time_of_day(day: Any) -> Any:
    """A TOML date, or its text; a moment is not silently cut to its day."""
    if type(day) is date:
        return day
    if isinstance(day, str):
        try:
            return date.fromisoformat(day)
        except ValueError:
            pass
    raise refused(N_("2026-05-04 のように日付を指定してください。"))


Place = Annotated[Path, AfterValidator(in_settings_folder)]
"""A file or folder; relative ones count from the folder of the settings file."""
Credential = Annotated[Path, AfterValidator(credential)]
Line = Annotated[str, AfterValidator(one_plain_line)]
HeaderText = Annotated[str, AfterValidator(header_text)]
Address = Annotated[str, AfterValidator(address)]
ObjectIdentifier = Annotated[str, AfterValidator(object_identifier)]
HttpUrl = Annotated[str, AfterValidator(http_url)]
ClockTime = Annotated[str, AfterValidator(clock_time)]
MonthAndDay = Annotated[str, AfterValidator(month_and_day)]
DatabaseUrl = Annotated[str, AfterValidator(without_password)]
Day = Annotated[date, BeforeValidator(no_time_of_day)]
