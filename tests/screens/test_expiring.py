"""S710: three lists, the weeks, the way to the card, and the list as a file."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from tests.support.builders import a_certificate, a_notice, a_user, an_organization
from tests.support.clock import MONDAY_MORNING
from tests.support.drivers.counter import SMALL_WINDOW
from tests.support.drivers.desk import DeskDriver, at_the_desk
from tests.support.practice import Practice

YEAR = timedelta(days=365)


@pytest.fixture
async def desk(practice: Practice) -> AsyncIterator[DeskDriver]:
    """`op001` in front of the menu."""
    async with at_the_desk(practice) as driver:
        yield driver


@pytest.mark.rule("R-03", "R-04")
@pytest.mark.parametrize("window", [(120, 36), SMALL_WINDOW])
async def test_the_renewal_window_stands_first(practice: Practice, window: tuple[int, int]) -> None:
    async with at_the_desk(practice, window=window) as desk:
        await desk.starts("402", "S710")
        await desk.sees("さくら製作所労働組合")
        await desk.sees("koushin01 更新 花子")
        await desk.sees("あと20日")
        await desk.sees("2026年3月22日までに「102 更新」をご案内してください。")
        await desk.sees("3月16日～")
        await desk.sees("期限切れ・未更新 1件")


async def test_a_line_leads_to_the_card_and_back(desk: DeskDriver) -> None:
    await desk.starts("402", "S710")
    await desk.sees("koushin01")
    await desk.has_focus("expiring")
    await desk.presses("enter")
    await desk.comes_to("S210")
    await desk.presses("f3")
    await desk.comes_to("S710")
    await desk.clicks("koushin01")
    await desk.comes_to("S210")


@pytest.mark.rule("R-06", "R-08")
async def test_the_expired_are_another_list(desk: DeskDriver) -> None:
    await desk.starts("402", "S710")
    await desk.sees("koushin01")
    await desk.presses("shift+tab")
    await desk.has_focus("listed")
    await desk.presses("right", "space")
    await desk.sees("kigen006")
    await desk.sees("10日経過")
    await desk.sees("期限が切れています。「103 再発行」をご案内してください。")
    await desk.no_longer_sees("koushin01")


@pytest.mark.rule("R-63")
async def test_mail_that_comes_back_is_told_with_what_to_do(practice: Practice) -> None:
    user = a_user(practice.database, name="不達 太郎", email="taro@example.jp", branch_pk=1)
    certificate = a_certificate(practice.database, user, issued_at=MONDAY_MORNING - YEAR)
    a_notice(practice.database, user, kind="expiring", certificate_pk=certificate.pk, state="bounced")
    async with at_the_desk(practice) as desk:
        await desk.starts("402", "S710")
        await desk.clicks("( ) メール不達")
        await desk.sees("不達 太郎")
        await desk.sees("お知らせのメールがt****@e******.jpに届きませんでした。")
        await desk.sees("メールアドレスの変更届をご案内してください。(この端末では変更できません)")
        assert not desk.shows("taro@example.jp")


async def test_an_empty_list_says_why(desk: DeskDriver) -> None:
    await desk.starts("402", "S710")
    await desk.clicks("( ) メール不達")
    await desk.sees("メールが届かないお客様はいません。")
    await desk.presses("f12")
    await desk.sees("WC01 一覧にユーザーがいません。")


async def test_one_organization_is_chosen_from_those_on_the_list(practice: Practice) -> None:
    other = an_organization(practice.database, "K000001", name="隣の労働組合", branch_pk=1)
    user = a_user(practice.database, organization_pk=other.pk, branch_pk=1)
    a_certificate(practice.database, user, issued_at=MONDAY_MORNING - YEAR)
    async with at_the_desk(practice) as desk:
        await desk.starts("402", "S710")
        await desk.sees("koushin01")
        await desk.presses("f4")
        await desk.comes_to("Organizations")
        await desk.sees("すべての団体 2件")
        await desk.clicks("K000001")
        await desk.comes_to("S710")
        await desk.no_longer_sees("koushin01")
        await desk.sees("団体: K000001 隣の労働組合")
        await desk.clicks("団体で絞り込む ]")
        await desk.comes_to("Organizations")
        await desk.presses("home", "enter")
        await desk.sees("koushin01")


async def test_the_list_is_saved_and_the_screen_says_where(desk: DeskDriver) -> None:
    await desk.starts("402", "S710")
    await desk.sees("koushin01")
    await desk.presses("f9")
    await desk.sees("【完了】IS02 1件をCSVで保存しました。保存先")
    folder = desk.practice.services.settings.paths.data / "exports"
    (file,) = folder.iterdir()
    assert desk.shows(str(file))
    heading, line = file.read_text(encoding="utf-8-sig").splitlines()
    assert heading.startswith('"団体コード","団体","ユーザーID","氏名"')
    assert line.startswith('"1234567","さくら製作所労働組合","koushin01","更新 花子"')
    assert desk.journal_tags[-2] == "user:list:exported"


async def test_a_list_of_nobody_makes_no_file(desk: DeskDriver) -> None:
    await desk.starts("402", "S710")
    await desk.sees("koushin01")
    await desk.clicks(") メール不達")
    await desk.no_longer_sees("koushin01")
    await desk.presses("f9")
    await desk.sees("WC01 一覧にユーザーがいません。")
    assert not (desk.practice.services.settings.paths.data / "exports").exists()


async def test_the_board_leads_there_by_key_and_by_mouse(desk: DeskDriver) -> None:
    await desk.sees("期限が近い電子証明書")
    await desk.clicks("期限が近い電子証明書")
    await desk.comes_to("S710")
    await desk.presses("escape")
    await desk.comes_to("S100")
    await desk.presses("shift+tab")
    await desk.has_focus("board")
    await desk.presses("enter")
    await desk.comes_to("S710")


@pytest.mark.timeout(300)
async def test_a_thousand_lines_are_fetched_as_they_are_reached(practice: Practice) -> None:
    for _ in range(520):
        a_certificate(
            practice.database, a_user(practice.database, branch_pk=1), issued_at=MONDAY_MORNING - YEAR
        )
    async with at_the_desk(practice) as desk:
        await desk.starts("402", "S710")
        await desk.sees("30日以内 521件")
        assert not desk.shows("koushin01")
        for _page in range(40):  # each time as far as has been read by then
            if desk.shows("koushin01"):
                break
            await desk.presses("end")
            await desk.waits(0.2)
        await desk.sees("koushin01")


async def test_it_speaks_english_too(desk: DeskDriver) -> None:
    await desk.starts("402", "S710")
    await desk.sees("koushin01")
    await desk.presses("ctrl+l")
    await desk.no_longer_sees("期限到来一覧")
    await desk.sees("koushin01")
    await desk.sees("Days left")
