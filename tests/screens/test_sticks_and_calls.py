"""A medium that is lost, a call at night, an issue that needs two: what begins elsewhere and ends in a revocation."""

import asyncio

import pytest

from kiosk.rules.cases import CaseState
from kiosk.rules.deliveries import DeliveryState
from kiosk.rules.operations import Transaction
from kiosk.rules.revocation import RevocationReason
from kiosk.secret import Secret
from kiosk.services.approved.views import GiveUpRequest, RevokeRequest
from kiosk.training.people import STAFF_PASSWORD, USER_PASSWORD
from tests.screens.test_unfinished import delivered
from tests.support.drivers.approvals import ApprovalDriver, at_the_approvals
from tests.support.drivers.counter import SMALL_WINDOW, WINDOW
from tests.support.drivers.desk import signed_on
from tests.support.faults import commit_lost
from tests.support.practice import Practice


async def reports(desk: ApprovalDriver, user_id: str, place: int) -> None:
    """From the card: which medium, and what happened to it."""
    await desk.opens_card(user_id)
    await desk.presses("f11")
    await desk.comes_to("S301")
    await desk.receives()
    await desk.has_focus("go")
    await desk.presses("f12")
    await desk.comes_to("S401")
    await desk.has_focus("certificates")
    await desk.presses("enter")
    await desk.has_focus("reason")
    await desk.presses(*["down"] * place, "space", "f12")


@pytest.mark.rule("R-85")
@pytest.mark.parametrize("window", [WINDOW, SMALL_WINDOW], ids=str)
async def test_a_lost_stick_leads_to_revoking_and_a_new_one(
    practice: Practice, window: tuple[int, int]
) -> None:
    async with at_the_approvals(practice, window=window) as desk:
        await reports(desk, "pchenko03", 0)
        await desk.comes_to("S400-2")
        await desk.sees("IR04 届出を記録しました。")
        await desk.sees("媒体の紛失")
        await desk.approves()
        await desk.comes_to("S400-3")
        await desk.sees("続けて「再発行へ」を押してください。")
        await desk.presses("f12")
        await desk.comes_to("S303-2")
    assert practice.certificates("pchenko03") == ["revoked"]


@pytest.mark.rule("R-85")
async def test_a_report_about_an_expired_certificate_is_taken_down_all_the_same(practice: Practice) -> None:
    async with at_the_approvals(practice) as desk:
        await reports(desk, "kigen006", 1)
        await desk.comes_to("S210")
        await desk.sees("IR05 届出を記録しました。失効の必要はありません。")
        assert "delivery:medium:reported" in desk.journal_tags


async def chooses_outcome(desk: ApprovalDriver, outcome: str) -> None:
    """From the only line of 801 to the confirmation."""
    await desk.presses("f4")
    await desk.comes_to("ChooseOutcome")
    await desk.has_focus("cancel")
    await desk.clicks(outcome)
    await desk.presses("f12")
    await desk.comes_to("S400-2")


def new_stick_waits(practice: Practice) -> str:
    """A change of PC whose new certificate lies verified on its stick; its reception number."""
    services, actor = practice.services, practice.actor
    number = practice.received()
    card = services.casework.choose_user(actor, number, practice.user_pk("pchenko03")).card
    assert card is not None
    services.casework.choose_transaction(actor, number, Transaction.REVOKE)
    old = RevokeRequest(
        serial=card.certificates[0].serial, reason=RevocationReason.PC_CHANGE, then_reissue=True
    )
    asked = services.approving.ask(actor, number, old)
    password = Secret(STAFF_PASSWORD)
    services.approving.approve_here(actor, asked.approval_pk, asked.digest, "op002", password)
    services.revoking.execute(actor, number)
    services.casework.set_medium(actor, number, "M0001", "")
    services.authenticating.submit_password(actor, number, "pchenko03", Secret(USER_PASSWORD))
    services.authenticating.submit_code(actor, number, Secret(practice.code))
    ready = practice.signs(number)
    services.delivering.deliver(actor, ready, services.delivering.sticks()[0].ref, lambda _: None)
    return number


@pytest.mark.rule("R-85")
async def test_what_was_sent_back_is_asked_again_as_the_clerk_corrects_it(practice: Practice) -> None:
    number = await asyncio.to_thread(delivered, practice)
    approving = practice.services.approving
    async with at_the_approvals(practice) as desk:
        await desk.starts("801", "S700")
        await chooses_outcome(desk, "媒体をなくした")
        await desk.presses("f11")
        await desk.sees("承認箱へ送りました。")
        sent = approving.of_case(practice.actor, number)
        assert sent is not None
        await asyncio.to_thread(
            approving.reject, signed_on(practice, "op002"), sent.approval_pk, sent.digest, "紛失ではない"
        )
        await desk.presses("f3")
        await desk.comes_to("S700")
        await desk.sees("理由:紛失ではない")
        await chooses_outcome(desk, "お客様が受け取りに来ない")
        await desk.presses("f11")
        await desk.sees("承認箱へ送りました。")
        corrected = approving.of_case(practice.actor, number)
        assert corrected is not None
        assert corrected.request == GiveUpRequest(outcome=DeliveryState.NOT_COLLECTED)


