"""S211, S711 and the board: what became of letters, and whom none reaches."""

from datetime import timedelta

import pytest

from tests.support.builders import a_notice, a_user
from tests.support.clock import MONDAY_MORNING
from tests.support.drivers.counter import SMALL_WINDOW
from tests.support.drivers.desk import at_the_desk
from tests.support.practice import Practice


def unreachable(practice: Practice) -> None:
    """A user whose letter came back."""
    user = a_user(
        practice.database, user_id="futatsu01", name="不達 太郎", email="taro@example.jp", branch_pk=1
    )
    a_notice(
        practice.database,
        user,
        kind="issued",
        state="sent",
        created_at=MONDAY_MORNING - timedelta(days=3),
        sent_at=MONDAY_MORNING - timedelta(days=3),
        sent_to="t****@e******.jp",
        answer="250 2.0.0 Ok: queued as 4F2",
    )
    a_notice(
        practice.database,
        user,
        kind="locked",
        state="bounced",
        sent_to="t****@e******.jp",
        answer="550 5.1.1 User unknown",
        tries=1,
    )


@pytest.mark.rule("R-63", "E-93")
@pytest.mark.parametrize("window", [(120, 36), SMALL_WINDOW])
async def test_whoever_got_no_mail_is_told_where_it_went(practice: Practice, window: tuple[int, int]) -> None:
    async with at_the_desk(practice, window=window) as desk:
        await desk.opens_card("rokku007")
        await desk.presses("f8")
        await desk.comes_to("S211")
        await desk.sees("登録されている宛先はr****@k******.invalidです。")
        await desk.sees("アドレスの変更は、この端末ではできま")
        await desk.sees("届の手続きをご案内してください。")
        await desk.sees("ロックのお知らせ")
        await desk.sees("送信済")
        assert "mail:letters:inquired" in desk.journal_tags
        await desk.presses("f3")
        await desk.comes_to("S210")


async def test_the_servers_answer_is_shown_and_the_address_is_masked(practice: Practice) -> None:
    unreachable(practice)
    async with at_the_desk(practice) as desk:
        await desk.opens_card("futatsu01")
        await desk.clicks("F8")
        await desk.comes_to("S211")
        await desk.sees("サーバーの応答 550 5.1.1 User unknown")
        await desk.sees("ロックのお知らせ  不達  宛先 t****@e******.jp")
        await desk.presses("down")
        await desk.sees("250 2.0.0 Ok: queued as 4F2")
        assert not desk.shows("taro@example.jp")


@pytest.mark.rule("R-63")
async def test_the_board_counts_whom_no_mail_reaches_and_leads_to_them(practice: Practice) -> None:
    unreachable(practice)
    async with at_the_desk(practice) as desk:
        await desk.sees("【要確認】メールが届かないお客様が1人います。")
        await desk.starts("402", "S710")
        await desk.presses("f8")
        await desk.comes_to("S711")
        await desk.sees("futatsu01 不達 太郎")
        await desk.sees("550 5.1.1 User unknown")
        await desk.presses("enter")
        await desk.comes_to("S210")


async def test_the_board_says_since_when_the_oldest_letter_waits(practice: Practice) -> None:
    user = a_user(practice.database, branch_pk=1)
    a_notice(practice.database, user, created_at=MONDAY_MORNING - timedelta(minutes=12))
    async with at_the_desk(practice) as desk:
        await desk.sees("送信待ちのメール  1件(最も古いもの 2026年3月2日 9時48分)")


async def test_nobody_unreachable_is_said_so(practice: Practice) -> None:
    async with at_the_desk(practice) as desk:
        await desk.starts("402", "S710")
        await desk.presses("f8")
        await desk.comes_to("S711")
        await desk.sees("メールが届かないお客様はいません。")


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("550 5.1.1 User unknown", "550 5.1.1 User unknown"),
        ("timed out", "メールサーバーが時間内に応答しませんでした"),
        ("TLS: certificate verify failed", "メールサーバーの証明書を確認できませんでした"),
        ("ConnectionRefusedError", "メールサーバーに接続できませんでした"),
        (None, "-"),
    ],
)
def test_only_the_servers_own_words_are_shown_as_they_are(answer: str | None, words: str) -> None:
    from screens.wording.letters import answer_text

    assert answer_text(answer) == words
