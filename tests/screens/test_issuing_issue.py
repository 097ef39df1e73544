"""Steps 6 to 8: nothing issues by accident, and what was issued is brought onto a stick or given up."""

import asyncio
import errno
import threading

import pytest

from kiosk.errors import SignerUnavailable
from kiosk.media.calls import FileCalls
from kiosk.rules.cases import CaseState
from kiosk.services.views import IssueStage
from screens.issuing.words import STAGES
from tests.support.drivers.issuing import at_the_issue
from tests.support.faults import out_of_reach
from tests.support.practice import Practice


class FullStick(FileCalls):
    """Takes no byte."""

    def write(self, file: int, data: memoryview, offset: int) -> int:
        raise OSError(errno.ENOSPC, "no room")


class ForgetfulStick(FileCalls):
    """Gives back something else than was written."""

    def read(self, file: int, into: memoryview, offset: int) -> int:
        count = super().read(file, into, offset)
        if count:
            into[0] ^= 0xFF
        return count


@pytest.mark.rule("R-70", "R-71")
async def test_enter_never_issues(practice: Practice) -> None:
    async with at_the_issue(practice) as person:
        number = await person.stands_at_step_6()
        await person.has_focus("cancel")
        for _ in range(6):
            await person.presses("enter")
            await person.waits(0.1)
        assert practice.state(number) is CaseState.CODE_OK
        assert practice.certificates() == ["active"]


@pytest.mark.rule("R-71", "E-54")
async def test_cancelling_step_6_asks_and_leads_to_the_choice_of_the_transaction(practice: Practice) -> None:
    async with at_the_issue(practice) as person:
        number = await person.stands_at_step_6()
        await person.presses("enter")
        await person.comes_to("Confirm")
        assert person.shows("電子証明書は発行されません。認証コードは無効になり")
        await person.waits(0.5)
        await person.presses("right", "enter")
        await person.comes_to("S303")
        assert practice.state(number) is CaseState.TRANSACTION_CHOSEN


async def test_pressing_twice_issues_once(practice: Practice) -> None:
    async with at_the_issue(practice) as person:
        await person.stands_at_step_6()
        await person.takes_stick("stick-A")
        await person.waits(0.5)
        await person.presses("f12", "f12", "f12")
        await person.comes_to("S308", "S309")  # on a slow machine the last press is the first that S308 sees
        assert practice.certificates() == ["active", "active"]
        assert len(practice.files_on("stick-A")) == 1


@pytest.mark.rule("E-08")
async def test_nothing_is_signed_with_other_dates_than_step_6_showed(practice: Practice) -> None:
    practice.clock.step(hours=13, minutes=55)
    async with at_the_issue(practice) as person:
        number = await person.stands_at_step_6()
        await person.sees("2027年3月2日(発行日を含めて366日間)")
        await person.takes_stick("stick-A")
        practice.clock.step(minutes=6)
        await person.waits(0.5)
        await person.presses("f12")
        await person.sees("ES24 日付が変わったため、発行していません。")
        await person.sees("2027年3月3日(発行日を含めて366日間)")
        assert practice.state(number) is CaseState.CODE_OK
        assert practice.certificates() == ["active"]
        await person.waits(0.5)
        await person.presses("f12")
        await person.comes_to("S308")
        assert practice.certificates() == ["active", "active"]


@pytest.mark.rule("E-08", "E-90")
async def test_nobody_is_told_to_press_again_for_a_reception_that_ended_with_its_day(
    practice: Practice,
) -> None:
    practice.clock.step(hours=12, minutes=45)
    async with at_the_issue(practice) as person:
        number = practice.reception()
        practice.clock.step(minutes=70)
        await person.resumes(number, "S304-1")
        await person.turns_the_screen()
        await person.types_password("koushin01")
        await person.types_code()
        await person.turns_back()
        await person.comes_to("S306")
        await person.takes_stick("stick-A")
        practice.clock.step(minutes=6)
        await asyncio.to_thread(practice.services.chores.jobs.run)
        assert practice.state(number) is CaseState.VOIDED
        await person.waits(0.5)
        await person.presses("f12")
        await person.comes_to("S100")
        await person.sees(f"EC10 受付{number}は、この操作を行える状態ではありません。")
        assert not person.shows("もう一度「発行」を押してください。")


