"""What the clerk reads when a stick will not let go, when a write ended unseen, and when it is not the bank's."""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from textual.widgets import OptionList

from kiosk.errors import SignerUnavailable
from kiosk.media.calls import FileCalls
from kiosk.media.udisks.kernel import UsbFacts
from kiosk.media.udisks.targets import Policy
from kiosk.rules.cases import CaseState
from screens.issuing.sticks import StickList
from tests.support.drivers.counter import SMALL_WINDOW
from tests.support.drivers.issuing import at_the_issue
from tests.support.faults import out_of_reach
from tests.support.journal import journal_of
from tests.support.loop_disks import FILESYSTEM
from tests.support.practice import Practice
from tests.support.stick_faults import CutOff, EndUnseen
from tests.support.stick_rigs import UDisksRig, usb_ports


@pytest.fixture
def ports(tmp_path: Path) -> Iterator[UDisksRig]:
    with usb_ports(tmp_path / "ports") as rig:
        yield rig


def in_ports(practice: Practice, ports: UDisksRig) -> Practice:
    """The practice counter, its folder of sticks replaced by the ports."""
    delivering = replace(practice.services.delivering, media=ports.media)
    return replace(practice, services=replace(practice.services, delivering=delivering))


@pytest.mark.deep
@pytest.mark.rule("E-83", "R-80")
@pytest.mark.parametrize("reason", ["DeviceBusy", "Failed"])
async def test_a_stick_may_be_pulled_out_only_after_its_port_is_off(
    practice: Practice, ports: UDisksRig, reason: str
) -> None:
    ports.put_in("stick-A")
    async with at_the_issue(in_ports(practice, ports)) as person:
        number = await person.stands_at_step_6()
        await person.takes_stick("stick-A")
        ports.udisks.refuse("PowerOff", reason)
        await person.issues()
        await person.sees("書込みと読取り確認は完了しましたが")
        assert person.shows("まだ抜かないでください")
        assert not person.shows("媒体を取り外し、お客様へ交付してください。")
        assert practice.state(number) is CaseState.DELIVERED
        await person.presses("f5")
        await person.sees("まだ抜かないでください")
        ports.udisks.obey("PowerOff")
        await person.clicks_button("取外し")
        await person.sees("IM10 発行しました。媒体への書込みと読取り確認が完了しました。")
        assert not person.shows("まだ抜かないでください")
        await person.presses("f12")
        await person.hands_over()


@pytest.mark.deep
async def test_the_hand_over_reminds_of_a_stick_that_was_never_switched_off(
    practice: Practice, ports: UDisksRig
) -> None:
    ports.put_in("stick-A")
    async with at_the_issue(in_ports(practice, ports)) as person:
        await person.stands_at_step_6()
        await person.takes_stick("stick-A")
        ports.udisks.refuse("PowerOff", "Failed")
        await person.issues()
        await person.sees("EM19")
        await person.presses("f12")
        await person.comes_to("S309")
        assert person.shows("ランプが消えてから取り外してください")


@pytest.mark.rule("E-84", "E-83")
@pytest.mark.parametrize("window", [(120, 36), SMALL_WINDOW], ids=str)
async def test_a_write_whose_end_nobody_saw_is_found_on_its_stick(
    practice: Practice, window: tuple[int, int]
) -> None:
    async with at_the_issue(practice, window) as person:
        number = await person.stands_at_step_6()
        await person.takes_stick("stick-A")
        practice.media.calls = EndUnseen()
        await person.issues()
        await person.sees("EM11 発行は完了しましたが、媒体へ書き込めませんでした。")
        practice.media.calls = FileCalls()
        await person.takes_stick("stick-B")
        await person.presses("f5")
        await person.sees("EM21 この媒体に、書き込んだファイルはありません。")
        assert practice.state(number) is CaseState.ISSUED
        await person.takes_stick("stick-A")
        await person.presses("f5")
        await person.sees("IM10 発行しました。")
        assert practice.state(number) is CaseState.DELIVERED


