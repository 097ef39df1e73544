"""S400 and S410: chosen, never preselected; approved by somebody else; told as two facts."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from db.tables import User
from kiosk.pki.signer_process import SignerProcess
from kiosk.rules.cases import CaseState
from kiosk.rules.operations import Transaction
from kiosk.rules.revocation import RevocationReason
from kiosk.rules.texts import LONGEST_LINE
from kiosk.secret import Secret
from kiosk.services.approved.views import RevokeRequest
from kiosk.training.people import STAFF_PASSWORD
from tests.support.builders import a_certificate
from tests.support.counters import a_form
from tests.support.drivers.approvals import SURE, ApprovalDriver, at_the_approvals
from tests.support.drivers.counter import SMALL_WINDOW, WINDOW
from tests.support.practice import Practice


@pytest.fixture
async def desk(practice: Practice) -> AsyncIterator[ApprovalDriver]:
    """`op001` in front of the menu."""
    async with at_the_approvals(practice) as driver:
        yield driver


def revoke_elsewhere(practice: Practice, user_id: str = "pchenko03") -> None:
    """Another reception of the same user revokes the certificate behind the back of this screen."""
    services, actor = practice.services, practice.actor
    number = services.casework.open(actor, a_form()).reception_no
    services.casework.choose_user(actor, number, practice.user_pk(user_id))
    services.casework.choose_transaction(actor, number, Transaction.REVOKE)
    serial = services.customers.by_user_id(actor, user_id).certificates[0].serial
    view = services.approving.ask(
        actor, number, RevokeRequest(serial=serial, reason=RevocationReason.PC_LOST)
    )
    services.approving.approve_here(actor, view.approval_pk, view.digest, "op002", Secret(STAFF_PASSWORD))
    services.revoking.execute(actor, number)


@pytest.mark.parametrize("window", [WINDOW, SMALL_WINDOW], ids=str)
@pytest.mark.rule("E-76", "E-80", "I-10")
async def test_a_certificate_is_revoked_after_a_second_person_agreed(
    practice: Practice, window: tuple[int, int]
) -> None:
    async with at_the_approvals(practice, window=window) as desk:
        await desk.stands_before_approval(reason=3)
        assert desk.shows("次の電子証明書を失効します。失効すると元に戻せません。")
        assert desk.shows("再発行が済むまで、お客様はログインできません。")
        assert desk.focus == "back"
        await desk.approves()
        await desk.comes_to("S400-3")
        await desk.sees("IR01 失効しました。")
        await desk.sees("続けて再発行する場合は「103 再発行」へ進んでください。")
        assert desk.shows("2026-03-02(月) 10:00:00に登録簿で停止")
        assert desk.shows("号を2026-03-02(月) 10:00:00に公開")
        await desk.presses("f12")
        await desk.comes_to("S100")
    assert practice.certificates("pchenko03") == ["revoked"]


@pytest.mark.rule("R-24", "E-76", "E-79")
async def test_nothing_is_chosen_before_the_clerk_chooses_it(desk: ApprovalDriver) -> None:
    await desk.begins_transaction("201")
    await desk.takes_paper_and_user("pchenko03")
    await desk.comes_to("S400")
    assert not desk.shows("選択中")
    await desk.sees("発行日 2025年9月18日")
    assert not desk.shows("(o)")
    await desk.presses("f12")
    await desk.sees("EC02 電子証明書が選択されていません。")
    await desk.chooses_certificate()
    await desk.sees("選択中")
    await desk.presses("f12")
    await desk.sees("EA01 理由を選択してください。")
    await desk.has_focus("reason")
    assert desk.stands_on == "S400"


@pytest.mark.rule("E-77")
async def test_what_has_expired_need_not_be_revoked(desk: ApprovalDriver) -> None:
    await desk.begins_transaction("201")
    await desk.takes_paper_and_user("kigen006")
    await desk.sees("ER02 この電子証明書は有効期限")
    await desk.sees("「103 再発行」へ進んでください。")
    assert desk.stands_on == "S302"


@pytest.mark.rule("E-76", "E-77")
async def test_an_expired_certificate_beside_a_live_one_is_refused(practice: Practice) -> None:
    with practice.database.reading() as session:
        user = session.get_one(User, practice.user_pk("pchenko03"))
    a_certificate(practice.database, user, issued_at=datetime(2024, 12, 2, 1, tzinfo=UTC), slot=1)
    async with at_the_approvals(practice) as desk:
        await desk.begins_transaction("201")
        await desk.takes_paper_and_user("pchenko03")
        await desk.comes_to("S400")
        await desk.sees("期限切れ")
        await desk.chooses_certificate(downs=1)
        await desk.gives_reason(3)
        await desk.sees("ER02 この電子証明書は有効期限(2025年12月2日)が切れています。")
        assert desk.stands_on == "S400"


@pytest.mark.rule("E-76", "E-78")
async def test_a_revoked_certificate_is_refused_with_its_day_and_reception(practice: Practice) -> None:
    (one,) = practice.services.customers.by_user_id(practice.actor, "pchenko03").certificates
    first = practice.revokes("pchenko03", one.serial)
    await asyncio.to_thread(practice.issues, "pchenko03")
    async with at_the_approvals(practice) as desk:
        await desk.begins_transaction("201")
        await desk.takes_paper_and_user("pchenko03")
        await desk.comes_to("S400")
        await desk.sees("失効済")
        await desk.chooses_certificate(downs=1)
        await desk.gives_reason(3)
        await desk.sees("ER03 この電子証明書は2026年3月2日に失効済です。")
        await desk.sees(first.reception_no)
        await desk.sees("使える電子証明書がなければ「103 再発行」へ進んでください。")
        assert desk.stands_on == "S400"


async def test_a_note_takes_as_many_letters_as_may_be_stored(desk: ApprovalDriver) -> None:
    await desk.begins_transaction("201")
    await desk.takes_paper_and_user("pchenko03")
    await desk.comes_to("S400")
    await desk.chooses_certificate()
    await desk.presses("down", "space", "enter")
    await desk.has_focus("note")
    await desk.types("a" * (LONGEST_LINE + 1))
    await desk.presses("f12")
    await desk.comes_to("S400-2")


@pytest.mark.rule("E-78", "I-14")
async def test_what_was_revoked_elsewhere_meanwhile_is_told_with_its_day_and_reception(
    desk: ApprovalDriver,
) -> None:
    await desk.begins_transaction("201")
    await desk.receives()
    await asyncio.to_thread(revoke_elsewhere, desk.practice, "koushin01")
    await desk.finds("koushin01")
    await desk.sees("EC09 有効な電子証明書はありません。失効の必要はありません。")


@pytest.mark.rule("R-10", "R-12", "E-75")
async def test_a_change_of_pc_ends_with_a_new_certificate_and_one_receipt(desk: ApprovalDriver) -> None:
    await desk.begins_transaction("201")
    await desk.takes_paper_and_user("pchenko03")
    await desk.comes_to("S400")
    await desk.chooses_certificate()
    await desk.presses("space")
    await desk.sees("[x] 続けて、この受付で再発行する")
    await desk.sees("再発行まで利用できません。")
    await desk.presses("f12")
    await desk.comes_to("S400-2")
    await desk.sees("続けて、この受付で再発行を行います。")
    number = desk.reception_no
    await desk.approves()
    await desk.comes_to("S400-3")
    await desk.sees("続けて「再発行へ」を押してください。")
    await desk.presses("enter")
    await desk.comes_to("S303-2")
    await desk.prepares_medium()
    await desk.turns_the_screen()
    await desk.types_password("pchenko03")
    await desk.types_code()
    await desk.turns_back()
    await desk.comes_to("S306")
    await desk.sees("再発行")
    await desk.issues()
    await desk.comes_to("S308")
    await desk.presses("enter")
    await desk.comes_to("S309")
    await desk.presses("space", "enter", "space", "enter", "space", "f12")
    await desk.sees("交付を完了しました。")
    assert desk.shows("失効した旧証明書")
    assert desk.shows(number)
    assert sorted(desk.practice.certificates("pchenko03")) == ["active", "revoked"]
    assert desk.practice.state(number) is CaseState.DONE


@pytest.mark.rule("E-75")
async def test_a_reception_left_between_the_two_acts_is_taken_up_again(desk: ApprovalDriver) -> None:
    number = await desk.stands_before_approval()
    await desk.approves()
    await desk.comes_to("S400-3")
    await desk.presses("f12")
    await desk.comes_to("S303-2")
    await desk.presses("escape")
    await desk.sees("失効は済んでいます。")
    await desk.says_yes()
    await desk.comes_to("S100")
    await desk.starts("801", "S700")
    await desk.sees(number)
    await desk.sees("電子証明書の失効は済んでいます。再発行へ進んでください。")
    await desk.sees("[ 再発行せずに終了 ]")
    await desk.sees("F11 再発行せずに終了")
    await desk.presses("f12")
    await desk.comes_to("S303-2")
    await desk.presses("escape")
    await desk.says_yes()
    await desk.comes_to("S700")
    await desk.presses("f11")
    await desk.sees("再発行せずに、この受付を終了します。")
    await desk.says_yes()
    await desk.sees("IM16")
    assert desk.practice.state(number) is CaseState.DONE


@pytest.mark.rule("I-15")
@pytest.mark.parametrize("kept", ["locked", "without a process"])
async def test_a_ca_key_that_cannot_be_had_delays_the_list_and_nothing_else(
    desk: ApprovalDriver, monkeypatch: pytest.MonkeyPatch, kept: str
) -> None:
    await desk.stands_before_approval(reason=3)
    signer = desk.practice.services.publishing.signer
    assert isinstance(signer, SignerProcess)
    assert signer.process_id is not None
    os.kill(signer.process_id, signal.SIGKILL)
    if kept == "locked":
        monkeypatch.setattr(signer, "_passphrase", lambda: None)
    else:
        monkeypatch.setattr(sys, "executable", "/nowhere/python")
    await desk.approves()
    await desk.comes_to("S400-3")
    await desk.sees("WR05 失効しました。")
    await desk.sees("失効リストはまだ公開されていません。")
    assert desk.practice.certificates("pchenko03") == ["revoked"]
    monkeypatch.undo()
    await asyncio.to_thread(desk.practice.services.unlock_signer)
    await asyncio.to_thread(desk.practice.services.publishing.publish)
    await desk.presses("f5")
    await desk.sees("IR01")


@pytest.mark.rule("R-11")
async def test_by_phone_the_call_back_comes_first_and_paper_is_due(desk: ApprovalDriver) -> None:
    await desk.begins_transaction("202", "S410")
    await desk.sees("WR04 電話受付による緊急失効です。")
    await desk.sees("依頼書は3月9日までに徴求してください。")
    await desk.presses("f12")
    await desk.sees("EA01 電話の相手を入力してください。")
    await desk.takes_the_call()
    await desk.comes_to("S302")
    await desk.finds("pchenko03")
    await desk.comes_to("S410-1")
    await desk.chooses_certificate()
    await desk.gives_reason(3)
    await desk.comes_to("S410-2")
    await desk.sees("役席の承認が必要です。")
    await desk.sees("電話 変更次郎(本人)  折返し先 総務部0034")
    await desk.approves()
    await desk.comes_to("S410-3")
    await desk.sees("依頼書を3月9日までに徴求してください。")
    await desk.presses("f12")
    await desk.comes_to("S100")


async def test_every_step_can_be_broken_off(desk: ApprovalDriver) -> None:
    await desk.begins_transaction("201")
    await desk.takes_paper_and_user("pchenko03")
    await desk.comes_to("S400")
    number = desk.reception_no
    await desk.presses("f3")
    await desk.comes_to("S302")
    await desk.sees("変更 次郎")
    await desk.has_focus("go")
    await desk.presses("f12")
    await desk.comes_to("S400")
    await desk.breaks_off()
    assert desk.practice.state(number) is CaseState.VOIDED
    assert desk.practice.certificates("pchenko03") == ["active"]


async def test_a_revocation_by_mouse_alone(desk: ApprovalDriver) -> None:
    await desk.clicks("201  失効")
    await desk.comes_to("S301")
    await desk.clicks_and_types("依頼書番号", "K0001")
    await desk.clicks_and_types("来店者氏名", "変更次郎")
    await desk.clicks("運転免許証")
    await desk.clicks_and_types("書類番号の下4桁", "1234")
    for label in ("[ ] 依頼書の記載", "[ ] 届出印の照合", "[ ] 来店者の本人確認"):
        await desk.clicks(label)
    await desk.clicks_button("次へ")
    await desk.comes_to("S302")
    await desk.clicks_and_types("検索", "pchenko03")
    await desk.clicks("株式会社あおぞら商事")
    await desk.has_focus("go")
    await desk.clicks_button("次へ")
    await desk.comes_to("S400")
    await desk.clicks("有効 20")
    await desk.sees("選択中")
    await desk.clicks("パソコンの紛失")
    await desk.clicks_button("次へ")
    await desk.comes_to("S400-2")
    await desk.clicks_button("役席の承認へ")
    await desk.comes_to("S600")
    await desk.waits(SURE)
    await desk.clicks("承認者のID")
    await desk.types("op002")
    await desk.clicks("_ _ _ _")
    await desk.types(STAFF_PASSWORD)
    await desk.clicks_button("承認")
    await desk.comes_to("S400-3")
    await desk.clicks_button("終了")
    await desk.comes_to("S100")