@pytest.mark.rule("E-75", "I-23")
async def test_the_first_act_of_a_change_of_pc_is_not_taken_for_the_one_whose_answer_got_lost(
    practice: Practice,
) -> None:
    number = await asyncio.to_thread(new_stick_waits, practice)
    async with at_the_approvals(practice) as desk:
        await desk.starts("801", "S700")
        await chooses_outcome(desk, "媒体が壊れている")
        await desk.presses("f11")
        await desk.sees("承認箱へ送りました。")
        view = practice.services.approving.of_case(practice.actor, number)
        assert view is not None
        await asyncio.to_thread(
            practice.services.approving.approve, signed_on(practice, "op002"), view.approval_pk, view.digest
        )
        await desk.presses("f5")
        await desk.sees("WP10 承認されました。")
        with commit_lost(practice.database):
            await desk.presses("f12")
            await desk.sees("ES11")
        assert sorted(practice.certificates("pchenko03")) == ["active", "revoked"]
        await desk.presses("f12")
        await desk.comes_to("S400-3")
        await desk.sees(view.shown.serial)
        await desk.presses("f12")
        await desk.comes_to("S303-2")
    assert practice.certificates("pchenko03") == ["revoked", "revoked"]


@pytest.mark.rule("E-85", "R-85", "I-10")
async def test_a_medium_that_cannot_be_handed_over_is_revoked_with_approval(practice: Practice) -> None:
    number = await asyncio.to_thread(delivered, practice)
    async with at_the_approvals(practice) as desk:
        await desk.starts("801", "S700")
        await desk.sees(number)
        await desk.presses("f4")
        await desk.comes_to("ChooseOutcome")
        await desk.has_focus("cancel")
        await desk.presses("f12")
        await desk.sees("EA01 理由を選択してください。")
        await desk.clicks("お客様が受け取りに来ない")
        await desk.presses("f12")
        await desk.comes_to("S400-2")
        await desk.sees("お客様へ渡していない、次の電子証明書を失効します。")
        await desk.sees("お客様が媒体を受け取りに来ないため、お渡しできません。")
        await desk.asks_the_supervisor()
        await desk.sees("S600 役席承認 未交付の失効")
        await desk.sees("お客様が媒体を受け取りに来ないため、お渡しできません。")
        await desk.presses("escape")
        await desk.comes_to("S400-2")
        await desk.approves()
        await desk.comes_to("S400-3")
        await desk.presses("f12")
        await desk.comes_to("S700")
        await desk.sees("未完了の取引はありません。")
    assert practice.state(number) is CaseState.VOIDED or practice.state(number) is CaseState.DONE
    card = practice.services.customers.by_user_id(practice.actor, "koushin01")
    assert DeliveryState.NOT_COLLECTED in {one.delivery for one in card.certificates}


@pytest.mark.parametrize("approval_settings", [{"emergency_by_one_clerk": True}])
async def test_one_clerk_revokes_by_phone_and_approval_and_paper_follow(practice: Practice) -> None:
    async with at_the_approvals(practice) as desk:
        await desk.begins_transaction("202", "S410")
        await desk.takes_the_call()
        await desk.comes_to("S302")
        await desk.finds("pchenko03")
        await desk.comes_to("S410-1")
        await desk.chooses_certificate()
        await desk.gives_reason(3)
        await desk.comes_to("S410-2")
        await desk.sees("係員ひとりで失効します。")
        await desk.sees("[4 内容確認]")
        assert not desk.shows("4 役席承認")
        await desk.has_focus("back")
        await desk.waits(0.5)
        await desk.presses("f12")
        await desk.comes_to("S410-3")
        await desk.sees("役席の承認を2026年3月3日 0時00分までに受けてください。")
        number = desk.reception_no
        await desk.presses("f12")
        await desk.comes_to("S100")
        await desk.sees("電話による緊急失効1件")
        await desk.sees("(承認は2026年3月3日 0時00分まで、依頼書は3月9日まで")
        practice.clock.step(days=9)
        await desk.presses("f5")
        await desk.sees("WR08 電話による緊急失効1件")
        await desk.sees("(承認は2026年3月3日 0時00分まで、依頼書は")
        await desk.starts("802", "S411")
        await desk.sees("【要確認】期限を過ぎています。")
        await desk.resizes(*SMALL_WINDOW)
        await desk.sees(f"{number}  pchenko03 変更 次郎")
        await desk.sees("役席の承認     03-03 00:00")
        await desk.resizes(*WINDOW)
        await desk.approves()
        await desk.comes_to("S411")
        await desk.sees(f"IR02 受付{number}の緊急失効が承認されました。")
        await desk.presses("f12")
        await desk.comes_to("Paper")
        await desk.types("K0099")
        await desk.presses("f12")
        await desk.sees("EC01 確認が済んでいない項目があります。")
        await desk.presses("space", "enter", "space", "f12")
        await desk.comes_to("S411")
        await desk.sees("IR03")
        await desk.sees("承認や依頼書を待っている緊急失効はありません。")
    assert practice.certificates("pchenko03") == ["revoked"]


@pytest.mark.parametrize("approval_settings", [{"for_issue": True}])
async def test_an_issue_that_needs_two_is_approved_before_the_customer_types(practice: Practice) -> None:
    async with at_the_approvals(practice) as desk:
        await desk.starts("102", "S301")
        await desk.receives()
        await desk.chooses_user("koushin01")
        await desk.chooses_transaction()
        await desk.sees("stick-A")
        await desk.has_focus("medium_no")
        await desk.types("M0001")
        await desk.presses("enter", "enter", "down", "f12")
        await desk.comes_to("S303-3")
        await desk.sees("電子証明書を発行します。発行すると取り消せません。")
        await desk.approves()
        await desk.comes_to("S304-1")
        await desk.turns_the_screen()
        await desk.types_password("koushin01")
        await desk.comes_to("S305")
