"""The board beside the menu: what needs a person, what waits, what expires."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.message import Message
from textual.widgets import Static

from kiosk.rules.operations import Transaction
from kiosk.rules.texts import displayable
from kiosk.translations.catalog import N_, _
from screens.dates import moment_text, short_day_text, time_text
from screens.hardening import Enduring
from screens.menu_entries import APPROVALS
from screens.messages import joined
from screens.widgets.expiry_chart import ExpiryChart
from screens.widgets.prose import Prose
from screens.widgets.text import pad, plain
from screens.wording.checks import CHECKS
from screens.words import word

if TYPE_CHECKING:
    from kiosk.services.counter.recovering import RecoveryReport
    from kiosk.services.views import Board, CheckResult

LABEL = 18
"""Cells of the names in front of the numbers."""
NAMED_AT_MOST = 3
"""Reception numbers that are written out; the list of unfinished transactions has them all."""


@dataclass(frozen=True, kw_only=True)
class Today:
    """Everything the board tells."""

    at: datetime | None = None
    """When the registry was asked; None before the first answer."""
    board: "Board | None" = None
    """None while the registry cannot be asked."""
    checks: "tuple[CheckResult, ...]" = ()
    recovered: "RecoveryReport | None" = None
    """What start-up settled of an earlier run."""
    notice: str = ""
    """Of the settings, such as planned maintenance (R-30)."""
    contact: str = ""
    offered: frozenset[str] = frozenset()
    """What the menu of whoever reads it offers; the board sends nobody anywhere else."""


class DayBoard(Enduring, VerticalScroll, can_focus=True):
    """Read from top to bottom; what needs a person stands first and says so in words.

    Enter, or a click on the chart, asks for the list behind it.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "list_ends", show=False)]

    class EndsWanted(Message):
        """Somebody wants to see whose certificates end."""

    def __init__(self, today: Today, *, id: str | None = None) -> None:  # noqa: A002  # Textual's word
        super().__init__(id=id)
        self._today = today

    @property
    def help_text(self) -> str:
        """What F1 says."""
        return _(
            "今日の状況です。上下の矢印キーで続きを表示し、F5で読み直します。"
            "Enterを押すと「402 期限到来一覧」を開きます。"
        )

    def compose(self) -> ComposeResult:
        """Notice, what needs a person or that nothing does, numbers, chart."""
        yield Static(plain(""), id="board-title", classes="panel-title")
        yield Prose(id="board-notice", classes="-check")
        yield Prose(id="board-alerts", classes="-error")
        yield Prose(id="board-doubts", classes="-check")
        yield Prose(id="board-calm")
        yield Static(plain(""), id="board-numbers")
        yield Static(
            plain(_("期限が近い電子証明書(30日以内)")), id="board-chart-title", classes="panel-title"
        )
        yield ExpiryChart(id="board-chart")

    def on_mount(self) -> None:
        """What is known already."""
        self._fill()

    def action_list_ends(self) -> None:
        """Enter."""
        self.post_message(self.EndsWanted())

    def on_click(self, event: events.Click) -> None:
        """The chart, or its title, leads to its list."""
        parts = [self.query_one(part) for part in ("#board-chart-title", "#board-chart")]
        if any(part.display and part.region.contains(*event.screen_offset) for part in parts):
            self.action_list_ends()

    def show(self, today: Today) -> None:
        """Other numbers; nothing moves but what changed."""
        self._today = today
        if self.is_mounted:
            self._fill()

    def _fill(self) -> None:
        today, board = self._today, self._today.board
        self.query_one("#board-title", Static).update(plain(title(today)))
        notice = displayable(today.notice)
        self._say("#board-notice", _("【お知らせ】{notice}").format(notice=notice) if notice else "")
        self._say("#board-alerts", "\n".join(alerts(today)))
        self._say("#board-doubts", "\n".join(doubts(today)))
        self._say("#board-calm", calm(today))
        self.query_one("#board-numbers", Static).update(plain("\n".join(numbers(board)) if board else ""))
        for part in ("#board-chart-title", "#board-chart"):
            self.query_one(part).display = board is not None
        if board is not None:
            weeks = board.expiring_by_week
            self.query_one(ExpiryChart).show(weeks if any(week.count for week in weeks) else ())

    def _say(self, part: str, text: str) -> None:
        """No room for nothing."""
        prose = self.query_one(part, Prose)
        prose.say(text)
        prose.display = bool(text)