@pytest.mark.rule("E-88")
async def test_a_stick_that_was_filled_since_it_was_chosen_is_named_so(practice: Practice) -> None:
    async with at_the_issue(practice) as person:
        await person.stands_at_step_6()
        await person.takes_stick("stick-A")
        (practice.sticks / "stick-A" / "letter.txt").write_text("somebody's")
        await person.sees("使用できません: ファイルが残っています")
        await person.waits(0.5)
        await person.presses("f12")
        await person.sees("EM01 媒体にファイルが残っています。")
        assert practice.certificates() == ["active"]


@pytest.mark.rule("R-72", "R-73")
async def test_step_7_shows_its_stages_and_answers_no_key(practice: Practice) -> None:
    going_on = threading.Event()
    bundle = practice.services.issuing.signer.bundle

    def waits_before_the_p12(*order: object) -> bytes:
        going_on.wait(30)
        return bundle(*order)  # type: ignore[arg-type]  # handed on as it came

    async with at_the_issue(practice) as person:
        await person.stands_at_step_6()
        await person.takes_stick("stick-A")
        practice.services.issuing.signer.bundle = waits_before_the_p12  # type: ignore[assignment,method-assign]  # slows it down
        await person.issues()
        await person.sees("p12作成 実行中")
        assert person.shows("署名 済")
        assert person.shows("書込み まだ")
        await person.sees("(経過 1秒)")
        await person.waits(1.2)
        assert any(person.shows(f"p12作成 実行中 {seconds}秒") for seconds in range(1, 30))
        await person.presses("escape", "f3", "f12", "enter", "f1", "ctrl+l", "tab")
        assert person.stands_on == "S307"
        assert person.shows("媒体を抜かないでください。")
        going_on.set()
        await person.comes_to("S308")
        await person.sees("IM10")


@pytest.mark.rule("E-84", "R-82")
async def test_a_full_stick_can_be_swapped(practice: Practice) -> None:
    async with at_the_issue(practice) as person:
        await person.stands_at_step_6()
        await person.takes_stick("stick-A")
        practice.media.calls = FullStick()
        await person.issues()
        await person.comes_to("S308")
        await person.sees("EM11 発行は完了しましたが、媒体へ書き込めませんでした。")
        assert person.shows("容量が不足しています。")
        await person.presses("escape")
        await person.sees("電子証明書は発行済です。この画面からは中断できません。")
        practice.media.calls = FileCalls()
        await person.presses("f12")
        await person.sees("EA01 書き込む媒体を選択してください。")
        await person.takes_stick("stick-B")
        await person.clicks_and_types("媒体番号", "")
        await person.presses("f2")
        await person.types("M0002")
        await person.presses("f12")
        await person.sees("IM10 発行しました。")
        assert person.shows("M0002")
        assert len(practice.files_on("stick-B")) == 1
        assert practice.files_on("stick-A") == []
        assert practice.certificates() == ["active", "active"]


@pytest.mark.rule("E-83")
async def test_a_stick_that_does_not_keep_the_data_is_not_handed_over(practice: Practice) -> None:
    async with at_the_issue(practice) as person:
        await person.stands_at_step_6()
        await person.takes_stick("stick-A")
        practice.media.calls = ForgetfulStick()
        await person.issues()
        await person.comes_to("S308")
        await person.sees("EM12 書き込んだ内容を確認できませんでした。")
        practice.media.calls = FileCalls()
        await person.takes_stick("stick-B")
        await person.presses("f12")
        await person.sees("IM10 発行しました。")


@pytest.mark.rule("E-88")
async def test_a_stick_that_was_pulled_out_is_noticed_before_the_issue(practice: Practice) -> None:
    async with at_the_issue(practice) as person:
        number = await person.stands_at_step_6()
        await person.takes_stick("stick-A")
        (practice.sticks / "stick-A").rmdir()
        await person.issues()
        await person.sees("EM02 USB媒体を認識できません。")
        assert practice.state(number) is CaseState.CODE_OK
        await person.no_longer_sees("stick-A")
        await person.takes_stick("stick-B")
        await person.presses("f12")
        await person.comes_to("S308")


