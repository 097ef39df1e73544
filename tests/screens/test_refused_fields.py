"""What a field is refused for is said as long as it is true: that it is empty, until something stands in it."""

import asyncio

import pytest

from kiosk import errors
from kiosk.rules.credentials import ShapeProblem
from screens.field_problems import NOT_CHOSEN
from tests.support.drivers.approvals import at_the_approvals
from tests.support.drivers.counter import SMALL_WINDOW, at_the_counter
from tests.support.drivers.issuing import at_the_issue
from tests.support.practice import Practice
from tests.support.shell import Plain, a_kiosk, refusing

MARKED = ".-refused"


@pytest.mark.parametrize(
    ("field", "problem", "said", "keys"),
    [
        ("user_id", ShapeProblem.EMPTY, "EA01 ユーザーIDをご入力ください。", ("a",)),
        ("password", ShapeProblem.EMPTY, "EA01 パスワードをご入力ください。", ("A",)),
        ("channel", NOT_CHOSEN, "EA01 入力項目を選択してください。", ("down", "space")),
    ],
)
async def test_that_a_field_is_empty_is_said_until_something_stands_in_it(
    field: str, problem: str, said: str, keys: tuple[str, ...]
) -> None:
    screen = Plain(refusing(errors.BadInput(field=field, problem=problem)))
    async with at_the_counter(a_kiosk(lambda: screen)) as person:
        await person.presses("f12")
        await person.sees(said)
        await person.has_focus(field)
        assert screen.query(MARKED)
        await person.presses(*keys)
        await person.no_longer_sees(said)
        assert not screen.query(MARKED)
        await person.has_focus(field)


async def test_another_field_does_not_make_it_untrue() -> None:
    screen = Plain(refusing(errors.BadInput(field="user_id", problem=ShapeProblem.EMPTY)))
    async with at_the_counter(a_kiosk(lambda: screen)) as person:
        await person.presses("f12")
        await person.sees("EA01 ユーザーIDをご入力ください。")
        await person.presses("enter", *"Aa1#", "enter", "space")
        await person.sees("[x]")
        assert person.shows("EA01 ユーザーIDをご入力ください。")
        assert screen.query(MARKED)


async def test_what_belongs_into_a_field_is_said_while_it_is_being_typed() -> None:
    screen = Plain(refusing(errors.BadInput(field="user_id", problem=ShapeProblem.TOO_SHORT)))
    async with at_the_counter(a_kiosk(lambda: screen)) as person:
        await person.types("a")
        await person.presses("f12")
        await person.sees("EA02 ユーザーIDは、半角英字と数字を両方使った6～12桁でご入力ください。")
        assert screen.query(MARKED)
        await person.types("b")
        await person.until(lambda: not screen.query(MARKED), "what stands there now was not refused")
        assert person.shows("EA02")


async def test_a_wrong_password_stays_told_while_the_next_one_is_typed() -> None:
    screen = Plain(refusing(errors.WrongCredentials(tries_left=2, then_blocked=False)))
    async with at_the_counter(a_kiosk(lambda: screen)) as person:
        await person.presses("f12")
        await person.sees("(あと2回誤ると、60分間ご利用いただけなくなります)")
        await person.presses(*"Aa1#")
        await person.sees("* * * *")
        assert person.shows("(あと2回誤ると、60分間ご利用いただけなくなります)")


@pytest.mark.parametrize("window", [(120, 36), SMALL_WINDOW])
async def test_the_customer_is_no_longer_told_and_no_key_of_the_glass_moves(
    practice: Practice, window: tuple[int, int]
) -> None:
    async with at_the_issue(practice, window) as person:
        await person.stands_at_step_4()
        await person.presses("f12")
        await person.sees("ユーザーIDをご入力ください。")
        keys = person.rows_of_the_keyboard
        await person.clicks_keys("k")
        await person.no_longer_sees("ユーザーIDをご入力ください。")
        assert person.rows_of_the_keyboard == keys
        await person.clicks_keys("oushin01")
        await person.presses("f12")
        asked = "パスワードをご入力ください。"  # the title over the fields asks for it as well
        await person.until(lambda: person.words.count(asked) == 2, "what is missing was not told")
        await person.has_focus("password")
        await person.clicks_keys("K")
        await person.until(lambda: person.words.count(asked) == 1, "it was told on and on")
        assert person.rows_of_the_keyboard == keys


async def test_at_the_reception_each_message_goes_with_what_it_asked_for(practice: Practice) -> None:
    async with at_the_issue(practice) as person:
        await person.begins()
        await person.presses("f12")
        await person.sees("依頼書番号を入力してください。")
        await person.types("K0001")
        await person.no_longer_sees("依頼書番号を入力してください。")
        await person.presses("f12")
        await person.sees("来店者氏名を入力してください。")
        await person.types("更新花子")
        await person.no_longer_sees("来店者氏名を入力してください。")
        await person.presses("f12")
        await person.sees("本人確認書類を選択してください。")
        await person.clicks("旅券")
        await person.no_longer_sees("本人確認書類を選択してください。")


async def test_a_stick_that_is_marked_is_no_longer_asked_for(practice: Practice) -> None:
    async with at_the_issue(practice) as person:
        number = await asyncio.to_thread(practice.received)
        await person.resumes(number, "S302")
        await person.chooses_user("koushin01")
        await person.chooses_transaction()
        await person.sees("stick-B")
        await person.types("M0001")
        await person.presses("f12")
        await person.sees("EA01 書き込む媒体を選択してください。")
        await person.clicks("stick-A")
        await person.no_longer_sees("EA01 書き込む媒体を選択してください。")


async def test_a_certificate_that_is_chosen_is_no_longer_asked_for(practice: Practice) -> None:
    async with at_the_approvals(practice) as desk:
        await desk.begins_transaction("201")
        await desk.takes_paper_and_user("pchenko03")
        await desk.comes_to("S400")
        await desk.presses("f12")
        await desk.sees("EC02 電子証明書が選択されていません。")
        await desk.has_focus("certificates")
        await desk.chooses_certificate()
        await desk.sees("選択中")
        await desk.no_longer_sees("EC02")
        await desk.presses("f12")
        await desk.sees("EA01 理由を選択してください。")
        await desk.presses("down", "space")
        await desk.no_longer_sees("EA01")
