"""201, 202, 301 and a change of PC without a key that moves or confirms: only texts are typed."""

from pathlib import Path

import pytest

from kiosk.training.people import STAFF_PASSWORD
from screens.dialogs.confirm import SETTLE as SURE
from tests.journeys.test_by_mouse_alone import (
    issues_and_hands_over,
    prepares,
    types_into,
    types_the_code,
    types_the_password,
)
from tests.support.glass import PtyGlass, in_a_terminal
from tests.support.taken_home import p12_on, user_id_of

pytestmark = pytest.mark.timeout(300)
SIZES = [(120, 36), (80, 24)]


def begins(glass: PtyGlass, entry: str, screen: str = "S301 受付") -> None:
    """From the first frame to step 1."""
    glass.sees("S000 サインオン").does("op001").sees_line("op001")
    glass.clicks_field("_ _ _").does(STAFF_PASSWORD).sees_line(" ".join("*" * len(STAFF_PASSWORD) + "___"))
    glass.clicks_button("サインオン").sees("S100 業務メニュー")
    glass.clicks(entry).sees(screen)


def receives_and_finds(glass: PtyGlass, user_id: str, organization: str) -> None:
    """Steps 1 and 2."""
    types_into(glass, "依頼書番号", "K0005")
    types_into(glass, "来店者氏名", "Raiten Sha")
    glass.clicks("運転免許証").sees("(o) 運転免許証")
    types_into(glass, "書類番号の下4桁", "1234")
    for check in ("依頼書の記載", "届出印の照合", "来店者の本人確認"):
        glass.clicks(check).sees(f"[x] {check}")
    glass.clicks_button("次へ").sees("S302 対象選択")
    types_into(glass, "検索", user_id)
    glass.clicks(organization).sees("[>次へ<]")
    glass.clicks_button("次へ")


def has_it_approved(glass: PtyGlass) -> None:
    """The supervisor, at the same terminal."""
    glass.clicks_button("役席の承認へ").sees("S600 役席承認", "[>中止<]").waits(SURE + 0.1)
    types_into(glass, "承認者のID", "op002")
    glass.clicks_field("パスワード").does(STAFF_PASSWORD).sees(" ".join("*" * len(STAFF_PASSWORD)))
    glass.clicks_button("承認")


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_a_revocation_by_mouse_alone(folder: Path, size: tuple[int, int]) -> None:
    with in_a_terminal(folder, size) as glass:
        begins(glass, "201  失効")
        receives_and_finds(glass, "pchenko03", "株式会社あおぞら商事")
        glass.sees("S400 失効").clicks("有効 20").sees("選択中")
        glass.clicks("パソコンの紛失").sees("(o) パソコンの紛失")
        glass.clicks_button("次へ").sees("S400-2", "役席の承認が必要です。")
        has_it_approved(glass)
        glass.sees("S400-3", "IR01").clicks_button("終了").sees("S100 業務メニュー")


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_an_unblocking_by_mouse_alone(folder: Path, size: tuple[int, int]) -> None:
    with in_a_terminal(folder, size) as glass:
        begins(glass, "301  閉塞解除")
        receives_and_finds(glass, "heisoku04", "さくら製作所労働組合")
        glass.sees("S500 閉塞解除", "3回目").clicks("入力の誤り").sees("(o) 入力の誤り")
        glass.clicks_button("次へ").sees("S500-2", "役席の承認が必要です。")
        has_it_approved(glass)
        glass.sees("S500-3", "IU01").clicks_button("終了").sees("S100 業務メニュー")


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_an_emergency_by_mouse_alone(folder: Path, size: tuple[int, int]) -> None:
    with in_a_terminal(folder, size) as glass:
        begins(glass, "202  失効", "S410 緊急失効")
        types_into(glass, "電話の相手", "Henko Jiro")
        types_into(glass, "折返し先", "Soumu 0012")
        for check in ("届出の電話番号へ折り返した", "折返しで依頼者を確認した"):
            glass.clicks(check).sees(f"[x] {check}")
        glass.clicks_button("次へ").sees("S302 対象選択")
        types_into(glass, "検索", "pchenko03")
        glass.clicks("株式会社あおぞら商事").sees("[>次へ<]").clicks_button("次へ")
        glass.sees("S410-1").clicks("有効 20").sees("選択中")
        glass.clicks("パソコンの紛失").sees("(o) パソコンの紛失")
        glass.clicks_button("次へ").sees("S410-2", "役席の承認が必要です。")
        has_it_approved(glass)
        glass.sees("S410-3", "IR01").clicks_button("終了").sees("S100 業務メニュー")


@pytest.mark.rule("R-46", "E-75")
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_a_change_of_pc_by_mouse_alone(folder: Path, size: tuple[int, int]) -> None:
    with in_a_terminal(folder, size) as glass:
        begins(glass, "201  失効")
        receives_and_finds(glass, "pchenko03", "株式会社あおぞら商事")
        glass.sees("S400 失効").clicks("有効 20").sees("選択中")
        glass.clicks("パソコン変更").sees("(o) パソコン変更", "[x] 続けて、この受付で再発行する")
        glass.clicks_button("次へ").sees("S400-2", "役席の承認が必要です。")
        has_it_approved(glass)
        glass.sees("S400-3").clicks_button("再発行へ").sees("S303-2 媒体の準備")
        prepares(glass)
        types_the_code(glass, types_the_password(glass, "pchenko03"))
        issues_and_hands_over(glass)
        assert user_id_of(p12_on(folder, "stick-B")) == "pchenko03"
