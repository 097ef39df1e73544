"""From a file to settings, or to the one sentence that says what is wrong with it."""

import tomllib
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from kiosk.config.problems import key_of, sentence_of, toml_sentence
from kiosk.config.sections import Settings
from kiosk.errors import SettingsWrong
from kiosk.translations.catalog import _
from kiosk.translations.system_errors import why

MOST_BYTES = 1_000_000


def load_settings(file: Path) -> Settings:
    """Read and check a settings file. Raises SettingsWrong naming file, key and limit."""
    return checked(contents_of(file), file)


def contents_of(file: Path) -> dict[str, Any]:
    """The file as TOML. Raises SettingsWrong when it cannot be read as such."""
    try:
        with file.open("rb") as stream:
            content = stream.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            raise SettingsWrong(
                str(file), "", _("ファイルが大きすぎます({limit} バイトまで)。").format(limit=MOST_BYTES)
            )
        return tomllib.loads(content.decode("utf-8"))
    except OSError as error:
        raise SettingsWrong(str(file), "", _("ファイルを読めません: {why}").format(why=why(error))) from None
    except UnicodeDecodeError:
        raise SettingsWrong(str(file), "", _("UTF-8 の文字列ではありません。")) from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsWrong(
            str(file), "", _("TOML として読めません: {why}").format(why=toml_sentence(error))
        ) from None


def checked(given: dict[str, Any], file: Path) -> Settings:
    """Settings from plain values. Raises SettingsWrong about the first thing that does not hold."""
    try:
        return Settings.model_validate(given, context={"folder": file.parent.absolute()})
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise SettingsWrong(str(file), key_of(first), sentence_of(first)) from None


def training_settings(folder: Path, *, real_sticks: bool = False) -> Settings:
    """Settings of a training counter that keeps everything below `folder`, or all but the p12 with `real_sticks`."""
    given = {
        "training": True,
        "terminal": {"branch_no": "012", "terminal_no": "01"},
        "paths": {"data": str(folder)},
        "media": {"adapter": "udisks"} if real_sticks else {"directory": "stick"},
        "mail": {"maildir": "letters"},
        "certificate": {
            "crl_url": "http://training.invalid/madoguchi.crl",
            "ca_issuers_url": "http://training.invalid/madoguchi.cer",
            "policy_oid": "1.3.6.1.4.1.32473.1.1",  # the arc kept for examples (RFC 5612)
        },
    }
    return checked(given, folder / "settings.toml")