CRL_TROUBLE: Mapping[str, str] = {
    "waiting": N_(
        "【要確認】失効リストを公開できていません。失効した電子証明書がまだ使える場合があります。{contact}へ連絡してください。"
    ),
    "not_announced": N_(
        "【要確認】失効リストは公開済みですが、Webシステムに伝わっていない場合があります。{contact}へ連絡してください。"
    ),
    "ends_soon": N_(
        "【要確認】失効リストの期限まで3日を切りました。切れるとどなたもログインできません。{contact}へ連絡してください。"
    ),
}
"""What is said about the revocation list, and whom to call."""


def title(today: Today) -> str:
    """How old the numbers are."""
    if today.at is None:
        return _("今日の状況(読み込んでいます)")
    if today.board is None:
        return _("今日の状況(読み込めませんでした)")
    return _("今日の状況({time}現在)").format(time=time_text(today.at))


def alerts(today: Today) -> list[str]:
    """What stands in the way of work, each with what to do."""
    found = []
    failed = [_(CHECKS[check.name]) for check in today.checks if check.closes_issuing and not check.ok]
    if failed:
        found.append(
            joined(
                _("【要確認】発行は停止中です。({checks})").format(checks=_("、").join(failed)),
                _(
                    "照会や交付などは行えます。F5でもう一度診断し、直らなければ{contact}へ連絡してください。"
                ).format(contact=today.contact),
            )
        )
    if today.board is not None and today.board.undelivered:
        found.append(
            joined(
                _("【要確認】WM14 発行済・未交付の電子証明書が{count}件あります。").format(
                    count=today.board.undelivered
                ),
                _("「801 未完了取引」で交付または失効の処理をしてください。"),
            )
        )
    if today.board is not None and today.board.follow_ups_overdue:
        found.append(
            joined(
                _(
                    "【要確認】WR08 電話による緊急失効{count}件が、承認または依頼書の期限を過ぎています。({due})"
                ).format(count=today.board.follow_ups_overdue, due=due_text(today.board)),
                _("「802 緊急失効の後続」で処理してください。"),
            )
        )
    return found


def doubts(today: Today) -> list[str]:
    """What somebody should know or look after."""
    found = [] if today.recovered is None else settled(as_it_is_now(today.recovered, today.board))
    found += [
        joined(
            _("【要確認】{check}に注意が必要です。").format(check=word(CHECKS, check.name)),
            _("F5で確かめ、変わらなければ{contact}へ連絡してください。").format(contact=today.contact),
        )
        for check in today.checks
        if not check.ok and not check.closes_issuing
    ]
    if today.board is not None and today.board.approvals_waiting:
        asked = _("【要確認】役席の承認を待っている依頼が{count}件あります。(「601 役席承認」)")
        if APPROVALS not in today.offered:
            asked = _(
                "【要確認】役席の承認を待っている依頼が{count}件あります。役席者に「601 役席承認」を頼んでください。"
            )
        found.append(asked.format(count=today.board.approvals_waiting))
    on_time = 0 if today.board is None else today.board.follow_ups - today.board.follow_ups_overdue
    if today.board is not None and on_time > 0:
        found.append(
            _(
                "【要確認】電話による緊急失効{count}件が、承認または依頼書を待っています。"
                "({due} 「802 緊急失効の後続」)"
            ).format(count=on_time, due=due_text(today.board))
        )
    if today.board is not None and today.board.crl_trouble is not None:
        found.append(_(CRL_TROUBLE[today.board.crl_trouble]).format(contact=today.contact))
    if today.board is not None and today.board.unreachable:
        found.append(
            _(
                "【要確認】メールが届かないお客様が{count}人います。"
                "「402 期限到来一覧」のF8で確認し、変更届をご案内してください。"
            ).format(count=today.board.unreachable)
        )
    if today.board is not None and today.board.mails_failed:
        found.append(
            _("【要確認】届かなかったメールが{count}件あります。お客様の連絡先を確認してください。").format(
                count=today.board.mails_failed
            )
        )
    if today.board is not None and not today.board.media_in_stock:
        found.append(_("【要確認】媒体の在庫がありません。発行の前に補充してください。"))
    return found


