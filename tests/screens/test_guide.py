"""The steps of the import, as they are read to the customer at hand-over."""

import re

import pytest

from kiosk.translations.catalog import Language, use
from screens.issuing.guide import guide_text

IN_ORDER = (
    pytest.param("本システムを使うWindowsのログオンアカウントでログオン", marks=pytest.mark.rule("R-15")),
    pytest.param("ダブルクリックするか、右クリックして[開く]", marks=pytest.mark.rule("R-83")),
    pytest.param("Windowsのログオンアカウントごと", marks=pytest.mark.rule("R-14")),
    pytest.param("「現在のユーザー(C)」を選び、[次へ]", marks=pytest.mark.rule("R-90")),
    pytest.param("受け取ったp12ファイルであることを確かめ、[次へ]", marks=pytest.mark.rule("R-91")),
    pytest.param("ログインパスワード(発行時のもの)", marks=pytest.mark.rule("R-93")),
    pytest.param("「全ての拡張プロパティを含める(A)」に印を付け", marks=pytest.mark.rule("R-92")),
    pytest.param("「このキーをエクスポート可能にする(M)」には印を付けない", marks=pytest.mark.rule("R-94")),
    pytest.param("ほかの項目(D)(E)(P)もそのまま", marks=pytest.mark.rule("R-94")),
    pytest.param("自動的に証明書ストアを選択する(U)", marks=pytest.mark.rule("R-95")),
    pytest.param("[完了]", marks=pytest.mark.rule("R-96")),
    pytest.param("セキュリティの警告が表示されたら[はい]", marks=pytest.mark.rule("R-97")),
    pytest.param("「正しくインポートされました。」と表示されたら[OK]", marks=pytest.mark.rule("R-98")),
    pytest.param("ブラウザをすべて閉じ", marks=pytest.mark.rule("R-99")),
    pytest.param("新しい電子証明書を選んでログイン", marks=pytest.mark.rule("R-05", "R-13")),
    pytest.param("Microsoft EdgeとEdge(IEモード)のどちらも", marks=pytest.mark.rule("R-27")),
    pytest.param(
        "「Internet Explorer セキュリティ」が表示されたら[許可する]", marks=pytest.mark.rule("R-86")
    ),
)
ALL = [str(step.values[0]) for step in IN_ORDER]


@pytest.mark.parametrize("step", IN_ORDER)
def test_the_step_is_told(step: str) -> None:
    assert guide_text().count(step) == 1


def test_the_steps_are_told_in_the_order_in_which_the_customer_meets_them() -> None:
    places = [guide_text().index(step) for step in ALL]

    assert places == sorted(places)


def test_both_languages_name_the_same_boxes_of_the_wizard() -> None:
    boxes = re.compile(r"\([A-Z]\)")
    japanese = boxes.findall(guide_text())
    use(Language.ENGLISH)

    assert boxes.findall(guide_text()) == japanese


def test_no_step_is_lost_in_english() -> None:
    japanese = guide_text().splitlines()
    use(Language.ENGLISH)
    english = guide_text().splitlines()

    assert len(english) == len(japanese)
    assert not set(english) & set(japanese)
