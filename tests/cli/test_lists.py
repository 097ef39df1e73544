"""`kiosk crl`: publishing, looking and comparing as an operator types it; the exit code is part of the answer."""

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from db.queries import crl as crl_queries
from kiosk.bootstrap import open_foundation
from kiosk.cli.answers import Exit
from kiosk.config import load_settings
from kiosk.pki.ca_files import CaFolder
from kiosk.rules.validity import JST
from kiosk.translations.catalog import Language, use
from tests.cli.test_commands import SETTINGS, Shell, a_shell_with_a_ca
from tests.support.lists import a_revoked, list_in


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    """A settings file of a branch whose CA passphrase lies in a file."""
    file = tmp_path / "kiosk.toml"
    file.write_text(SETTINGS + 'ca_passphrase_file = "passphrase"\n')
    return file


@pytest.fixture
def shell(settings: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Shell:
    """A shell on a branch's machine whose CA was made and published its first, empty list."""
    return a_shell_with_a_ca(settings, capsys, monkeypatch)


@pytest.fixture
def crl(settings: Path) -> Path:
    """The folder that relying parties read."""
    return settings.parent / "data" / "crl"


def revoked(settings: Path) -> str:
    """The serial of a certificate that was revoked and is on no list yet."""
    base = open_foundation(load_settings(settings), role="test")
    with base.database:
        return f"{a_revoked(base.desk, CaFolder(settings.parent / 'data' / 'ca').facts().key_id):X}"


@pytest.mark.rule("I-14", "I-15")
def test_a_published_list_names_who_was_revoked(shell: Shell, settings: Path, crl: Path) -> None:
    serial = revoked(settings)
    code, out = shell.types("crl", "show", "--json")
    assert code == Exit.FOUND
    shown = json.loads(out)
    assert (shown["findings"], shown["unlisted"]) == ("revocation_waits", 1)
    assert [row["unlisted_serial"].lstrip("0") for row in shown["rows"]] == [serial]

    published = shell.json("crl", "publish")
    assert isinstance(published, dict)
    assert (published["entries"], published["findings"], published["hook"]) == (1, "", None)
    assert f"{list_in(crl).serials}" == f"frozenset({{{int(serial, 16)}}})"
    assert shell.json("crl", "show") == published | {"rows": []}


def test_without_a_file_the_passphrase_is_typed(shell: Shell, settings: Path) -> None:
    passphrase = (settings.parent / "passphrase").read_text().strip()
    settings.write_text(SETTINGS)
    assert shell.types("crl", "publish", secret=passphrase)[0] == Exit.DONE
    code, _ = shell.types("crl", "publish", secret="wrong")
    assert code == Exit.REFUSED
    assert "ES09" in shell.err


@pytest.mark.rule("E-93")
@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_folder_that_is_gone_is_told_with_what_is_true_and_what_to_do(
    shell: Shell, crl: Path, language: str
) -> None:
    shutil.rmtree(crl)
    code, _ = shell.types("--lang", language, "crl", "publish")
    use(Language.JAPANESE)
    assert code == Exit.REFUSED
    assert "ES22" in shell.err
    assert str(crl) in shell.err
    stands = {"ja": "台帳の失効は有効です", "en": "The revocations in the registry stand"}
    assert stands[language] in shell.err


def test_a_hook_that_fails_is_a_finding_of_the_command(shell: Shell, settings: Path, crl: Path) -> None:
    settings.write_text(settings.read_text() + '[crl]\nafter_publishing = ["/bin/false"]\n')
    code, out = shell.types("crl", "publish", "--json")
    assert code == Exit.FOUND
    published = json.loads(out)
    assert (published["hook"], published["findings"]) == ("exit_1", "not_announced")
    assert list_in(crl).number == published["number"]


@pytest.mark.parametrize(
    ("damage", "finding"),
    [
        (lambda crl: (crl / "crl.der").unlink(), "no_list"),
        (lambda crl: (crl / "crl.der").write_bytes(b"0\x00"), "no_list"),
        (lambda crl: (crl / "crl.pem").unlink(), "pem_differs"),
        (lambda crl: (crl / "crl.pem").write_bytes(b""), "pem_differs"),
    ],
)
def test_a_damaged_publication_is_found(shell: Shell, crl: Path, damage, finding: str) -> None:  # type: ignore[no-untyped-def]  # a lambda of the table
    damage(crl)
    code, out = shell.types("crl", "show", "--json")
    assert (code, json.loads(out)["findings"]) == (Exit.FOUND, finding)


@pytest.mark.rule("I-14", "I-22")
@pytest.mark.parametrize(
    ("language", "sentence"),
    [("ja", "失効リストの日時は戻せません。"), ("en", "A list is never dated back.")],
)
def test_a_list_from_a_clock_that_ran_ahead_says_until_when_and_what_to_do(
    shell: Shell, settings: Path, crl: Path, language: str, sentence: str
) -> None:
    base = open_foundation(load_settings(settings), role="test")
    key_id = CaFolder(settings.parent / "data" / "ca").facts().key_id
    ahead = datetime.now(UTC).replace(microsecond=0) + timedelta(days=400)
    with base.database, base.database.transaction() as session:
        crl_queries.state_for_update(session, key_id).this_update = ahead

    code, out = shell.types("--lang", language, "crl", "publish")
    use(Language.JAPANESE)
    assert code == Exit.FOUND
    assert "findings: dated_ahead" in out
    assert sentence in out
    assert f"{ahead.astimezone(JST):%Y-%m-%d %H:%M}" in out
    assert list_in(crl).this_update == ahead
    assert shell.types("crl", "show")[0] == Exit.FOUND


@pytest.mark.rule("I-14")
def test_the_difference_names_serials_and_what_must_not_be(
    shell: Shell, settings: Path, crl: Path, tmp_path: Path
) -> None:
    before = tmp_path / "before.pem"
    shutil.copyfile(crl / "crl.pem", before)
    serial = revoked(settings)
    shell.types("crl", "publish")
    told = shell.json("crl", "diff", str(before))
    assert isinstance(told, dict)
    assert (told["changes"], told["findings"]) == (1, "")
    assert (told["rows"][0]["serial"].lstrip("0"), told["rows"][0]["change"]) == (serial, "added")

    code, out = shell.types("crl", "diff", str(crl / "crl.der"), str(before), "--json")
    assert code == Exit.FOUND
    back = json.loads(out)
    assert set(back["findings"].split()) >= {"number_back", "removed_early"}
    assert back["rows"][0]["change"] == "removed"

    no_list = tmp_path / "no-list"
    no_list.write_bytes(b"no list")
    for file, told in ((tmp_path / "nothing", "ありません"), (no_list, "失効リストではありません")):
        code, _ = shell.types("crl", "diff", str(file))
        assert code == Exit.REFUSED
        assert "EC00 OLD" in shell.err
        assert f"{file}: " in shell.err
        assert told in shell.err


def test_every_exit_code_of_crl_is_documented() -> None:
    manual = (Path(__file__).parents[2] / "docs/OPERATIONS.md").read_text("utf-8")
    for words in ("kiosk crl publish", "kiosk crl show", "kiosk crl diff"):
        assert words in manual
