"""The small widgets of the frame, one by one."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from textual.app import ComposeResult

from kiosk.rules.certificates import CertificateState
from kiosk.rules.lockout import LockStanding
from kiosk.rules.users import UserRole
from kiosk.rules.validity import CertificateStanding
from kiosk.services.views import CertificateView, LockView, UserCard, WeekCount
from screens.base import KioskScreen
from screens.widgets.customer_card import card_lines
from screens.widgets.expiry_chart import ExpiryChart
from screens.widgets.field import LIMIT, Field
from tests.support.clock import MONDAY_MORNING
from tests.support.drivers.counter import SMALL_WINDOW, at_the_counter
from tests.support.shell import Plain, a_kiosk

HOSTILE = [
    "[@click=app.quit]押す[/]",
    "A[/red]B",
    "[/",
    "\x1b]52;c;QUJD\x07\x1b[31m赤\x9b31m",
    "\u202egnp.exe\u2066",
    "名\x00\x08\x7f前",
    "half \ud800 surrogate",
    "長" * 10_000,
]


def a_certificate(standing: CertificateStanding) -> CertificateView:
    return CertificateView(
        serial="0A",
        state=CertificateState.ACTIVE,
        standing=standing,
        issue_date=date(2025, 12, 4),
        last_valid_date=date(2026, 12, 3),
        renewable_from=date(2026, 11, 3),
        pc_alias="",
        delivery=None,
        revoked_at=datetime(2026, 5, 1, 16, tzinfo=UTC) if standing is CertificateStanding.REVOKED else None,
        revocation_reason=None,
    )


def a_card(**other: Any) -> UserCard:
    facts: dict[str, Any] = {
        "user_pk": 1,
        "user_id": "tanaka01",
        "name": "田中 太郎",
        "kana": "タナカ タロウ",
        "role": UserRole.MASTER,
        "organization_name": "○○労働組合",
        "organization_code": "1234567",
        "branch_name": "本店",
        "masked_email": "t****@e******.jp",
        "lock": LockView(standing=LockStanding.ACTIVE, until=None, tries_left=6, lock_count=0),
        "certificates": (),
        "next_actions": (),
    }
    return UserCard(**(facts | other))


async def test_the_card_tells_who_and_how_things_stand() -> None:
    screen = Plain()
    async with at_the_counter(a_kiosk(lambda: screen)) as person:
        screen.show_card(
            a_card(
                certificates=(a_certificate(CertificateStanding.RENEWABLE),),
                lock=LockView(standing=LockStanding.LOCKED, until=MONDAY_MORNING, tries_left=0, lock_count=1),
            ),
            lambda: ("届出印を照合し、本人確認書類を確かめてください。",),
        )
        await person.sees("○○労働組合")
        assert person.shows("田中 太郎 マスターユーザー")
        assert person.shows("状態 ロック中(10時00分に解除)")
        assert person.shows("電子証明書 更新できます(期限")
        assert person.shows("事務の注意")
        await person.presses("ctrl+l")
        await person.sees("Master user")


@pytest.mark.parametrize(
    ("standing", "text"),
    [
        (CertificateStanding.VALID, "有効(期限 2026年12月3日、更新は2026年11月3日から)"),
        (CertificateStanding.RENEWABLE, "更新できます(期限 2026年12月3日)"),
        (CertificateStanding.EXPIRED, "有効期限切れ(2026年12月3日)"),
        (CertificateStanding.REVOKED, "失効済(2026年5月2日)"),
    ],
)
async def test_every_standing_of_a_certificate_has_its_words(
    standing: CertificateStanding, text: str
) -> None:
    screen = Plain()
    async with at_the_counter(a_kiosk(lambda: screen), SMALL_WINDOW) as person:
        screen.show_card(a_card(certificates=(a_certificate(standing),)))
        await person.sees(f"状態 利用中  電子証明書 {text}")


def test_the_card_names_three_certificates_and_counts_the_rest() -> None:
    lines = card_lines(a_card(certificates=(a_certificate(CertificateStanding.VALID),) * 5))
    assert len([line for line in lines if line.startswith("電子証明書")]) == 3
    assert lines[-1] == "ほか2件"


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize("window", [(120, 36), SMALL_WINDOW])
@pytest.mark.rule("I-19")
async def test_a_hostile_text_from_the_registry_is_only_text(text: str, window: tuple[int, int]) -> None:
    screen = Plain()
    async with at_the_counter(a_kiosk(lambda: screen), window) as person:
        screen.show_card(a_card(name=text, organization_name=text, user_id=text), lambda: (text,))
        await person.clicks("お客様")
        glass = "".join(person.glass)
        assert not any(ord(c) < 32 or 0x7F <= ord(c) < 0xA0 or c in "\u202e\u2066\ud800" for c in glass)
        assert person.stands_on == "S999"


class Chart(KioskScreen[None]):
    """The chart of the menu, alone."""

    def __init__(self, *counts: int) -> None:
        super().__init__()
        self.weeks = [
            WeekCount(first_day=date(2026, 11, 2 + 7 * n), count=count) for n, count in enumerate(counts)
        ]

    def compose_task(self) -> ComposeResult:
        yield ExpiryChart(self.weeks)


async def test_the_chart_draws_bars_without_characters_and_tells_the_numbers() -> None:
    async with at_the_counter(a_kiosk(lambda: Chart(10, 0, 5)), SMALL_WINDOW) as person:
        lines = [line for line in person.glass if "～" in line]
        assert [line.split() for line in lines] == [
            ["11月2日～", "10件"],
            ["11月9日～", "0件"],
            ["11月16日～", "5件"],
        ]
        ends = [line.index("件") for line in lines]
        assert ends[0] > ends[2] > ends[1]


async def test_an_empty_chart_says_so() -> None:
    async with at_the_counter(a_kiosk(Chart)) as person:
        await person.sees("期限が近い電子証明書はありません。")


async def test_a_field_takes_one_bounded_line_of_a_paste_and_nothing_unshowable() -> None:
    from textual import events

    async with at_the_counter(a_kiosk(Plain)) as person:
        person.app.post_message(events.Paste("tana\x1b[31mka\u202e01\n二行目"))
        field = person.app.screen.query_one("#user_id", Field)
        await person.until(lambda: field.value == "tana[31mka01")
        person.app.post_message(events.Paste("x" * 5000))
        await person.until(lambda: field.value.endswith("x"))
        assert len(field.value) <= LIMIT


async def test_a_paste_that_begins_with_line_ends_is_not_lost() -> None:
    from textual import events

    async with at_the_counter(a_kiosk(Plain)) as person:
        field = person.app.screen.query_one("#user_id", Field)
        person.app.post_message(events.Paste("\r\n  \nkoushin01\n"))
        await person.until(lambda: field.value == "koushin01")


async def test_the_terminals_cursor_stands_where_an_input_method_needs_it() -> None:
    async with at_the_counter(a_kiosk(Plain)) as person:
        field = person.app.screen.query_one("#user_id", Field)
        before = person.app.cursor_position
        await person.types("ab")
        await person.until(lambda: before != person.app.cursor_position == field.cursor_screen_offset)
        await person.presses("enter", *"Aa1#")

        def stars_before_the_cursor() -> int:
            x, y = person.app.cursor_position
            return person.glass[y][:x].count("*")

        await person.until(lambda: stars_before_the_cursor() == 4)
