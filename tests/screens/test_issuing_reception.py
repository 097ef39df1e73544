"""Steps 1 to 3: what is looked at, who is chosen, what is possible, onto which stick."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from db.queries import users
from kiosk.errors import CaseNotOpen
from kiosk.media.absent import NoMedia
from kiosk.rules.cases import CaseState
from kiosk.rules.operations import Transaction
from kiosk.services.views import VisitorKind
from tests.support.builders import a_certificate, a_user
from tests.support.drivers.counter import SMALL_WINDOW
from tests.support.drivers.issuing import at_the_issue
from tests.support.practice import Practice

HOSTILE = "[@click=app.boom]更[/]新\x1b]52;c;aGk=\x07\u202e花\x9b31m子"


async def test_what_is_left_open_is_told_and_gets_the_focus(practice: Practice) -> None:
    async with at_the_issue(practice) as person:
        await person.begins()
        await person.presses("f12")
        await person.sees("依頼書番号を入力してください。")
        await person.types("K0001")
        await person.presses("f12")
        await person.sees("来店者氏名を入力してください。")
        await person.types("更新花子")
        await person.presses("f12")
        await person.sees("本人確認書類を選択してください。")
        await person.has_focus("document_type")
        await person.clicks("旅券")
        await person.presses("f12")
        await person.sees("番号の全体は入力しないでください。")
        await person.has_focus("document_last4")
        await person.types("12")
        await person.presses("f2")
        await person.types("１２ａｂ")  # an input method was left on
        await person.presses("f12")
        await person.sees("EC01 確認が済んでいない項目があります。")
        await person.has_focus("form")
        assert not person.shows("受付 2026")


@pytest.mark.rule("I-21")
async def test_of_an_individual_number_card_no_number_is_asked_for(practice: Practice) -> None:
    async with at_the_issue(practice) as person:
        await person.begins()
        await person.fills_in_the_form()
        await person.sees("書類番号の下4桁")
        await person.clicks("個人番号カード")
        await person.no_longer_sees("書類番号の下4桁")
        await person.presses("f12")
        await person.comes_to("S302")


async def test_a_call_is_refused_before_a_number_is_taken(practice: Practice) -> None:
    async with at_the_issue(practice) as person:
        await person.begins()
        await person.fills_in_the_form()
        await person.clicks(") 電話")
        await person.presses("f12")
        await person.sees("EC09 電話では受け付けられません。")
        assert person.stands_on == "S301"
        await person.clicks(") 窓口")
        await person.presses("f12")
        await person.comes_to("S302")
        assert practice.state("20260302-012-01-0001") is CaseState.RECEPTION


@pytest.mark.rule("E-94", "R-16")
async def test_the_authority_of_a_proxy_is_asked_for_and_a_proxy_receives_nothing(practice: Practice) -> None:
    async with at_the_issue(practice) as person:
        await person.begins()
        assert not person.shows("代理権の確認")
        await person.clicks("代理人")
        await person.sees("代理権の確認(委任状・電話・登記)")
        await person.clicks("( ) 本人")
        await person.no_longer_sees("代理権の確認")
        number = await asyncio.to_thread(practice.received, visitor_kind=VisitorKind.PROXY)
        await person.breaks_off()
        await person.resumes(number, "S302")
        await person.chooses_user("koushin01")
        await person.sees("102 更新 できません: 発行には、ユーザーご本人の")
        assert person.shows("お客様へ: 「電子証明書は、ご本人にお越しいただいてお渡ししております。」")
        await person.presses("f12")
        await person.sees("EC05 発行には、ユーザーご本人の来店が必要です。")


async def test_pressing_twice_opens_one_reception(practice: Practice) -> None:
    async with at_the_issue(practice) as person:
        await person.begins()
        await person.fills_in_the_form()
        await person.presses("f12", "f12")
        await person.comes_to("S302")
        with pytest.raises(CaseNotOpen):
            practice.state("20260302-012-01-0002")


@pytest.mark.rule("R-25")
async def test_breaking_off_asks_first_and_voids_the_reception(practice: Practice) -> None:
    async with at_the_issue(practice) as person:
        await person.begins()
        await person.receives()
        await person.presses("escape", "enter")
        await person.comes_to("S302")
        number = "20260302-012-01-0001"
        assert practice.state(number) is CaseState.RECEPTION
        await person.breaks_off()
        assert practice.state(number) is CaseState.VOIDED
        assert person.app.reception_no is None
        await person.sees(f"【完了】IM14 受付{number}を取り消しました。")


@pytest.mark.rule("R-21", "R-24")
async def test_a_user_is_found_by_romaji_and_a_single_certificate_is_chosen(practice: Practice) -> None:
    async with at_the_issue(practice) as person:
        number = await asyncio.to_thread(practice.received)
        await person.resumes(number, "S302")
        await person.types("henkou")
        await person.sees("pchenko03")
        assert not person.shows("koushin01")
        await person.presses("enter")
        await person.sees("選択中 有効(期限 2026年9月18日、更新は2026年8月19日から)")
        await person.presses("f12")
        await person.comes_to("S303")
        await person.sees("102 更新 できません: 有効な電子証明書があるため")
        assert person.shows("お客様へ: 「お手元の電子証明書は、まだお使いいただけます。更新のお手続")
        assert person.shows("有効な電子証明書があるため発行できません。更新は2026年8月19日から可能")
        await person.presses("f12")
        await person.sees("EC06 有効な電子証明書があるため発行できません。")


async def test_an_empty_result_says_why_and_what_to_do(practice: Practice) -> None:
    async with at_the_issue(practice, SMALL_WINDOW) as person:
        number = await asyncio.to_thread(practice.received)
        await person.resumes(number, "S302")
        assert person.shows("ユーザーID、氏名、カナ(ローマ字可)、団体名のいずれかを入力してください。")
        await person.types("dare")
        await person.sees("該当するユーザーが見つかりません。ユーザーIDは大文字と小文字を区別します。")
        await person.presses("f12")
        await person.sees("EC04 該当するユーザーが見つかりません。")
        assert person.stands_on == "S302"


@pytest.mark.rule("R-20", "R-26")
async def test_with_nothing_live_there_is_nothing_to_choose(practice: Practice) -> None:
    async with at_the_issue(practice) as person:
        number = await asyncio.to_thread(practice.received)
        await person.resumes(number, "S302")
        await person.types("kigen006")
        await person.presses("enter")
        await person.sees("IC03 有効な電子証明書はありません。そのまま「次へ」を押してください。")
        assert not person.shows("有効期限切れ(2026年2月20日) -")
        await person.presses("f4")
        await person.sees("発行日 2025年2月20日")
        await person.presses("f12")
        await person.comes_to("S303")
        assert person.shows("103 再発行 できます")


@pytest.mark.rule("R-22", "R-23", "E-72")
async def test_of_two_certificates_one_must_be_chosen(practice: Practice) -> None:
    with practice.database.reading() as session:
        user = users.by_user_id(session, "koushin01", None)
    assert user is not None
    a_certificate(practice.database, user, slot=1, issued_at=practice.clock.now() - timedelta(days=1))
    async with at_the_issue(practice) as person:
        number = await asyncio.to_thread(practice.received)
        await person.resumes(number, "S302")
        await person.types("koushin01")
        await person.presses("enter")
        await person.has_focus("certificates")
        await person.presses("f12")
        await person.sees("EC02 電子証明書が選択されていません。対象を選択してから「次へ」を押してください。")
        await person.presses("down", "enter")
        await person.sees("選択中")
        await person.presses("f12")
        await person.comes_to("S303")


async def test_from_a_card_user_and_transaction_are_there_already(practice: Practice) -> None:
    async with at_the_issue(practice) as person:
        await person.begins(practice.user_pk("shinki02"), Transaction.FIRST_ISSUE)
        await person.receives()
        await person.sees("新規 太郎 一般ユーザー")
        await person.has_focus("go")
        await person.presses("f12")
        await person.comes_to("S303")
        assert person.shows("101 新規発行 できます")
        await person.presses("f12")
        await person.comes_to("S303-2")
        await person.presses("f3")
        await person.comes_to("S303")
        await person.presses("f3")
        await person.comes_to("S302")
        assert person.shows("新規 太郎")


async def test_a_click_on_a_transaction_explains_it_and_goes_nowhere(practice: Practice) -> None:
    async with at_the_issue(practice) as person:
        number = await asyncio.to_thread(practice.received)
        await person.resumes(number, "S302")
        await person.chooses_user("koushin01")
        await person.sees("「次へ」を押して、媒体の準備へ進んでください。")
        await person.clicks("201 失効")
        await person.sees("この取引は、業務メニューから始めてください。")
        assert person.shows("(o) 201 失効")
        assert not person.shows("EC12")
        await person.clicks("102 更新")
        await person.sees("(o) 102 更新")
        assert person.stands_on == "S303"
        await person.clicks_button("次へ")
        await person.comes_to("S303-2")


@pytest.mark.rule("E-74", "R-31")
async def test_a_master_who_is_not_registered_is_sent_to_the_web(practice: Practice) -> None:
    async with at_the_issue(practice) as person:
        number = await asyncio.to_thread(practice.received)
        await person.resumes(number, "S302")
        await person.chooses_user("shoki008")
        assert person.shows(
            "マスターユーザーの初期登録が済んでいません。お客様に初期登録の操作をご案内してください。"
        )
        await person.presses("f12")
        await person.sees("EC07")


@pytest.mark.rule("I-19")
async def test_hostile_names_are_shown_and_do_nothing(practice: Practice) -> None:
    a_user(practice.database, user_id="akuma666", name=HOSTILE, kana="アクマ")
    async with at_the_issue(practice) as person:
        number = await asyncio.to_thread(practice.received)
        await person.resumes(number, "S302")
        await person.types("akuma")
        await person.sees("[@click=app")
        await person.presses("enter")
        await person.has_focus("go")
        assert person.shows("[@click=app.boom]更[/]新]52;c;aGk=花31m")
        await person.clicks("[@click=app.boom]更[/]")
        assert person.stands_on == "S302"
        await person.presses("f12")
        await person.comes_to("S303")


@pytest.mark.rule("E-88")
@pytest.mark.parametrize("window", [(120, 36), SMALL_WINDOW])
async def test_a_stick_is_looked_at_before_the_customer_types(
    practice: Practice, window: tuple[int, int]
) -> None:
    (practice.sticks / "stick-A" / "old.txt").write_text("holiday")
    (practice.sticks / "stick-B").rmdir()
    async with at_the_issue(practice, window) as person:
        number = await asyncio.to_thread(practice.received)
        await person.resumes(number, "S302")
        await person.chooses_user("koushin01")
        await person.chooses_transaction()
        await person.sees("stick-A")
        assert person.shows("(-) stick-A")
        assert person.shows("使用できません: ファイルが残っています")
        assert person.shows("空の媒体に交換してください。")
        assert person.shows("使用できる媒体がありません。")
        assert not person.shows("old.txt")
        await person.types("M9999")
        await person.presses("f12")
        await person.sees("EM15 媒体番号M9999は、この店の在庫にありません。")
        await person.has_focus("medium_no")
        await person.presses("f2")
        await person.types("M0001")
        await person.clicks("stick-A")
        await person.presses("f12")
        await person.sees("EM01 媒体にファイルが残っています。空の媒体に交換してください。")
        (practice.sticks / "stick-B").mkdir()
        await person.sees("(o) stick-B")
        await person.clicks("stick-A")
        assert person.shows("(-) stick-A")
        (practice.sticks / "stick-B").rmdir()
        await person.presses("f12")
        await person.sees("EM02 USB媒体を認識できません。")
        (practice.sticks / "stick-C").mkdir()
        await person.clicks("stick-C")
        await person.presses("f12")
        await person.comes_to("S304-1")


async def test_a_number_or_a_stick_that_was_left_open_is_asked_for(practice: Practice) -> None:
    async with at_the_issue(practice) as person:
        number = await asyncio.to_thread(practice.received)
        await person.resumes(number, "S302")
        await person.chooses_user("koushin01")
        await person.chooses_transaction()
        await person.sees("stick-B")
        await person.presses("f12")
        await person.sees("EA01 媒体番号を入力してください。")
        await person.types("M0001")
        await person.presses("f12")
        await person.sees("EA01 書き込む媒体を選択してください。")
        await person.has_focus("stick-list")
        await person.presses("down", "f12")
        await person.comes_to("S304-1")


async def test_a_terminal_without_its_ports_does_not_blame_the_stick(practice: Practice) -> None:
    delivering = replace(practice.services.delivering, media=NoMedia())
    without = replace(practice, services=replace(practice.services, delivering=delivering))
    async with at_the_issue(without) as person:
        number = await asyncio.to_thread(practice.received)
        await person.resumes(number, "S302")
        await person.chooses_user("koushin01")
        await person.chooses_transaction()
        await person.sees("この端末では媒体を使用できません。媒体の異常ではありません。")
        assert not person.shows("USB媒体が見つかりません。")
        await person.types("M0001")
        await person.presses("f12")
        await person.sees("【エラー】EM14 この端末では媒体を使用できません。")


async def test_no_stick_says_what_to_do(practice: Practice) -> None:
    for stick in practice.sticks.iterdir():
        stick.rmdir()
    async with at_the_issue(practice) as person:
        number = await asyncio.to_thread(practice.received)
        await person.resumes(number, "S302")
        await person.chooses_user("koushin01")
        await person.chooses_transaction()
        await person.sees("USB媒体が見つかりません。差し込んでください。")
        await person.types("M0001")
        await person.presses("f12")
        await person.sees("EM02 USB媒体を認識できません。")
        (practice.sticks / "stick-A").mkdir()
        await person.sees("stick-A")
        await person.presses("f12")
        await person.comes_to("S304-1")


@pytest.mark.rule("E-90")
async def test_a_user_whose_issue_is_open_elsewhere_is_refused(practice: Practice) -> None:
    async with at_the_issue(practice) as person:
        await asyncio.to_thread(practice.reception)
        number = await asyncio.to_thread(practice.received)
        await person.resumes(number, "S302")
        await person.chooses_user("koushin01")
        await person.sees("102 更新 できません: 同じユーザーの手続きが進行中")
        await person.presses("f12")
        await person.sees("ES04 同じユーザーの手続きが別の端末で行われています。(端末 01、受付番号 2026")
