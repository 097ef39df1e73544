"""F11 before the customer's turn: put aside, found in 801, taken up again (E-59)."""

import pytest

from kiosk.rules.parking import ParkReason
from kiosk.secret import Secret
from kiosk.training.people import USER_PASSWORD
from screens.dialogs.confirm import SETTLE
from tests.support.drivers.approvals import at_the_approvals
from tests.support.drivers.counter import SMALL_WINDOW
from tests.support.drivers.desk import at_the_desk
from tests.support.practice import Practice


@pytest.mark.rule("E-59")
@pytest.mark.parametrize("window", [(120, 36), SMALL_WINDOW])
async def test_a_reception_is_put_aside_and_taken_up(practice: Practice, window: tuple[int, int]) -> None:
    number = practice.reception()
    async with at_the_desk(practice, window=window) as desk:
        await desk.starts("801", "S700")
        await desk.sees(number)
        await desk.presses("f12")
        await desk.comes_to("S304-1")
        await desk.presses("f11")
        await desk.comes_to("ParkReasons")
        await desk.sees("理由を選択してください。")
        assert desk.shows("[ 保留しない ]")
        await desk.presses("down", "enter")
        await desk.comes_to("S700")
        await desk.sees(f"【完了】IC05 受付{number}を保留しました。")
        await desk.sees("保留中")
        await desk.sees("保留中です(書類の不足)。お客様がいらしたら再開し、ユーザー認証から行います。")
        await desk.presses("f12")
        await desk.comes_to("S304-1")
        assert desk.journal_tags.count("case:reception:taken_up") == 1


@pytest.mark.rule("E-59")
async def test_the_mouse_parks_and_the_code_is_told(practice: Practice) -> None:
    services, actor = practice.services, practice.actor
    number = practice.reception()
    services.authenticating.submit_password(actor, number, "koushin01", Secret(USER_PASSWORD))
    async with at_the_desk(practice) as desk:
        await desk.clicks("801  未完了取引")
        await desk.clicks("次の処理 ]")
        await desk.comes_to("S304-1")
        await desk.clicks("保留 ]")
        await desk.clicks("お客様がメールを確認中")
        await desk.comes_to("S700")
        await desk.sees("送信済みの認証コードは10時30分まで使えます。")


@pytest.mark.rule("E-59")
@pytest.mark.parametrize("window", [(120, 36), SMALL_WINDOW])
async def test_whoever_breaks_off_may_put_aside_instead_of_cancelling(
    practice: Practice, window: tuple[int, int]
) -> None:
    number = practice.reception()
    async with at_the_desk(practice, window=window) as desk:
        await desk.starts("801", "S700")
        await desk.sees(number)
        await desk.presses("f12")
        await desk.comes_to("S304-1")
        await desk.presses("escape")
        await desk.comes_to("Leave")
        await desk.sees("受付は取消になります。")
        await desk.sees("[>いいえ<]")
        await desk.waits(SETTLE)
        await desk.presses("right", "right", "enter")
        await desk.comes_to("ParkReasons")
        await desk.presses("down", "enter")
        await desk.comes_to("S700")
        await desk.sees(f"【完了】IC05 受付{number}を保留しました。")
        assert practice.services.handing_over.unfinished(practice.actor)[0].parked is ParkReason.PAPERS


@pytest.mark.rule("E-59")
async def test_a_revocation_waits_for_a_supervisor_without_a_word_of_passwords(practice: Practice) -> None:
    async with at_the_approvals(practice) as desk:
        await desk.begins_transaction("201")
        await desk.takes_paper_and_user("pchenko03")
        await desk.comes_to("S400")
        await desk.presses("escape")
        await desk.comes_to("Leave")
        await desk.waits(SETTLE)
        await desk.clicks("保留 ]")
        await desk.comes_to("ParkReasons")
        assert not desk.shows("パスワード")
        await desk.clicks("役席の不在")
        await desk.comes_to("S100")
        await desk.types("801")
        await desk.presses("enter")
        await desk.comes_to("S700")
        await desk.sees("保留中です(役席の不在)。再開すると、中断したところから続けられます。")
        await desk.presses("f12")
        await desk.comes_to("S400")


async def test_whoever_thinks_again_stays_where_they_were(practice: Practice) -> None:
    practice.reception()
    async with at_the_desk(practice) as desk:
        await desk.starts("801", "S700")
        await desk.presses("f12")
        await desk.comes_to("S304-1")
        await desk.presses("f11")
        await desk.comes_to("ParkReasons")
        await desk.presses("escape")
        await desk.comes_to("S304-1")
        assert practice.services.handing_over.unfinished(practice.actor)[0].parked is None


def test_every_reason_has_words() -> None:
    from screens.wording.unfinished import PARKED

    assert set(PARKED) == set(ParkReason)


@pytest.mark.rule("E-59")
async def test_in_english_the_answers_say_what_they_do(practice: Practice) -> None:
    number = practice.reception()
    async with at_the_desk(practice, window=SMALL_WINDOW) as desk:
        await desk.starts("801", "S700")
        await desk.sees(number)
        await desk.presses("f12")
        await desk.comes_to("S304-1")
        await desk.presses("ctrl+l", "escape")
        await desk.comes_to("Leave")
        await desk.sees("[ Put on hold ]")
        await desk.presses("f1")
        await desk.comes_to("Help")
        await desk.sees("Arrow keys")
        await desk.sees("go back without doing anything")
        await desk.presses("escape")
        await desk.comes_to("Leave")
        await desk.waits(SETTLE)
        await desk.presses("right", "right", "enter")
        await desk.comes_to("ParkReasons")
        await desk.sees("[ Do not put on hold ]")
