"""`kiosk media`: the bank's list of registered media as an administrator types it."""

import json
from pathlib import Path

import pytest
from sqlmodel import col, update

from db.tables import MediaList
from kiosk.bootstrap import open_foundation
from kiosk.cli.answers import Exit
from kiosk.config import load_settings
from tests.cli.test_commands import SETTINGS, Shell, a_shell_with_a_ca

HEAD = "vid,pid,serial,owner,expires\n"


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    """A branch that writes to registered media only; its CA passphrase lies in a file."""
    file = tmp_path / "kiosk.toml"
    file.write_text(SETTINGS + 'ca_passphrase_file = "passphrase"\n[media]\nmode = "registered"\n')
    return file


@pytest.fixture
def shell(settings: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Shell:
    """A shell on that branch's machine."""
    return a_shell_with_a_ca(settings, capsys, monkeypatch)


def test_a_list_is_imported_shown_and_replaced(shell: Shell, tmp_path: Path, settings: Path) -> None:
    file = tmp_path / "media.csv"
    file.write_text(HEAD + "0951,1666,60A44C41,本店営業部,\n", encoding="utf-8-sig")
    assert shell.json("media", "list") == []
    assert shell.json("media", "import", str(file)) == {"file": "media.csv", "media": 1}
    shown = {"vid": "0951", "pid": "1666", "serial": "60A44C41", "owner": "本店営業部", "expires": None}
    assert shell.json("media", "list") == [shown | {"expired": False}]

    file.write_text(HEAD + "0951,1666,60A44C41,=HYPERLINK(1),\n")
    code, _ = shell.types("--lang", "ja", "media", "import", str(file))
    assert code == Exit.REFUSED
    assert "EM22 media.csv:2:owner: 表計算の式" in shell.err
    assert shell.json("media", "list") == [shown | {"expired": False}]

    file.write_text(HEAD + "0951,1666,60A44C41,x,2020-03-31\n")
    shell.types("media", "import", str(file))
    code, told = shell.types("media", "list", "--json")
    assert code == Exit.FOUND
    assert json.loads(told)[0]["expired"] is True

    base = open_foundation(load_settings(settings), role="test")
    with base.database, base.database.transaction() as session:
        session.execute(update(MediaList).where(col(MediaList.pk) > 0).values(signature=bytes(64)))
    code, _ = shell.types("media", "list")
    assert code == Exit.REFUSED
    assert "EM23" in shell.err


def test_a_file_that_is_not_there_is_named(shell: Shell) -> None:
    code, _ = shell.types("media", "import", "nowhere.csv")
    assert code == Exit.REFUSED
    assert "nowhere.csv" in shell.err
