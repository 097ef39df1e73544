"""A whole renewal at the counter, from the paper to the receipt."""

import pytest

from tests.support.drivers.counter import SMALL_WINDOW
from tests.support.drivers.issuing import at_the_issue
from tests.support.practice import Practice


@pytest.mark.rule("R-44", "R-60", "R-70", "R-72", "R-80", "R-84", "E-81")
async def test_a_renewal_by_keyboard_alone(practice: Practice) -> None:
    async with at_the_issue(practice) as person:
        await person.comes_to_step_6()
        await person.issues()
        await person.comes_to("S308")
        await person.sees("IM10 発行しました。")
        assert practice.files_on("stick-A") == ["koushin0120260302100000.p12"]
        assert practice.files_on("stick-B") == []
        await person.presses("f12")
        await person.hands_over()
        assert practice.certificates() == ["active", "active"]


@pytest.mark.timeout(300)
@pytest.mark.rule("R-46")
async def test_a_renewal_by_mouse_alone_in_a_small_window(practice: Practice) -> None:
    """Only the texts of the reception are typed: names and numbers come from a keyboard everywhere."""
    async with at_the_issue(practice, SMALL_WINDOW) as person:
        await person.begins()
        await person.clicks_and_types("依頼書番号", "K0001")
        await person.clicks_and_types("来店者氏名", "更新花子")
        await person.clicks("運転免許証")
        await person.clicks_and_types("書類番号の下4桁", "1234")
        for check in ("依頼書の記載", "届出印の照合", "来店者の本人確認"):
            await person.clicks(check)
        await person.clicks_button("次へ")
        await person.comes_to("S302")
        await person.clicks_and_types("検索", "koushin01")
        await person.clicks("さくら製作所労働組合")
        await person.has_focus("go")
        await person.clicks_button("次へ")
        await person.comes_to("S303")
        await person.clicks_button("次へ")
        await person.comes_to("S303-2")
        await person.clicks_and_types("媒体番号", "M0001")
        await person.clicks("stick-A")
        await person.clicks_button("次へ")
        await person.comes_to("S304-1")
        await person.clicks_button("お客様の入力へ")
        await person.comes_to("S304")
        await person.clicks_keys("koushin01")
        assert person.field("user_id") == "koushin01"
        await person.clicks("パスワード  ")
        await person.has_focus("password")
        await person.clicks_keys("Kunren#2026")
        await person.clicks_button("認証")
        await person.comes_to("S305")
        await person.clicks_keys(practice.code)
        await person.clicks_button("認証")
        await person.comes_to("S304-2")
        await person.waits(1.1)
        await person.clicks_button("係員の画面へ(係員が押します)")
        await person.comes_to("S306")
        await person.sees("発行日を含めて366日間")
        await person.waits(0.5)
        await person.clicks_button("発行")
        await person.comes_to("S308")
        await person.clicks_button("交付へ")
        await person.comes_to("S309")
        for check in ("媒体番号を照合した", "受領書に署名をいただいた", "取込手順書をお渡しした"):
            await person.clicks(check)
        await person.clicks_button("交付を完了")
        await person.sees("IM11 交付を完了しました。")
        await person.clicks_button("終了")
        await person.comes_to("S100")
        assert practice.certificates() == ["active", "active"]
