"""Whom a command is told to be run by."""

import os
from pathlib import Path

import pytest

from kiosk import account

NOBODY, ROOT, NOT_LOGGED_ON = 65534, 0, 2**32 - 1


@pytest.mark.rule("I-12")
@pytest.mark.parametrize(
    ("logon", "named"),
    [(ROOT, "nobody/root"), (NOBODY, "nobody"), (NOT_LOGGED_ON, "nobody"), (54321, "nobody/uid 54321")],
)
def test_whoever_logged_on_is_named_behind_the_account(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, logon: int, named: str
) -> None:
    login = tmp_path / "loginuid"
    login.write_text(str(logon), encoding="ascii")
    monkeypatch.setattr(account, "_LOGIN", login)
    monkeypatch.setattr(os, "getuid", lambda: NOBODY)

    assert account.running_account() == named