@pytest.mark.rule("E-84", "E-87")
async def test_the_stick_where_a_copy_may_lie_is_named_when_another_one_was_taken(practice: Practice) -> None:
    async with at_the_issue(practice) as person:
        await person.stands_at_step_6()
        await person.takes_stick("stick-A")
        practice.media.calls = EndUnseen()
        await person.issues()
        await person.sees("EM11")
        practice.media.calls = FileCalls()
        await person.takes_stick("stick-B")
        await person.clicks_and_types("媒体番号", "")
        await person.presses("f2")
        await person.types("M0002")
        await person.presses("f12")
        await person.sees("IM10 発行しました。")
        assert person.shows("M0001(ファイルが残っている可能性があります。")
    states = practice.services.stock.counts(practice.actor)
    assert {state.value: count for state, count in states.items() if count} == {
        "in_stock": 1,
        "in_use": 1,
        "damaged": 1,
    }


@pytest.mark.deep
async def test_a_stick_that_is_not_on_the_banks_list_is_told_and_journaled(
    practice: Practice, ports: UDisksRig
) -> None:
    asked: list[UsbFacts] = []

    def on_no_list(device: UsbFacts) -> bool:
        asked.append(device)
        return False

    policy = Policy(accepted_filesystems=frozenset({FILESYSTEM}), registered=on_no_list)
    ports.media = ports.media_with(policy)
    ports.put_in("stick-A")
    async with at_the_issue(in_ports(practice, ports)) as person:
        number = await asyncio.to_thread(practice.received)
        await person.resumes(number, "S302")
        await person.chooses_user("koushin01")
        await person.chooses_transaction()
        await person.sees("使用できません: 登録されていません")
        assert person.shows("登録済みの媒体に交換してください。")
        await person.types("M0001")
        await person.presses("f12")
        await person.sees("EM20 この媒体は使用できません。(登録されていません)")
    assert asked
    (line,) = (line for line in journal_of(practice.database) if line.tag == "delivery:stick:refused")
    assert (line.outcome, line.facts["refusal"]) == ("refused", "not_registered")


@pytest.mark.rule("E-84", "I-23")
async def test_a_file_that_the_registry_never_heard_of_is_found_on_its_stick(practice: Practice) -> None:
    """The line is lost while the p12 is written: it is there, and nobody could store that."""

    class LineLost(FileCalls):
        def rename_new(self, folder: int, old: str, new: str) -> None:
            super().rename_new(folder, old, new)
            outage.enter_context(out_of_reach(practice.database))

    async with at_the_issue(practice) as person:
        number = await person.stands_at_step_6()
        await person.takes_stick("stick-A")
        with ExitStack() as outage:
            practice.media.calls = LineLost()
            await person.issues()
            await person.comes_to("S308")
        practice.media.calls = FileCalls()
        await person.takes_stick("stick-A")
        await person.presses("f5")
        await person.sees("IM10 発行しました。")
        assert practice.state(number) is CaseState.DELIVERED


@pytest.mark.rule("E-83", "E-84")
@pytest.mark.parametrize("end_seen", [True, False])
async def test_a_certificate_that_was_revoked_is_offered_to_no_other_stick(
    practice: Practice, monkeypatch: pytest.MonkeyPatch, end_seen: bool
) -> None:
    signer = practice.services.delivering.signer

    def does_not_open(handle: str) -> None:
        raise SignerUnavailable

    async with at_the_issue(practice) as person:
        number = await person.stands_at_step_6()
        await person.takes_stick("stick-A")
        monkeypatch.setattr(signer, "confirm", does_not_open)
        if not end_seen:
            practice.media.calls = EndUnseen()
        await person.issues()
        if not end_seen:
            await person.sees("EM11")
            practice.media.calls = FileCalls()
            await person.takes_stick("stick-A")
            await person.presses("f5")
        await person.sees("発行した電子証明書を失効しました。")
        assert not person.shows("再書込み")
        assert practice.state(number) is not CaseState.ISSUED


