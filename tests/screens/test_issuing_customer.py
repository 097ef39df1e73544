"""Steps 4 and 5: what the customer sees, what the customer may do, and what happens when it goes wrong."""

from dataclasses import replace

import pytest
from textual import events

from kiosk.rules.cases import CaseState
from screens.issuing.turning import SETTLE
from screens.kiosk import counter_from
from tests.support.drivers.counter import SMALL_WINDOW
from tests.support.drivers.issuing import IssueDriver, at_the_issue
from tests.support.practice import Practice

WRONG = "Chigau#2026"
STAFF_SIDE = (
    "窓口一郎",
    "本店営業部",
    "端末01",
    "20260302",
    "さくら製作所",
    "更新花子",
    "S304",
    "ヘルプ",
    "受付",
)


@pytest.mark.parametrize("window", [(120, 36), SMALL_WINDOW])
@pytest.mark.rule("I-11")
async def test_nothing_of_the_clerks_side_can_be_seen_or_reached(
    practice: Practice, window: tuple[int, int]
) -> None:
    async with at_the_issue(practice, window) as person:
        await person.stands_at_step_4()
        assert [word for word in STAFF_SIDE if person.shows(word)] == []
        await person.presses(
            "f1", "f2", "f3", "f4", "f5", "f9", "f11", "ctrl+t", "ctrl+q", "ctrl+p", "ctrl+c"
        )
        assert person.stands_on == "S304"
        assert len(person.app.screen_stack) == 3


@pytest.mark.rule("R-42", "R-43", "E-32", "E-40")
async def test_a_wrong_shape_is_told_at_the_field_and_counts_as_nothing(practice: Practice) -> None:
    async with at_the_issue(practice) as person:
        await person.stands_at_step_4()
        await person.types_password("koushin", "kunren")
        await person.sees("ユーザーIDは、半角英字と数字を両方使った6～12桁でご入力ください。")
        await person.has_focus("user_id")
        await person.types("０１")
        await person.presses("f12")
        await person.sees("全角文字が含まれています。")
        await person.presses("backspace", "backspace", "0", "1", "f12")
        await person.sees(
            "パスワードは、半角の英大文字・英小文字・数字・記号をすべて使った8～12桁でご入力ください。"
        )
        await person.has_focus("password")
        card = practice.services.customers.by_user_id(practice.actor, "koushin01")
        assert card.lock.tries_left == 6


@pytest.mark.rule("R-47", "E-20", "E-35")
async def test_the_sixth_wrong_password_calls_the_clerk_who_reads_why(practice: Practice) -> None:
    async with at_the_issue(practice) as person:
        await person.stands_at_step_4()
        await person.types_password("koushin01", WRONG)
        await person.sees("ユーザーIDまたはパスワードが正しくありません。")
        await person.sees("(あと5回誤ると、60分間ご利用いただけなくなります)")
        to_do = "もう一度ご入力ください。(あと5回誤ると、60分間ご利用いただけなくなります)"
        assert to_do in map(str.strip, person.glass), "it has a line of its own where there is room"
        assert person.secrets_held == 0
        for left in (4, 3, 2, 1):
            await person.types(WRONG)
            await person.presses("enter")
            await person.sees(f"(あと{left}回誤ると")
        await person.types(WRONG)
        await person.presses("enter")
        await person.comes_to("S304-2")
        assert person.shows("恐れ入りますが、係員へお声がけください。")
        assert not person.shows("ロック")
        await person.turns_back()
        await person.comes_to("S303")
        await person.sees("EA06 パスワードを連続して6回誤ったため、ロックしました。11時00分以降に")
        await person.sees("ロック中(11時00分に解除)")
        await person.sees("102 更新 できません: ただいまロック中です。")


@pytest.mark.rule("R-45")
async def test_cancelling_step_4_leads_to_the_choice_of_the_transaction(practice: Practice) -> None:
    async with at_the_issue(practice) as person:
        number = await person.stands_at_step_4()
        await person.types_password("koushin01", "Kun")
        await person.presses("escape")
        await person.comes_to("S304-2")
        assert person.shows("ユーザー認証を中断しました。")
        await person.turns_back()
        await person.comes_to("S303")
        assert practice.state(number) is CaseState.TRANSACTION_CHOSEN


async def test_pressing_enter_once_too_often_does_not_open_the_clerks_side(practice: Practice) -> None:
    async with at_the_issue(practice) as person:
        await person.stands_at_step_4()
        await person.presses("escape", "enter", "enter", "enter")
        await person.comes_to("S304-2")
        await person.presses("enter", "enter")
        assert person.stands_on == "S304-2"


