"""A clerk and a customer at a real terminal, step by step with the keyboard."""

import re
from typing import Self

from kiosk.training.people import STAFF_PASSWORD, USER_PASSWORD
from screens.dialogs.confirm import SETTLE as SURE
from screens.issuing.turning import SETTLE as TURNED
from tests.support.glass import PtyGlass

MARGIN = 0.1
"""Seconds more than a screen waits on purpose."""
USER = "koushin01"


class Clerk:
    """Each method does one step and waits until the next one stands."""

    def __init__(self, glass: PtyGlass) -> None:
        self.glass = glass

    def signs_on(self) -> Self:
        """To the menu."""
        self.glass.sees("S000 サインオン").does("op001", "Enter", STAFF_PASSWORD, "Enter")
        self.glass.sees("S100 業務メニュー")
        return self

    def opens_a_renewal(self) -> Self:
        """To step 1."""
        self.glass.does("102", "Enter").sees("S301 受付")
        return self

    def takes_the_paper(self) -> Self:
        """To step 2."""
        self.glass.does(
            "K0001", "Enter", "Enter", "Enter", "Koushin Hanako", "Enter", "Enter", "1234", "Enter"
        )
        self.glass.does("Space", "Enter", "Space", "Enter", "Space").sees("[x] 来店者の本人確認")
        self.glass.does("F12").sees("S302 対象選択")
        return self

    def finds_the_user(self) -> Self:
        """To step 3."""
        self.glass.does(USER, "Enter").sees("選択中")
        self.glass.does("F12").sees("S303 取引選択")
        self.glass.does("F12").sees("S303-2 媒体の準備", "stick-")
        return self

    def prepares_the_medium(self, *, downs: int = 1) -> Self:
        """To the word before step 4; the mark goes `downs` lines down."""
        self.fills_in_the_medium(downs=downs)
        self.glass.sees("S304-1 お客様へ画面を向ける")
        return self

    def fills_in_the_medium(self, *, downs: int = 1) -> Self:
        """The same, wherever that leads."""
        self.glass.does("M0001", "Enter", "Enter", *["Down"] * downs).sees("M0001").does("F12")
        return self

    def turns_the_screen(self) -> Self:
        """To step 4."""
        self.glass.does("Enter").sees("ユーザーIDとパスワードをご入力ください。")
        return self

    def takes_it_up_to_step_4(self) -> Self:
        """From the first frame to the customer."""
        self.signs_on().opens_a_renewal().takes_the_paper().finds_the_user()
        return self.prepares_the_medium().turns_the_screen()

    def the_customer_types(self, password: str = USER_PASSWORD) -> Self:
        """ID and password."""
        self.glass.does(USER, "Enter", password).sees(f"{len(password)} / 8")
        self.glass.does("Enter")
        return self

    def the_customer_reads_the_code(self) -> str:
        """Step 5: the digits of the newest letter."""
        self.glass.sees("認証コードを送信しました。").does("Ctrl+T").sees("認証コード:")
        [code] = re.findall(r"認証コード:(\d{6})", self.glass.text)
        self.glass.does("Esc").sees("残り")
        return str(code)

    def the_customer_types_the_code(self, code: str) -> Self:
        """Step 5."""
        self.glass.does(code, "Enter")
        return self

    def takes_the_screen_back(self) -> Self:
        """From the customer to the clerk's side."""
        self.glass.sees("画面を係員へお戻しください。").waits(TURNED + MARGIN).does("Enter")
        return self

    def takes_it_up_to_step_6(self) -> Self:
        """From the first frame to the last look before the issue."""
        self.takes_it_up_to_step_4().the_customer_types()
        self.the_customer_types_the_code(self.the_customer_reads_the_code()).takes_the_screen_back()
        self.glass.sees("S306 電子証明書発行", "発行日を含めて366日間").waits(SURE + MARGIN)
        return self

    def issues(self) -> Self:
        """To step 9."""
        self.glass.does("F12").sees("S308 電子証明書発行結果", "IM10")
        self.glass.does("Enter").sees("S309 交付")
        return self

    def hands_over(self) -> Self:
        """To the receipt."""
        self.glass.does("Space", "Enter", "Space", "Enter", "Space").sees("[x] 取込手順書をお渡しした")
        self.glass.does("F12").sees("IM11", "受領日時")
        return self

    def says_yes(self) -> Self:
        """To a question, deliberately."""
        self.glass.sees("[>いいえ<]").waits(SURE + MARGIN).does("Right").sees("[>はい<]")
        self.glass.does("Enter")
        return self
