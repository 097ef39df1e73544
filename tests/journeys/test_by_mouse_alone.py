"""A renewal without a key that moves or confirms: only the texts of the clerk's side are typed."""

import re
from pathlib import Path

import pytest

from kiosk.training.people import STAFF_PASSWORD, USER_PASSWORD
from screens.dialogs.confirm import SETTLE as SURE
from screens.issuing.turning import SETTLE as TURNED
from tests.support.glass import PtyGlass, in_a_terminal
from tests.support.taken_home import files_on, p12_on, user_id_of


@pytest.mark.timeout(300)
@pytest.mark.parametrize("size", [(120, 36), (80, 24)], ids=str)
@pytest.mark.rule("R-46")
def test_a_renewal_by_mouse_alone(folder: Path, size: tuple[int, int]) -> None:
    with in_a_terminal(folder, size) as glass:
        signs_on(glass)
        receives_and_finds(glass)
        prepares(glass)
        code = types_the_password(glass)
        types_the_code(glass, code)
        issues_and_hands_over(glass)
        assert user_id_of(p12_on(folder, "stick-B")) == "koushin01"
        assert files_on(folder, "stick-A") == []
        glass.clicks_button("終了").sees("S100 業務メニュー")


def types_into(glass: PtyGlass, label: str, text: str) -> None:
    """Click the name of a field, and type."""
    glass.clicks_field(label).does(text).sees(text)


def signs_on(glass: PtyGlass) -> None:
    glass.sees("S000 サインオン").does("op001").sees_line("op001")
    glass.clicks_field("_ _ _").does(STAFF_PASSWORD).sees_line(" ".join("*" * len(STAFF_PASSWORD) + "___"))
    glass.clicks_button("サインオン").sees("S100 業務メニュー")
    glass.clicks("102").sees("S301 受付")


def receives_and_finds(glass: PtyGlass) -> None:
    types_into(glass, "依頼書番号", "K0001")
    types_into(glass, "来店者氏名", "Koushin Hanako")
    glass.clicks("運転免許証").sees("(o) 運転免許証")
    types_into(glass, "書類番号の下4桁", "1234")
    for check in ("依頼書の記載", "届出印の照合", "来店者の本人確認"):
        glass.clicks(check).sees(f"[x] {check}")
    glass.clicks("F12 次へ").sees("S302 対象選択")
    types_into(glass, "検索", "koushin01")
    glass.clicks("さくら製作所労働組合").sees("選択中", "[>次へ<]")
    glass.clicks_button("次へ").sees("S303 取引選択")
    glass.clicks_button("次へ").sees("S303-2 媒体の準備")


def prepares(glass: PtyGlass) -> None:
    types_into(glass, "媒体番号", "M0001")
    glass.clicks("stick-B").no_longer_sees("書き込む媒体を、上下の矢印キーかクリックで選んでください。")
    glass.clicks_button("次へ").sees("S304-1 お客様へ画面を向ける")
    glass.clicks_button("お客様の入力へ").sees("ユーザーIDとパスワードをご入力ください。")


def types_the_password(glass: PtyGlass, user_id: str = "koushin01") -> str:
    glass.clicks_keys(user_id).sees(user_id)
    glass.clicks_field("パスワード").clicks_keys(USER_PASSWORD).sees(f"{len(USER_PASSWORD)} / 8")
    glass.clicks_button("認証").sees("認証コードを送信しました。")
    glass.clicks_button("【訓練】メールを見る").sees("認証コード:")
    [code] = re.findall(r"認証コード:(\d{6})", glass.text)
    glass.clicks("Esc 閉じる").sees("残り")
    return str(code)


def types_the_code(glass: PtyGlass, code: str) -> None:
    glass.clicks_keys(code).sees("6 / 6").clicks_button("認証")
    glass.sees("画面を係員へお戻しください。").waits(TURNED + 0.1)
    glass.clicks_button("係員の画面へ(係員が押します)")
    glass.sees("S306 電子証明書発行", "発行日を含めて366日間")


def issues_and_hands_over(glass: PtyGlass) -> None:
    glass.waits(SURE + 0.1).clicks_button("発行").sees("S308 電子証明書発行結果")
    glass.clicks_button("交付へ").sees("S309 交付")
    for check in ("媒体番号を照合した", "受領書に署名をいただいた", "取込手順書をお渡しした"):
        glass.clicks(check).sees(f"[x] {check}")
    glass.clicks_button("交付を完了").sees("IM11", "受領日時")