@pytest.mark.rule("R-61", "R-63", "E-55")
async def test_a_wrong_code_is_told_with_the_tries_that_are_left(practice: Practice) -> None:
    async with at_the_issue(practice) as person:
        await person.stands_at_step_5()
        assert person.shows("k****@k******.invalid あてに認証コードを送信しました。")
        assert person.shows("有効期限 10時30分")
        assert person.shows("残り 30分00秒")
        await person.types_code("12345")
        await person.sees("認証コードは半角数字6桁でご入力ください。")
        await person.presses("delete")
        await person.types_code(other_than(practice.code))
        await person.sees("認証コードが正しくありません。最新のメールの数字をご確認ください。(あと5回)")
        await person.types_code(practice.code)
        await person.comes_to("S304-2")
        assert person.shows("認証が完了しました。")


@pytest.mark.rule("E-55")
async def test_the_sixth_wrong_code_leads_back_to_step_4(practice: Practice) -> None:
    async with at_the_issue(practice) as person:
        await person.stands_at_step_5()
        wrong = other_than(practice.code)
        for left in (5, 4, 3, 2, 1):
            await person.types_code(wrong)
            await person.sees(f"(あと{left}回)")
        await person.types_code(wrong)
        await person.comes_to("S304")
        await person.sees("認証コードを6回誤ったため、このコードは無効になりました。")
        assert person.shows("(ロックの回数には数えません)")


@pytest.mark.rule("R-65", "E-54")
async def test_cancelling_step_5_leads_to_step_4_and_spends_the_code(practice: Practice) -> None:
    async with at_the_issue(practice) as person:
        number = await person.stands_at_step_5()
        spent = practice.code
        await person.presses("escape")
        await person.comes_to("S304")
        assert practice.state(number) is CaseState.TRANSACTION_CHOSEN
        await person.types_password("koushin01")
        await person.types_code(spent)
        await person.sees("認証コードが正しくありません。")


@pytest.mark.rule("E-51")
async def test_a_code_that_is_too_old_says_how_to_begin_again(practice: Practice) -> None:
    async with at_the_issue(practice) as person:
        await person.stands_at_step_5()
        practice.clock.step(minutes=30)
        await person.sees("有効期限が過ぎました。")
        await person.types_code(practice.code)
        await person.sees("「キャンセル」を押し、ユーザー認証からやり直してください。")


async def test_who_goes_away_is_warned_and_then_nothing_typed_is_left(practice: Practice) -> None:
    counter = replace(counter_from(practice.services), customer_warning_after=2.0, customer_wipe_after=4.0)
    async with at_the_issue(practice, counter=counter) as person:
        number = await person.stands_at_step_4()
        await person.types_password("koushin01", "Kunren")
        await person.sees("パスワードは、半角の")
        await person.sees("しばらく操作がありません。")
        await person.types("#")
        await person.no_longer_sees("しばらく操作がありません。")
        await person.comes_to("S304-2")
        await person.turns_back()
        await person.comes_to("S304-1")
        await person.sees("お客様の操作がなかったため、入力された内容を消去しました。")
        await person.presses("enter")
        await person.comes_to("S304")
        assert person.field("user_id") == ""
        assert person.secrets_held == 0
        assert practice.state(number) is CaseState.TRANSACTION_CHOSEN


@pytest.mark.rule("E-59")
async def test_who_goes_away_at_step_5_goes_on_with_the_same_code(practice: Practice) -> None:
    counter = replace(counter_from(practice.services), customer_warning_after=1.0, customer_wipe_after=2.0)
    async with at_the_issue(practice, counter=counter) as person:
        await person.stands_at_step_4()
        await person.types_password("koushin01")
        await person.comes_to("S304-2")
        await person.turns_back()
        await person.comes_to("S305-1")
        await person.presses("enter")
        await person.types_code()
        await person.turns_back()
        await person.comes_to("S306")


@pytest.mark.parametrize("locked_on", ["S304-2", "S305-1"])
async def test_after_the_screen_was_locked_step_4_is_repeated(practice: Practice, locked_on: str) -> None:
    counter = replace(counter_from(practice.services), customer_warning_after=1.0, customer_wipe_after=2.0)
    async with at_the_issue(practice, counter=counter) as person:
        await person.stands_at_step_4()
        await person.types_password("koushin01")
        await person.comes_to("S304-2")
        if locked_on == "S304-2":
            await locks_and_unlocks(person)
        await person.turns_back()
        await person.comes_to("S305-1")
        if locked_on == "S305-1":
            await locks_and_unlocks(person)
        await person.presses("enter")
        await person.comes_to("S304-1")
        await person.sees("ユーザー認証が済んでいません。")


