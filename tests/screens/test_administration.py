"""S900: self-check, stock and settings, in words."""

import pytest

from kiosk.config import Settings
from kiosk.config.showing import in_force
from kiosk.services.upkeep.checking import Check
from kiosk.services.views import CheckResult
from screens.wording.checks import CHECKS, fact_text
from screens.wording.settings import SETTINGS, value_text
from tests.support.drivers.counter import SMALL_WINDOW
from tests.support.drivers.desk import at_the_desk
from tests.support.practice import Practice


@pytest.mark.parametrize("window", [(120, 36), SMALL_WINDOW])
async def test_results_stock_and_settings_stand_in_words(practice: Practice, window: tuple[int, int]) -> None:
    async with at_the_desk(practice, "op004", window) as desk:
        await desk.starts("904", "S900")
        await desk.sees("自己診断")
        await desk.sees("台帳の構成 正常")
        await desk.presses("tab")
        await desk.has_focus("settings")
        await desk.sees("媒体の在庫(未使用) 3本")
        await desk.sees("訓練モード はい")
        await desk.presses("end")
        await desk.sees("連絡先の電話番号")
        await desk.presses("enter")
        await desk.comes_to("Facts")
        await desk.sees("contact.phone")


async def test_the_self_check_can_be_run_again(practice: Practice) -> None:
    async with at_the_desk(practice, "op004") as desk:
        await desk.starts("904", "S900")
        broken = CheckResult(name="journal_chain", ok=False, fact="ES07 SignerLocked", closes_issuing=True)
        practice.services.self_check._latest.results = (broken,)
        await desk.presses("f5")
        await desk.sees("操作記録の連鎖 異常(発行停止) ES07")
        assert not desk.shows("SignerLocked")
        await desk.presses("f12")
        await desk.sees("【完了】IS01 自己診断を終えました。異常はありません。")
        await desk.no_longer_sees("異常(発行停止)")
        assert "system:self_check:ok" in desk.journal_tags


async def test_what_is_wrong_is_said_with_what_to_do(practice: Practice) -> None:
    for list_of_revoked in practice.services.settings.paths.crl.iterdir():
        list_of_revoked.unlink()
    async with at_the_desk(practice, "op004") as desk:
        await desk.starts("904", "S900")
        await desk.clicks("もう一度診断 ]")
        await desk.sees("WS01 自己診断で異常が見つかりました。")
        await desk.sees("失効リスト 異常(発行停止)")
        await desk.sees("事務センターへ連絡してください。")
        assert not desk.shows("Error")


def test_every_check_has_words() -> None:
    assert set(CHECKS) == set(Check)


def test_every_setting_has_words(practice_template: object) -> None:
    names = {setting.key for setting in in_force(_everything())}
    assert names <= set(SETTINGS)


def _everything() -> Settings:
    """Settings in which nothing is left out."""
    from pathlib import Path

    from kiosk.config import training_settings
    from kiosk.config.mail import SmtpSettings

    settings = training_settings(Path("/somewhere"))
    smtp = SmtpSettings(host="mail.example.jp", tls="implicit")
    return settings.model_copy(update={"mail": settings.mail.model_copy(update={"smtp": smtp})})


@pytest.mark.parametrize(
    ("name", "fact", "words"),
    [
        ("clock", "+1.5 s", "ずれ +1.5秒"),
        ("crl", "12, 2026-11-29 20:00", "第12号、次回公開の期限 2026-11-29 20:00"),
        ("mail_backlog", "3, 17 min", "3件、最長17分待ち"),
        ("disk_space", "78.7 GiB", "空き 78.7 GiB"),
        ("database_settings", "journal_mode=memory", "journal_mode=memory"),
        ("integrity", "OperationalError", ""),
        ("ca_key", "ES05 SignerUnavailable", "ES05"),
    ],
)
def test_facts_are_told_without_words_of_the_program(name: str, fact: str, words: str) -> None:
    assert fact_text(name, fact) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("true", "はい"),
        ('""', "(なし)"),
        ("", "(なし)"),
        ('["sat", "sun"]', "土、日"),
        ("[2027-01-11, 2027-02-11]", "2027-01-11, 2027-02-11"),
        ('"rsa-2048"', "rsa-2048"),
        ("5", "5"),
        ('"\\u202e[b]"', "[b]"),
    ],
)
def test_values_read_as_the_counter_reads(value: str, words: str) -> None:
    assert value_text(value) == words
