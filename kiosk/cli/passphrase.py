"""The passphrase of the CA key, typed once before the screen opens; never an argument, never in the environment."""

import getpass
import sys
import tomllib
from pathlib import Path

from kiosk.secret import Secret
from kiosk.translations.catalog import _


def typed_passphrase(settings: Path) -> Secret | None:
    """Ask for it, unless the settings name a file that holds it; None when there is nobody to ask.

    A settings file that does not hold is told by the screen, so it is no reason to ask here. Only the standard library
    is used: the first frame must not wait for a check of every setting.
    """
    try:
        given = tomllib.loads(settings.read_text("utf-8"))
    except (OSError, ValueError):
        return None
    if "ca_passphrase_file" in given.get("certificate", {}) or not sys.stdin.isatty():
        return None
    return Secret(getpass.getpass(_("認証局の鍵のパスフレーズ: ")))