async def test_a_stick_that_is_pulled_out_while_it_is_written(practice: Practice) -> None:
    class Pulled(FileCalls):
        """Goes away with the first byte."""

        def write(self, file: int, data: memoryview, offset: int) -> int:
            for path in (practice.sticks / "stick-A").iterdir():
                path.unlink()
            (practice.sticks / "stick-A").rmdir()
            raise OSError(errno.ENODEV, "gone")

    async with at_the_issue(practice) as person:
        await person.stands_at_step_6()
        await person.takes_stick("stick-A")
        practice.media.calls = Pulled()
        await person.issues()
        await person.comes_to("S308")
        await person.sees("EM11")
        await person.sees("USB媒体を認識できません。")
        practice.media.calls = FileCalls()
        await person.takes_stick("stick-B")
        await person.presses("f12")
        await person.sees("IM10 発行しました。")


@pytest.mark.rule("E-84", "R-85")
async def test_giving_up_names_user_serial_and_consequence_and_revokes(practice: Practice) -> None:
    async with at_the_issue(practice) as person:
        number = await person.stands_at_step_6()
        await person.takes_stick("stick-A")
        practice.media.calls = FullStick()
        await person.issues()
        await person.sees("EM11")
        await person.clicks_button("失効して終了")
        await person.comes_to("Confirm")
        assert person.shows("koushin01")
        assert person.shows("更新 花子")
        assert person.shows("シリアル番号")
        assert person.shows("失効すると元に戻せません。")
        await person.presses("enter")
        await person.comes_to("S308")
        assert practice.state(number) is CaseState.ISSUED
        await person.clicks_button("失効して終了")
        await person.comes_to("Confirm")
        await person.waits(0.5)
        await person.presses("right", "enter")
        await person.comes_to("S100")
        await person.sees("電子証明書を失効しました。")
        assert practice.state(number) is CaseState.VOIDED
        assert sorted(practice.certificates()) == ["active", "revoked"]


async def test_a_password_that_was_wiped_leads_back_to_step_4(practice: Practice) -> None:
    async with at_the_issue(practice) as person:
        number = await person.stands_at_step_6()
        await person.takes_stick("stick-A")
        person.app.lock()
        await person.comes_to("S001")
        await person.types("Kunren#01")
        await person.presses("enter")
        await person.comes_to("S306")
        await person.issues()
        await person.comes_to("S304-1")
        await person.sees("ユーザー認証が済んでいません。ユーザー認証からやり直してください。")
        assert practice.certificates() == ["active"]
        await person.turns_the_screen()
        await person.types_password("koushin01")
        await person.types_code()
        await person.turns_back()
        await person.comes_to("S306")
        assert practice.state(number) is CaseState.CODE_OK


async def test_an_issue_that_failed_says_so_and_begins_again_at_step_4(practice: Practice) -> None:
    async with at_the_issue(practice) as person:
        await person.stands_at_step_6()
        await person.takes_stick("stick-A")
        practice.services.issuing.signer.sign = _dies  # type: ignore[assignment,method-assign]  # dies between two calls
        await person.issues()
        await person.comes_to("S304-1")
        await person.sees("ES20 電子証明書を発行できませんでした。お客様の電子証明書は作成されていません。")
        assert practice.certificates() == ["active"]


async def test_a_registry_out_of_reach_is_told_and_step_6_waits(practice: Practice) -> None:
    async with at_the_issue(practice) as person:
        number = await person.stands_at_step_6()
        await person.takes_stick("stick-A")
        with out_of_reach(practice.database):
            await person.issues()
            await person.sees("ES03 センターと通信できません。処理は行われていません。")
            assert person.stands_on == "S306"
        await person.presses("f5")
        await person.sees("発行日を含めて366日間")
        assert practice.state(number) is CaseState.CODE_OK
        await person.issues()
        await person.comes_to("S308")


def _dies(_handle: object) -> bytes:
    raise SignerUnavailable


def test_every_stage_has_a_name() -> None:
    assert list(STAGES) == list(IssueStage)
