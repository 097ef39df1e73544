"""Commands as an operator types them: answers, exit codes, and no secret on the way."""

import io
import json
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from kiosk.__main__ import main
from kiosk.cli.answers import Answer, Exit, say

SETTINGS = """
[terminal]
branch_no = "012"
terminal_no = "01"
[paths]
data = "data"
[certificate]
crl_url = "http://pki.example.jp/madoguchi.crl"
ca_issuers_url = "http://pki.example.jp/madoguchi.cer"
policy_oid = "1.3.6.1.4.1.32473.1.1"
"""


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    """A settings file of a branch that begins today."""
    file = tmp_path / "kiosk.toml"
    file.write_text(SETTINGS)
    return file


class Shell:
    """Types commands and reads what they say."""

    def __init__(
        self, settings: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self._settings, self._capsys, self._monkeypatch = settings, capsys, monkeypatch
        self.err = ""

    def types(self, *words: str, secret: str = "") -> tuple[int, str]:
        """The exit code and what was printed; `secret` is what a person would type when asked."""
        self._monkeypatch.setattr(sys, "stdin", io.StringIO(f"{secret}\n"))
        code = main(["--settings", str(self._settings), *words])
        out, self.err = self._capsys.readouterr()
        return code, out

    def json(self, *words: str, secret: str = "") -> object:
        """The answer of a command that must succeed."""
        code, out = self.types(*words, "--json", secret=secret)
        assert code == Exit.DONE, self.err
        return json.loads(out)


def a_shell_with_a_ca(
    settings: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Shell:
    """The registry and the CA are made; its passphrase lies beside the settings, in `passphrase`."""
    made = Shell(settings, capsys, monkeypatch)
    made.types("init", "--branch-name", "本店営業部")
    _, told = made.types(
        "ca", "init", "--organization", "テスト", "--common-name", "Test CA", "--algorithm", "p-256"
    )
    passphrase = settings.parent / "passphrase"
    passphrase.touch(mode=0o600)
    passphrase.write_text(told.rsplit(": ", 1)[1])
    return made


@pytest.fixture
def shell(settings: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Shell:
    """A shell on the branch's machine."""
    return Shell(settings, capsys, monkeypatch)


def test_a_branch_is_set_up_with_commands_alone(shell: Shell, settings: Path) -> None:
    assert shell.types("init", "--branch-name", "本店営業部")[0] == Exit.DONE
    assert shell.types("init")[0] == Exit.DONE
    code, told = shell.types(
        "ca", "init", "--organization", "テスト労働金庫", "--common-name", "Test CA", "--algorithm", "p-256"
    )
    assert code == Exit.DONE
    passphrase = told.rsplit(": ", 1)[1].strip()
    assert (
        shell.types(
            *("staff", "add", "op001", "--person-number", "P1", "--name", "窓口 花子"),
            *("--role", "clerk", "--branch", "012"),
            secret="Kunren#01",
        )[0]
        == Exit.DONE
    )
    user = shell.json(
        *("users", "add", "tanaka01", "--role", "master", "--name", "田中 一郎", "--kana", "タナカ イチロウ"),
        *("--email", "tanaka@example.jp", "--branch", "012"),
        *("--organization", "1234567", "--organization-name", "さくら労働組合"),
        secret="Kunren#2026",
    )
    assert user == {
        "user_id": "tanaka01",
        "role": "master",
        "name": "田中 一郎",
        "kana": "タナカ イチロウ",
        "organization_code": "1234567",
        "organization_name": "さくら労働組合",
    }
    assert shell.json("users", "list") == [user]
    assert shell.json("certificates", "list", "tanaka01") == []
    assert shell.json("audit", "verify") == {"findings": 0, "rows": []}
    stored = b"".join(path.read_bytes() for path in settings.parent.rglob("*") if path.is_file())
    for secret in ("Kunren#01", "Kunren#2026", passphrase):
        assert secret.encode() not in stored


def test_a_locked_ca_key_is_a_finding_of_the_self_check(shell: Shell) -> None:
    shell.types("init", "--branch-name", "本店営業部")
    shell.types("ca", "init", "--organization", "テスト", "--common-name", "Test CA", "--algorithm", "p-256")
    code, out = shell.types("self-check", "--json")
    assert code == Exit.FOUND
    assert [row["check"] for row in json.loads(out) if not row["ok"]] == ["ca_key", "profile"]


def test_before_init_every_command_says_what_to_do(shell: Shell) -> None:
    code, _ = shell.types("users", "list")
    assert code == Exit.REFUSED
    assert "kiosk init" in shell.err


@pytest.mark.rule("I-25")
def test_where_the_registry_is_gone_no_command_advises_to_make_a_new_one(
    settings: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    ready = a_shell_with_a_ca(settings, capsys, monkeypatch)
    registry = settings.parent / "data" / "registry.sqlite3"
    backup = registry.rename(settings.parent / "backup.sqlite3")
    for _ in range(2):
        code, _out = ready.types("users", "list")
        assert code == Exit.REFUSED
        assert "ES26" in ready.err
        assert "OPERATIONS.md" in ready.err
        assert "kiosk init を実行してください" not in ready.err
    backup.replace(registry)
    assert ready.json("users", "list") == []


@pytest.mark.rule("I-25")
def test_where_the_key_of_the_passwords_is_gone_no_command_makes_or_advises_a_new_one(
    settings: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    ready = a_shell_with_a_ca(settings, capsys, monkeypatch)
    key = settings.parent / "data" / "password.key"
    backup = key.rename(settings.parent / "backup.key")
    for words in (("users", "list"), ("init",)):
        code, _out = ready.types(*words)
        assert code == Exit.REFUSED
        assert f"ES27 台帳のパスワードを照合する鍵がありません({key})。" in ready.err
        assert "kiosk init" not in ready.err
        assert not key.exists()
    backup.replace(key)
    assert ready.json("users", "list") == []


def test_a_registry_of_another_terminal_takes_no_second_key(shell: Shell, settings: Path) -> None:
    shell.types("init", "--branch-name", "本店営業部")
    key = settings.parent / "data" / "password.key"
    copy = key.rename(settings.parent / "copy.key")
    assert shell.types("init")[0] == Exit.REFUSED
    assert "同じ台帳を使う端末から、元の鍵を戻してください。" in shell.err
    copy.replace(key)
    assert shell.types("init")[0] == Exit.DONE


def test_a_lost_key_of_the_codes_is_made_anew(shell: Shell, settings: Path) -> None:
    shell.types("init", "--branch-name", "本店営業部")
    key = settings.parent / "data" / "code.key"
    key.unlink()
    assert shell.types("init")[0] == Exit.DONE
    assert key.stat().st_size == 32


def test_a_wrong_setting_is_named_with_its_file(shell: Shell, settings: Path) -> None:
    settings.write_text(SETTINGS.replace('"012"', '"12"'))
    code, _ = shell.types("settings", "show")
    assert code == Exit.REFUSED
    assert str(settings) in shell.err
    assert "terminal.branch_no" in shell.err


def test_a_field_that_does_not_hold_adds_nobody(shell: Shell) -> None:
    shell.types("init", "--branch-name", "本店営業部")
    code, out = shell.types(
        *(
            "users",
            "add",
            "tanaka",
            "--role",
            "master",
            "--name",
            "x",
            "--kana",
            "",
            "--email",
            "a@example.jp",
        ),
        *("--branch", "012", "--organization", "1", "--json"),
        secret="Kunren#2026",
    )
    assert code == Exit.REFUSED
    assert json.loads(out)["error"] == "EC00"
    assert shell.json("users", "list") == []


def test_a_tampered_journal_is_a_finding_with_its_place(shell: Shell, settings: Path) -> None:
    shell.types("init", "--branch-name", "本店営業部")
    shell.types("ca", "init", "--organization", "テスト", "--common-name", "Test CA", "--algorithm", "p-256")
    shell.types("users", "list")
    with sqlite3.connect(settings.parent / "data" / "registry.sqlite3") as insider:
        for (name,) in insider.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            insider.execute(f'DROP TRIGGER "{name}"')
        insider.execute("DELETE FROM journal WHERE seq = 2")
    insider.close()
    code, out = shell.types("audit", "verify", "--json")
    assert code == Exit.FOUND
    assert json.loads(out)["rows"][0] == {"node": "012/01/command", "from": 2, "to": 2, "kind": "missing"}


def test_wrong_usage_ends_with_2_and_names_the_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "kiosk", "users", "remove"], capture_output=True, text=True, check=False
    )
    assert done.returncode == Exit.USAGE
    assert "kiosk users" in done.stderr


def test_no_command_takes_a_secret_as_an_argument() -> None:
    help_texts = "".join(
        subprocess.run(
            [sys.executable, "-m", "kiosk", *words, "--help"], capture_output=True, text=True, check=True
        ).stdout
        for words in (["staff", "add"], ["users", "add"], ["ca", "init"], ["ca", "import"])
    )
    assert "--pass" not in help_texts


@pytest.mark.rule("I-19")
def test_no_answer_carries_a_character_that_a_terminal_obeys(capsys: pytest.CaptureFixture[str]) -> None:
    hostile = "\x9b31m\x1b]52;c;x\x07\u202e\udc80"
    answer = Answer(facts={"name": hostile}, rows=[{"name": hostile}])
    for as_json in (False, True):
        say(answer, as_json=as_json)
        out = capsys.readouterr().out
        assert not {"\x9b", "\x1b", "\x07", "\u202e", "\udc80"} & set(out)


@pytest.mark.parametrize("words", [(), ("demo",)], ids=str)
def test_the_screen_is_not_drawn_into_a_file(tmp_path: Path, words: tuple[str, ...]) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "kiosk", *words],
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == Exit.REFUSED
    assert "画面は端末に表示します。" in ended.stderr
    assert "\x1b" not in ended.stderr + ended.stdout
    assert not list(tmp_path.iterdir())


def test_what_the_system_refuses_is_said_in_the_language_of_the_rest(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    missing = tmp_path / "nowhere.toml"
    assert main(["--settings", str(missing), "settings", "show"]) == Exit.REFUSED
    assert (
        capsys.readouterr().err.strip().endswith("ファイルを読めません: ファイルまたはフォルダーがありません")
    )
    assert main(["--settings", str(tmp_path), "settings", "show"]) == Exit.REFUSED
    assert "ファイルではなくフォルダーです" in capsys.readouterr().err
