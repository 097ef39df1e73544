"""A renewal with what goes wrong on purpose, in the real program: nothing is lost, and the way on is said."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from screens.dialogs.confirm import SETTLE as SURE
from tests.support.drivers.clerk import MARGIN, Clerk
from tests.support.glass import PtyGlass, in_a_terminal
from tests.support.taken_home import files_on, p12_on, user_id_of

pytestmark = pytest.mark.timeout(300)
WINDOW = (120, 36)
WRONG = "Kunren#2025"
AFTER_THE_RESERVATION = ("署名", "p12作成", "媒体の確認", "書込み", "読取り確認")
"""Stages of step 7 at which the registry knows the certificate already."""


@pytest.fixture
def glass(folder: Path) -> Iterator[PtyGlass]:
    with in_a_terminal(folder, WINDOW) as glass:
        yield glass


@pytest.fixture
def clerk(glass: PtyGlass) -> Clerk:
    return Clerk(glass)


@pytest.mark.rule("R-47", "R-49", "R-50", "I-11")
def test_six_wrong_passwords_lock_and_only_the_clerk_is_told_so(clerk: Clerk) -> None:
    glass = clerk.takes_it_up_to_step_4().glass
    for _wrong in range(5):
        clerk.the_customer_types(WRONG)
        glass.sees("ユーザーIDまたはパスワードが正しくありません。", "0 / 8")
        glass.does("Shift+Tab", "Ctrl+U").no_longer_sees("koushin01")
    clerk.the_customer_types(WRONG)
    glass.sees("恐れ入りますが、係員へお声がけください。")
    assert not glass.shows("ロック")
    clerk.takes_the_screen_back()
    glass.sees("EA06", "連続して6回誤ったため、ロックしました。")


@pytest.mark.rule("R-64", "E-50")
def test_a_wrong_code_is_told_and_the_right_one_still_counts(clerk: Clerk) -> None:
    glass = clerk.takes_it_up_to_step_4().the_customer_types().glass
    code = clerk.the_customer_reads_the_code()
    clerk.the_customer_types_the_code(f"{(int(code) + 1) % 1_000_000:06}")
    glass.sees("認証コードが正しくありません。", "0 / 6")
    clerk.the_customer_types_the_code(code).takes_the_screen_back()
    glass.sees("S306 電子証明書発行")


@pytest.mark.rule("E-88")
def test_a_stick_that_holds_files_is_refused_before_the_customer_types(clerk: Clerk, folder: Path) -> None:
    (folder / "stick" / "stick-A" / "holiday.jpg").write_bytes(b"mine")
    clerk.signs_on().opens_a_renewal().takes_the_paper().finds_the_user()
    glass = clerk.glass.sees("ファイルが残っています")
    glass.sees("(-) stick-A", "空の媒体に交換してください。", "(o) stick-B")
    glass.does("M0001", "Enter", "Enter", "Up").clicks("stick-A").sees("(o) stick-B").does("F12")
    glass.sees("S304-1 お客様へ画面を向ける")
    assert (folder / "stick" / "stick-A" / "holiday.jpg").read_bytes() == b"mine"


@pytest.mark.rule("E-83", "E-84")
def test_a_stick_that_is_gone_at_the_issue_is_never_replaced_silently(clerk: Clerk, folder: Path) -> None:
    glass = clerk.takes_it_up_to_step_6().glass
    (folder / "stick" / "stick-A").rmdir()
    glass.no_longer_sees("stick-A").does("F12").sees("EM02")
    assert glass.shows("S306")
    glass.clicks("stick-B").no_longer_sees("書き込む媒体を、上下").waits(SURE)
    clerk.issues().hands_over()
    assert user_id_of(p12_on(folder, "stick-B")) == "koushin01"


@pytest.mark.rule("R-71")
def test_esc_before_the_issue_leaves_nothing(clerk: Clerk, folder: Path) -> None:
    glass = clerk.takes_it_up_to_step_6().glass
    glass.does("Esc").sees("取引を中断します。")
    clerk.says_yes()
    glass.sees("S100 業務メニュー").sees("未完了の取引 0件")
    assert files_on(folder, "stick-A") == []


@pytest.mark.rule("R-81")
def test_step_9_is_not_left_by_accident_and_stays_in_the_list(clerk: Clerk) -> None:
    glass = clerk.takes_it_up_to_step_6().issues().glass
    glass.does("F12").sees("【要確認】").sees("S309 交付")
    glass.does("Esc").sees("801 未完了取引")
    clerk.says_yes()
    glass.sees("S100 業務メニュー").sees("発行済・未交付 1件").does("801", "Enter")
    glass.sees("S700 未完了取引", "koushin01")


@pytest.mark.rule("I-3")
def test_a_program_killed_while_issuing_says_at_the_next_start_what_became_of_it(folder: Path) -> None:
    with in_a_terminal(folder, WINDOW) as glass:
        Clerk(glass).takes_it_up_to_step_6()
        glass.does("F12").sees_one_of(*(f"{stage} 実行中" for stage in AFTER_THE_RESERVATION), "S308")
        glass.terminal.process.kill()
    with in_a_terminal(folder, WINDOW) as glass:
        Clerk(glass).signs_on()
        glass.sees("WM15", "前回の終了時に途中だった取引を処理しました。")


def test_the_language_changes_in_the_middle_and_what_was_typed_stays(clerk: Clerk, folder: Path) -> None:
    glass = clerk.signs_on().opens_a_renewal().glass
    glass.does("K0001", "Enter", "Ctrl+L").sees("S301 Reception", "K0001").does("Ctrl+L").sees("S301 受付")
    glass.does("Shift+Tab", "Ctrl+U").no_longer_sees("K0001")
    clerk.takes_the_paper().finds_the_user().prepares_the_medium().turns_the_screen().the_customer_types()
    code = clerk.the_customer_reads_the_code()
    glass.does(code[:3], "Ctrl+L").sees("3 / 6", "Erase 0 Clear").does(code[3:]).sees("6 / 6").does("Ctrl+L")
    glass.sees("6 / 6", "全消去").does("Enter")
    clerk.takes_the_screen_back()
    glass.sees("S306 電子証明書発行", "発行日を含めて366日間").waits(SURE + MARGIN)
    clerk.issues().hands_over()
    assert user_id_of(p12_on(folder, "stick-A")) == "koushin01"
    assert re.search(r"受領日時\d{4}年", glass.text)