async def test_a_lock_after_the_right_code_leads_to_step_4_and_not_to_step_6(practice: Practice) -> None:
    async with at_the_issue(practice) as person:
        await person.stands_at_step_5()
        await person.types_code()
        await person.comes_to("S304-2")
        await locks_and_unlocks(person)
        await person.turns_back()
        await person.comes_to("S304-1")
        await person.sees("ユーザー認証が済んでいません。")


async def locks_and_unlocks(person: IssueDriver) -> None:
    """Nobody used the counter; then its clerk comes back."""
    before = person.stands_on
    person.app.lock()
    await person.comes_to("S001")
    await person.types("Kunren#01")
    await person.presses("enter")
    await person.comes_to(before)


@pytest.mark.rule("E-58")
async def test_a_code_that_cannot_be_mailed_calls_the_clerk(practice: Practice) -> None:
    maildir = practice.services.settings.mail.maildir
    assert maildir is not None
    async with at_the_issue(practice) as person:
        await person.stands_at_step_4()
        maildir.rename(maildir.with_name("gone"))
        maildir.write_text("a file where the post box was")
        await person.types_password("koushin01")
        await person.turns_back()
        await person.comes_to("S304-1")
        await person.sees("EA10 認証コードのメールを送信できませんでした。")


async def test_the_real_keyboard_can_be_shut_out(practice: Practice) -> None:
    counter = replace(counter_from(practice.services), physical_keyboard=False, shuffle_keyboard=True)
    async with at_the_issue(practice, counter=counter) as person:
        await person.stands_at_step_4()
        await person.types("koushin01")
        person.app.post_message(events.Paste("koushin01"))
        await person.waits(0.1)
        assert person.field("user_id") == ""
        await person.clicks_keys("koushin01")
        assert person.field("user_id") == "koushin01"
        await person.presses("tab")
        await person.types("Kunren")
        assert person.secrets_held == 0
        await person.clicks_keys("Kunren#2026")
        await person.clicks_button("認証")
        await person.comes_to("S305")
        await person.types(practice.code)
        assert person.secrets_held == 0
        await person.clicks_keys(practice.code)
        await person.clicks_button("認証")
        await person.comes_to("S304-2")


@pytest.mark.rule("R-46")
async def test_arrow_keys_reach_every_key_of_the_glass(practice: Practice) -> None:
    async with at_the_issue(practice) as person:
        await person.stands_at_step_4()
        await person.presses("down", "down", "right", "enter", "up", "enter")
        assert person.field("user_id") == "w2"


async def test_the_post_box_of_training_can_be_read_beside_the_code(practice: Practice) -> None:
    async with at_the_issue(practice) as person:
        await person.stands_at_step_5()
        await person.clicks_button("【訓練】メールを見る")
        await person.comes_to("Mailbox")
        await person.sees(practice.code)
        assert person.shows("【訓練】メール(実際には送信されません)")
        await person.presses("escape")
        await person.comes_to("S305")
        await person.has_focus("code")


async def test_the_post_box_exists_in_training_only(practice: Practice) -> None:
    counter = replace(counter_from(practice.services), training=False)
    async with at_the_issue(practice, counter=counter) as person:
        await person.stands_at_step_5()
        assert not person.shows("メールを見る")
        await person.presses("ctrl+t")
        assert person.stands_on == "S305"


@pytest.mark.rule("I-5")
async def test_neither_password_nor_code_is_ever_on_the_glass(practice: Practice) -> None:
    async with at_the_issue(practice) as person:
        await person.stands_at_step_4()
        pictures = []
        await person.types("koushin01")
        await person.presses("enter")
        for character in "Kunren#2026":
            await person.types(character)
            pictures.append(person.picture)
        await person.sees("11 / 8～12桁")
        await person.presses("enter")
        await person.comes_to("S305")
        await person.types(practice.code)
        pictures.append(person.picture)
        await person.presses("enter")
        await person.comes_to("S304-2")
        pictures.append(person.picture)
        for secret in ("Kunren", "2026", practice.code):
            assert not any(secret in picture for picture in pictures)


async def test_an_unexpected_error_calls_the_clerk(practice: Practice) -> None:
    async with at_the_issue(practice, incidents=1) as person:
        await person.stands_at_step_4()
        person.app._handle_exception(ValueError("Himitsu#01"))
        await person.comes_to("S304-2")
        assert not person.shows("E-0001")
        await person.waits(SETTLE)
        await person.presses("enter")
        await person.sees("E-0001")


def other_than(code: str) -> str:
    """A code of the right shape that is not this one."""
    return f"{(int(code) + 1) % 1_000_000:06d}"