def due_text(board: "Board") -> str:
    """Until when the first approval and the first paper after a revocation by phone are wanted."""
    found = []
    if board.approval_due is not None:
        found.append(_("承認は{moment}まで").format(moment=moment_text(board.approval_due)))
    if board.paper_due is not None:
        found.append(_("依頼書は{day}まで").format(day=short_day_text(board.paper_due)))
    return _("、").join(found)


def calm(today: Today) -> str:
    """Where nothing needs a person: what can be gone on with, or how the next customer is received."""
    if today.board is None or alerts(today) or doubts(today):
        return ""
    if today.board.unfinished and Transaction.UNFINISHED in today.offered:
        return _("途中の取引が{count}件あります。「801 未完了取引」から続けられます。").format(
            count=today.board.unfinished
        )
    lines = [_("いま対応が必要なものはありません。")]
    if Transaction.FIRST_ISSUE in today.offered:
        lines.append(_("お客様がいらしたら、取引番号を入力してください。"))
    return "\n".join(lines)


def as_it_is_now(report: "RecoveryReport", board: "Board | None") -> "RecoveryReport":
    """What waited at start-up may have been handed over since."""
    return report if board is None or board.undelivered else replace(report, waiting=())


def settled(report: "RecoveryReport") -> list[str]:
    """What became of the transactions that the last run left behind."""
    return [
        sentence.format(numbers=numbers_of(found))
        for found, sentence in (
            (report.voided, _("起動時に取消(未発行): {numbers} もう一度受付からやり直してください。")),
            (report.revoked, _("起動時に失効(未交付): {numbers} 再発行をご案内してください。")),
            (report.waiting, _("交付待ち: {numbers} 「801 未完了取引」で交付してください。")),
        )
        if found
    ]


def numbers_of(found: tuple[str, ...]) -> str:
    """Reception numbers, the first of them written out."""
    text = _("、").join(found[:NAMED_AT_MOST])
    more = len(found) - NAMED_AT_MOST
    return text if more <= 0 else text + _(" ほか{more}件").format(more=more)


def numbers(board: "Board") -> list[str]:
    """Name and number, line by line."""
    lines = [
        (_("未完了の取引"), _("{count}件").format(count=board.unfinished)),
        (_("発行済・未交付"), _("{count}件").format(count=board.undelivered)),
        (_("承認待ち"), _("{count}件").format(count=board.approvals_waiting)),
        (_("送信待ちのメール"), mails_text(board)),
        (_("失効リスト"), crl_text(board)),
        (_("媒体の在庫"), _("{count}本").format(count=board.media_in_stock)),
    ]
    return [pad(name, LABEL) + value for name, value in lines]


def mails_text(board: "Board") -> str:
    """How many letters wait, and since when the oldest."""
    count = _("{count}件").format(count=board.mails_queued)
    if board.mails_oldest is None:
        return count
    return _("{count}(最も古いもの {moment})").format(count=count, moment=moment_text(board.mails_oldest))


def crl_text(board: "Board") -> str:
    """Which list is published, and since when."""
    if board.crl_number is None or board.crl_age_hours is None:
        return _("まだ公開していません")
    hours = int(board.crl_age_hours)
    age = _("{hours}時間前").format(hours=hours) if hours else _("1時間以内")
    return _("第{number}号({age}に公開)").format(number=board.crl_number, age=age)
