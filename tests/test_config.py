"""The settings file: what holds, what is refused, and how the refusal reads."""

import os
import tomllib
from datetime import date, datetime, time
from pathlib import Path

import pytest

from kiosk.config import Settings, example_settings, load_settings, training_settings
from kiosk.errors import SettingsWrong
from kiosk.pki.signer import KeyAlgorithm, P12Flavour
from kiosk.rules.service_hours import is_open
from kiosk.rules.validity import JST
from kiosk.translations.catalog import in_language

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = ROOT / "docs/settings.example.toml"
LEAST = """
[terminal]
branch_no = "012"
terminal_no = "01"
[paths]
data = "data"
[certificate]
crl_url = "http://pki.example.jp/a.crl"
ca_issuers_url = "http://pki.example.jp/a.cer"
policy_oid = "1.3.6.1.4.1.32473.1.1"
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "settings.toml"


def loaded(file: Path, text: str) -> Settings:
    file.write_text(text, encoding="utf-8")
    return load_settings(file)


def refusal(file: Path, text: str) -> SettingsWrong:
    with pytest.raises(SettingsWrong) as caught:
        loaded(file, text)
    assert caught.value.file == str(file)
    assert caught.value.__cause__ is None
    return caught.value


def test_the_least_settings_are_enough(file: Path) -> None:
    settings = loaded(file, LEAST)
    assert settings.terminal.branch_no == "012"
    assert settings.database.url == f"sqlite:///{file.parent}/data/registry.sqlite3"
    assert settings.paths.ca == file.parent / "data/ca"
    assert settings.service_hours.enforced
    assert not settings.training
    assert settings.mail.smtp is None


def test_settings_do_not_change_after_loading(file: Path) -> None:
    settings = loaded(file, LEAST)
    with pytest.raises(ValueError, match="frozen"):
        settings.training = True  # type: ignore[misc]


def test_the_example_beside_the_manual_is_the_one_the_program_makes() -> None:
    assert EXAMPLE.read_text(encoding="utf-8") == example_settings(Settings), "run tools/settings_example.py"


def test_the_example_loads_as_it_is() -> None:
    settings = load_settings(EXAMPLE)
    assert not settings.training
    assert settings.certificate.policy_oid == "1.3.6.1.4.1.32473.1.1"


def test_the_example_loads_with_every_key_switched_on_but_those_of_training(file: Path) -> None:
    lines = []
    for line in EXAMPLE.read_text(encoding="utf-8").splitlines():
        key = line.removeprefix("# ").partition(" = ")[0]
        is_key = " = " in line and key.replace("_", "").isalpha()
        is_section = line.startswith("# [")
        wanted = (is_key and key not in {"maildir", "directory"}) or is_section
        lines.append(line.removeprefix("# ") if wanted else line)
    settings = loaded(file, "\n".join(lines))
    assert settings.mail.smtp is not None
    assert settings.mail.smtp.user == "madoguchi"
    assert len(settings.service_hours.closed_days) == 2


def test_every_key_has_a_sentence(file: Path) -> None:
    with_server = '[mail]\nsender = "a@b.jp"\n[mail.smtp]\nhost = "h"\n'
    for key, _value, sentence in loaded(file, LEAST + with_server).in_force():
        assert sentence.endswith("."), key


def test_an_empty_or_absent_file_says_what_is_missing(file: Path) -> None:
    assert "読めません" in refusal_of_missing(file).problem
    error = refusal(file, "")
    assert (error.key, error.problem) == ("terminal", "この項目は必要です。")


def refusal_of_missing(file: Path) -> SettingsWrong:
    with pytest.raises(SettingsWrong) as caught:
        load_settings(file)
    return caught.value


@pytest.mark.parametrize(
    ("text", "key", "problem"),
    [
        ("training = 1\n" + LEAST, "training", "true または false"),
        ('langage = "ja"\n' + LEAST, "langage", "綴り"),
        ('language = "fr"\n' + LEAST, "language", "'ja'"),
        ("terminal = 3\n" + LEAST.replace("[terminal]", "[x]"), "terminal", "区分"),
        (LEAST.replace('"012"', '"12"'), "terminal.branch_no", "[0-9]{3}"),
        (LEAST.replace('"012"', '"012\\n"'), "terminal.branch_no", "[0-9]{3}"),
        (LEAST.replace('"012"', '"\uff10\uff11\uff12"'), "terminal.branch_no", "[0-9]{3}"),
        (LEAST.replace('"012"', "12"), "terminal.branch_no", "文字列"),
        (LEAST.replace('branch_no = "012"', ""), "terminal.branch_no", "必要"),
        (LEAST + "[idle]\nstaff_minutes = 0", "idle.staff_minutes", "1 以上"),
        (LEAST + "[idle]\nstaff_minutes = 31", "idle.staff_minutes", "30 以下"),
        (LEAST + '[idle]\nstaff_minutes = "5"', "idle.staff_minutes", "整数"),
        (LEAST + "[idle]\ncustomer_wipe_seconds = 90", "idle.customer_wipe_seconds", "90"),
        (LEAST + '[service_hours]\nopens = "8:00"', "service_hours.opens", "08:00"),
        (LEAST + '[service_hours]\ncloses = "24:30"', "service_hours.closes", "08:00"),
        (LEAST + '[service_hours]\nopens = "21:00"', "service_hours.closes", "opens"),
        (LEAST + '[service_hours]\nclosed_yearly = ["02-30"]', "service_hours.closed_yearly.0", "12-31"),
        (LEAST + '[service_hours]\nclosed_days = ["2026-02-29"]', "service_hours.closed_days.0", "日付"),
        (
            LEAST + "[service_hours]\nclosed_days = [2026-02-03T01:00:00Z]",
            "service_hours.closed_days.0",
            "日付",
        ),
        (LEAST + '[service_hours]\nclosed_weekdays = ["Sat"]', "service_hours.closed_weekdays.0", "'sat'"),
        (LEAST + '[database]\nurl = "mysql://x"', "database.url", "sqlite"),
        (LEAST + '[database]\nurl = "postgresql://u:geheim@h/d"', "database.url", "password_file"),
        (LEAST + '[database]\nurl = "postgresql://u@h/d?password=geheim"', "database.url", "password_file"),
        (
            LEAST.replace("http://pki.example.jp/a.crl", "https://pki.example.jp/a.crl"),
            "certificate.crl_url",
            "http://",
        ),
        (
            LEAST.replace("http://pki.example.jp/a.crl", "http://localhost/a.crl"),
            "certificate.crl_url",
            "ホスト名",
        ),
        (
            LEAST.replace("http://pki.example.jp/a.crl", "http://[::1/a.crl"),
            "certificate.crl_url",
            "ホスト名",
        ),
        (LEAST.replace('"1.3.6.1.4.1.32473.1.1"', '"1.03"'), "certificate.policy_oid", "1.2.3"),
        (LEAST + 'p12_flavour = "legacy-3des"', "certificate.p12_flavour_reason", "理由"),
        (LEAST + 'key_algorithm = "rsa-1024"', "certificate.key_algorithm", "'rsa-2048'"),
        (LEAST + '[media]\ndirectory = "stick"', "media.directory", "訓練"),
        (LEAST + '[mail]\nmaildir = "letters"', "mail.maildir", "訓練"),
        ("training = true\n" + LEAST, "media.directory", "必要"),
        (LEAST + '[media]\nadapter = "usb"', "media.adapter", "'udisks'"),
        (LEAST + '[media]\nadapter = "directory"', "media.adapter", "両方"),
        (LEAST + '[media]\nmode = "any"', "media.mode", "'registered'"),
        (LEAST + "[media]\nlargest_gigabytes = 0", "media.largest_gigabytes", "1 以上"),
        (
            'training = true\n[media]\ndirectory = "s"\nadapter = "udisks"\n[mail]\nmaildir = "m"\n' + LEAST,
            "media.adapter",
            "両方",
        ),
        ('training = true\n[media]\ndirectory = "s"\n' + LEAST, "mail.maildir", "必要"),
        (LEAST + '[mail.smtp]\nhost = "h"', "mail.sender", "差出人"),
        (
            LEAST + '[mail]\nsender = "a@b.jp"\n[mail.smtp]\nhost = "h"\nuser = "u"',
            "mail.smtp.password_file",
            "両方",
        ),
        (LEAST + '[mail]\nsender = "a@b.jp"\n[mail.smtp]\nhost = "h"\nport = 0', "mail.smtp.port", "1 以上"),
        (
            LEAST + '[mail]\nsender = "a@b.jp"\n[mail.smtp]\nhost = "h"\ntls = "none"',
            "mail.smtp.tls",
            "starttls",
        ),
        (LEAST + '[mail]\nsender = "a@b.jp\\nBcc: x@y.jp"', "mail.sender", "アドレス"),
        (LEAST + '[mail]\nsender_name = "=?utf-8?q?x?="', "mail.sender_name", "=?"),
        (LEAST + '[mail]\nsender_name = "a\\u001bb"', "mail.sender_name", "制御文字"),
        (LEAST + '[contact]\nname = "a\\u202eb"', "contact.name", "制御文字"),
        (LEAST + f'[contact]\nname = "{"あ" * 21}"', "contact.name", "20 文字"),
        ("training = [", "", "TOML として読めません: ファイルの終わり"),
        ("training = true\n[terminal\nx = 1", "", "2行目の10文字目 区分名の「]」がありません。"),
        ("training = true\nterminal no = 1", "", "2行目の10文字目 項目名の後に「=」がありません。"),
        ("training = ja", "", "1行目の12文字目 値の書き方が正しくありません。"),
        ("training = true\ntraining = true\n", "", "2行目の16文字目 同じ名前の項目が2回あります。"),
        ('training = "a', "", "ファイルの終わり 値の引用符が閉じていません。"),
        ('training = "a\n', "", "1行目の14文字目 値の引用符が閉じていないか"),
    ],
)
def test_a_setting_that_does_not_hold_is_named_with_its_limit(
    file: Path, text: str, key: str, problem: str
) -> None:
    error = refusal(file, text)
    assert error.key == key
    assert problem in error.problem
    assert "geheim" not in repr(error)


def test_a_password_written_into_the_settings_is_refused_and_not_repeated(file: Path) -> None:
    error = refusal(
        file, LEAST + '[mail]\nsender = "a@b.jp"\n[mail.smtp]\nhost = "h"\npassword = "Geheim#01"'
    )
    assert error.key == "mail.smtp.password"
    assert "Geheim" not in repr(error) + error.problem


def test_a_refusal_can_be_read_in_english(file: Path) -> None:
    with in_language("en"):
        assert refusal(file, LEAST + "[idle]\nstaff_minutes = 31").problem == "Must be at most 30."


def test_a_file_that_is_not_utf8_is_refused(file: Path) -> None:
    file.write_bytes('[contact]\nname = "窓口"'.encode("shift_jis"))
    assert "UTF-8" in refusal_of_missing(file).problem


def test_training_keeps_everything_in_one_folder(tmp_path: Path) -> None:
    settings = training_settings(tmp_path)
    assert settings.training
    assert not settings.service_hours.enforced
    places = [settings.paths.ca, settings.paths.crl, settings.media.directory, settings.mail.maildir]
    assert all(place is not None and place.is_relative_to(tmp_path) for place in places)
    assert str(tmp_path) in settings.database.url


def test_training_may_use_real_sticks_and_keeps_the_rest_practice(tmp_path: Path) -> None:
    settings = training_settings(tmp_path, real_sticks=True)
    assert (settings.media.adapter, settings.media.directory) == ("udisks", None)
    assert settings.training
    assert settings.mail.maildir is not None


def test_sticks_are_off_until_an_adapter_is_named(file: Path) -> None:
    assert loaded(file, LEAST).media.adapter == "none"
    assert loaded(file, LEAST + '[media]\nadapter = "udisks"').media.adapter == "udisks"
    limited = loaded(file, LEAST + "[media]\nlargest_gigabytes = 256").media
    assert (limited.mode, limited.allow_fixed_disks, limited.largest_bytes) == (
        "customer",
        False,
        256_000_000_000,
    )


def test_training_hours_can_be_switched_on(file: Path) -> None:
    training = 'training = true\n[media]\ndirectory = "s"\n[mail]\nmaildir = "m"\n' + LEAST
    assert not loaded(file, training + '[service_hours]\nopens = "09:00"').service_hours.enforced
    assert loaded(file, training + "[service_hours]\nenforced = true").service_hours.enforced


@pytest.mark.parametrize(
    ("day", "hour", "opened"),
    [
        (date(2026, 3, 2), "08:00", True),
        (date(2026, 3, 2), "07:59", False),
        (date(2026, 3, 2), "20:00", False),
        (date(2026, 3, 1), "10:00", False),
        (date(2026, 5, 4), "10:00", False),
        (date(2026, 12, 31), "10:00", False),
        (date(2027, 1, 4), "19:59", True),
    ],
)
def test_service_hours_are_those_of_the_file(file: Path, day: date, hour: str, opened: bool) -> None:
    hours = loaded(file, LEAST + "[service_hours]\nclosed_days = [2026-05-04]").service_hours.rule()
    assert is_open(hours, datetime.combine(day, time.fromisoformat(hour), JST)) is opened


def test_service_may_end_at_midnight(file: Path) -> None:
    hours = loaded(file, LEAST + '[service_hours]\ncloses = "24:00"').service_hours.rule()
    assert is_open(hours, datetime(2026, 3, 2, 23, 59, 59, tzinfo=JST))


def test_letters_follow_the_language_of_the_screens_unless_told_otherwise(file: Path) -> None:
    assert loaded(file, 'language = "en"\n' + LEAST).letter_language == "en"
    assert loaded(file, 'language = "en"\n' + LEAST + '[mail]\nlanguage = "ja"').letter_language == "ja"


@pytest.mark.rule("I-21")
def test_the_settings_in_force_hold_no_secret(file: Path) -> None:
    secret = file.parent / "smtp-password"
    secret.write_text("Geheim#01\n", encoding="utf-8")
    secret.chmod(0o600)
    text = (
        LEAST
        + '[mail]\nsender = "a@b.jp"\n[mail.smtp]\nhost = "h"\nuser = "u"\npassword_file = "smtp-password"'
    )
    settings = loaded(file, text)
    assert settings.mail.smtp is not None
    password = settings.mail.smtp.password()
    assert password is not None
    assert password.reveal() == "Geheim#01"
    shown = settings.in_force()
    assert "Geheim" not in repr(shown) + repr(settings)
    assert ("mail.smtp.password_file", f'"{secret}"') in [(key, value) for key, value, _sentence in shown]


def test_the_settings_in_force_stand_as_they_would_in_the_file(file: Path) -> None:
    values = {key: value for key, value, _sentence in loaded(file, LEAST).in_force() if value}
    assert tomllib.loads("\n".join(f"{key} = {value}" for key, value in values.items()))
    assert values["service_hours.closed_weekdays"] == '["sat", "sun"]'
    assert values["media.require_empty"] == "true"


@pytest.mark.parametrize(
    ("content", "mode", "problem"),
    [
        ("Geheim#01", 0o640, "chmod 600"),
        ("Geheim#01", 0o604, "chmod 600"),
        ("", 0o600, "1行目"),
        ("\nGeheim#01", 0o600, "1行目"),
        ("Geheim\x07", 0o600, "1行目"),
        ("Geheim#01" * 200, 0o600, "1024"),
    ],
)
@pytest.mark.rule("I-21")
def test_a_password_file_must_be_private_and_hold_one(
    file: Path, content: str, mode: int, problem: str
) -> None:
    secret = file.parent / "database-password"
    secret.write_text(content, encoding="utf-8")
    secret.chmod(mode)
    settings = loaded(
        file, LEAST + '[database]\nurl = "postgresql://u@h/d"\npassword_file = "database-password"'
    )
    with pytest.raises(SettingsWrong) as caught:
        settings.database.password()
    assert (caught.value.file, caught.value.key) == (str(secret), "database.password_file")
    assert problem in caught.value.problem
    assert "Geheim" not in repr(caught.value)


def test_a_password_file_that_is_absent_or_a_pipe_is_named(file: Path) -> None:
    settings = loaded(file, LEAST + 'ca_passphrase_file = "passphrase"')
    with pytest.raises(SettingsWrong, match="ES12"):
        settings.certificate.ca_passphrase()
    os.mkfifo(file.parent / "passphrase", 0o600)
    with pytest.raises(SettingsWrong) as caught:
        settings.certificate.ca_passphrase()
    assert "普通のファイル" in caught.value.problem


def test_a_bare_name_is_a_credential_of_the_service_manager(
    file: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    credentials = tmp_path_factory.mktemp("credentials")
    (credentials / "passphrase").write_text("Geheim#01\r\n", encoding="utf-8")
    (credentials / "passphrase").chmod(
        0o440
    )  # how a service manager leaves it, in a folder nobody else may enter
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(credentials))
    passphrase = loaded(file, LEAST + 'ca_passphrase_file = "passphrase"').certificate.ca_passphrase()
    assert passphrase is not None
    assert passphrase.reveal() == "Geheim#01"


def test_a_counter_without_password_files_has_no_passwords(file: Path) -> None:
    settings = loaded(file, LEAST + '[mail]\nsender = "a@b.jp"\n[mail.smtp]\nhost = "h"\ntls = "starttls"')
    assert settings.mail.smtp is not None
    assert settings.mail.smtp.port == 587
    assert settings.mail.smtp.password() is None
    assert settings.database.password() is None
    assert settings.certificate.ca_passphrase() is None


def test_kinds_of_key_and_p12_are_those_the_signer_knows() -> None:
    schema = Settings.model_json_schema()["$defs"]["CertificateSettings"]["properties"]
    assert schema["key_algorithm"]["enum"] == list(KeyAlgorithm)
    assert schema["p12_flavour"]["enum"] == list(P12Flavour)