@pytest.mark.rule("E-84", "E-95")
async def test_a_stick_that_comes_while_the_mark_moves_is_never_the_one_that_is_meant(
    practice: Practice,
) -> None:
    """Two things at once: an arrow key, and a list in which the place below holds another stick by now."""
    async with at_the_issue(practice) as person:
        number = await asyncio.to_thread(practice.received)
        await person.resumes(number, "S302")
        await person.chooses_user("koushin01")
        await person.chooses_transaction()
        await person.takes_stick("stick-A")
        sticks = person.app.screen.query_one(StickList)
        first, second = await practice.media.list()
        newcomer = replace(second, ref=replace(second.ref, token="another"), label="stick-C")

        person.app.screen.query_one("#stick-list", OptionList).highlighted = 1
        sticks._show((first, newcomer, second))
        await person.pilot.pause()

        assert sticks.chosen == second.ref
        sticks._show((first, newcomer, second))
        assert sticks.chosen == second.ref


@pytest.mark.rule("R-72")
async def test_an_error_that_nobody_thought_of_does_not_keep_the_clerk_at_step_7(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def breaks(*_: object) -> None:
        raise ZeroDivisionError

    async with at_the_issue(practice, incidents=1) as person:
        await person.stands_at_step_6()
        await person.takes_stick("stick-A")
        monkeypatch.setattr(type(practice.media), "write_verified", breaks)
        await person.issues()
        await person.comes_to("S308")
        await person.sees("結果を確認できません。")


def back_after_a_pull(practice: Practice) -> str:
    """The stick that was pulled is in again; the name of what it holds."""
    practice.media.calls = FileCalls()
    (practice.sticks / ".away").rename(practice.sticks / "stick-A")
    (name,) = practice.files_on("stick-A")
    return name


def pulled_in_mid_write(practice: Practice) -> CutOff:
    """The next write ends with stick-A out of its port."""
    calls = CutOff()
    calls.before_the_sync(lambda: (practice.sticks / "stick-A").rename(practice.sticks / ".away"))
    return calls


@pytest.mark.rule("E-84", "E-88")
@pytest.mark.parametrize("window", [(120, 36), SMALL_WINDOW], ids=str)
async def test_what_a_pull_left_unfinished_is_deleted_after_a_question_and_the_stick_used(
    practice: Practice, window: tuple[int, int]
) -> None:
    async with at_the_issue(practice, window) as person:
        number = await person.stands_at_step_6()
        await person.takes_stick("stick-A")
        practice.media.calls = pulled_in_mid_write(practice)
        await person.issues()
        await person.comes_to("S308")
        left = back_after_a_pull(practice)
        await person.sees("書きかけのファイルが残っているかもしれません。")
        await person.takes_stick("stick-A")
        await person.presses("f12")
        await person.comes_to("Confirm")
        assert person.shows(left)
        await person.presses("enter")
        await person.sees(f"EM24 この媒体に、書きかけのファイルが残っています。({left})")
        assert practice.files_on("stick-A") == [left]
        await person.presses("f12")
        await person.comes_to("Confirm")
        await person.waits(0.5)
        await person.presses("right", "enter")
        await person.sees("IM10 発行しました。")
        assert practice.state(number) is CaseState.DELIVERED
    (file,) = practice.files_on("stick-A")
    assert file.endswith(".p12")


@pytest.mark.rule("E-84", "E-88")
async def test_the_next_customer_may_get_a_stick_that_was_left_with_an_unfinished_file(
    practice: Practice,
) -> None:
    async with at_the_issue(practice) as person:
        await person.stands_at_step_6()
        await person.takes_stick("stick-A")
        practice.media.calls = pulled_in_mid_write(practice)
        await person.issues()
        await person.comes_to("S308")
        await person.clicks_button("失効して終了")
        await person.comes_to("Confirm")
        await person.waits(0.5)
        await person.presses("right", "enter")
        await person.comes_to("S100")
        back_after_a_pull(practice)
        number = await asyncio.to_thread(practice.received)
        await person.resumes(number, "S302")
        await person.chooses_user("koushin01")
        await person.chooses_transaction()
        await person.types("M0002")
        await person.takes_stick("stick-A")
        await person.presses("f12")
        await person.comes_to("Confirm")
        await person.waits(0.5)
        await person.presses("right", "enter")
        await person.comes_to("S304-1")
    assert practice.files_on("stick-A") == []
