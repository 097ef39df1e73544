"""S308, step 8: on the stick and read back; or not, and then another stick, or the certificate is given up."""

from functools import partial
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widgets import Button, Static

from kiosk.errors import MediaError, ReadBackDiffers
from kiosk.rules.texts import displayable
from kiosk.services.views import Delivered, Ready
from kiosk.translations.catalog import N_, _
from screens.base import counter_action
from screens.dates import day_text
from screens.dialogs.confirm import Confirm, Question
from screens.issuing.draft import IssueDraft
from screens.issuing.rows import facts, row
from screens.issuing.step import IssueStep, Way
from screens.issuing.sticks import StickList
from screens.issuing.words import simulated_text
from screens.messages import CounterMessage, Severity, check, done
from screens.problems import explain
from screens.widgets.field import Field
from screens.widgets.press import Press
from screens.widgets.text import plain


class Issued(IssueStep):
    """The p12 is on the stick: take it out, hand it over."""

    SCREEN_ID = "S308"
    SCREEN_NAME = N_("電子証明書発行結果")
    STEP = 8
    AUTO_FOCUS: ClassVar[str] = "#go"

    def __init__(self, draft: IssueDraft, delivered: Delivered) -> None:
        super().__init__(draft)
        self.open_saying(_on_the_stick)
        self._delivered = delivered

    def compose_task(self) -> ComposeResult:
        """What was written where."""
        delivered = self._delivered
        yield Static(plain(_("発行結果を確認してください。")), classes="prompt")
        yield from facts(
            [
                (_("結果"), _("書込みと読取り確認が完了しました")),
                (_("ユーザーID"), displayable(self.draft.card.user_id if self.draft.card else "")),
                (_("シリアル番号"), delivered.serial),
                (
                    _("有効期限"),
                    "" if self.draft.ready is None else day_text(self.draft.ready.last_valid_date),
                ),
                (_("ファイル名"), displayable(delivered.file_name)),
                (_("媒体番号"), delivered.medium_no or "-"),
                *([(_("媒体"), simulated_text())] if delivered.simulated else []),
            ]
        )
        with Horizontal(classes="buttons"):
            yield Press(_("交付へ"), id="go", primary=True)

    @on(Button.Pressed, "#go")
    def action_go(self) -> None:
        """F12: on to the hand-over."""
        self.answer(Way.ON)

    @counter_action
    async def action_leave(self) -> None:
        """Esc: the medium is not handed over yet (R-81)."""
        self.tell(not_handed_over)


class NotOnStick(IssueStep):
    """The certificate exists and is on no stick: the same p12 goes to another one (E-84)."""

    SCREEN_ID = "S308"
    SCREEN_NAME = N_("電子証明書発行結果")
    STEP = 8
    SHOWS_CARD = False
    AUTO_FOCUS: ClassVar[str] = "#stick-list"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("f12", "go", N_("再書込み"))]

    def __init__(self, draft: IssueDraft, ready: Ready, failure: MediaError) -> None:
        super().__init__(draft)
        self.open_saying(partial(_not_written, failure))
        self._ready = ready

    def compose_task(self) -> ComposeResult:
        """What exists, the medium, the sticks, the two ways out."""
        card = self.draft.card
        yield Static(
            plain(_("電子証明書は発行済です。同じ電子証明書を、別の媒体に書き込めます。")), classes="prompt"
        )
        yield from facts(
            [
                (_("ユーザーID"), displayable(card.user_id if card else "")),
                (_("シリアル番号"), self._ready.serial),
                (_("ファイル名"), displayable(self._ready.file_name)),
            ]
        )
        if self.app.services.settings.media.numbered:
            yield row(
                _("媒体番号"),
                Field(
                    self.draft.at_hand.medium_no or "",
                    id="medium_no",
                    limit=20,
                    help=_("別の媒体を使うときは、その番号に直します。"),
                ),
            )
        yield Static(plain(_("差し込まれている媒体")), classes="panel-title")
        yield StickList()
        with Horizontal(classes="buttons"):
            yield Press(_("再書込み"), id="go", primary=True)
            yield Press(_("失効して終了"), id="abandon")

    @on(Button.Pressed, "#go")
    @counter_action
    async def action_go(self) -> None:
        """F12: once more, onto this stick."""
        services, actor = self.app.services, self.app.actor
        numbers = [field.value.strip() for field in self.query("#medium_no").results(Field)]
        case = self.draft.at_hand
        if numbers and numbers[0] != case.medium_no:
            self.draft.case = await self.perform(
                services.casework.set_medium, actor, case.reception_no, numbers[0], ""
            )
        stick = self.query_one(StickList).chosen
        await self.perform(services.delivering.check_stick, actor, case.reception_no, stick)
        self.draft.stick = stick
        self.answer(Way.ON)

    @on(Button.Pressed, "#abandon")
    @counter_action
    async def abandon(self) -> None:
        """Give up: the certificate is revoked at once; nobody holds its key (DOMAIN decision 1)."""
        if await self.app.push_screen_wait(Confirm(self._giving_up)):
            await self.perform(self.app.services.issuing.abandon, self.app.actor, self._ready)
            self.draft.ready = None
            self.answer(Way.OUT)

    def _giving_up(self) -> Question:
        card = self.draft.card
        return Question(
            title=_("この電子証明書を失効して終了します。"),
            facts=(
                (_("ユーザーID"), displayable(card.user_id if card else "")),
                (_("氏名"), displayable(card.name if card else "")),
                (_("シリアル番号"), self._ready.serial),
            ),
            consequence=_("失効すると元に戻せません。お客様の電子証明書は、改めて発行の手続きが必要です。"),
            yes=_("失効する"),
        )

    @counter_action
    async def action_leave(self) -> None:
        """Esc: a certificate exists, so there is no way out but these two."""
        self.tell(_exists)


def _on_the_stick() -> CounterMessage:
    return done(
        "IM10",
        _("発行しました。媒体への書込みと読取り確認が完了しました。"),
        _("媒体を取り外し、お客様へ交付してください。この画面は、交付の確認が終わるまで閉じないでください。"),
    )


def _not_written(failure: MediaError) -> CounterMessage:
    if isinstance(failure, ReadBackDiffers):
        return explain(failure)
    return CounterMessage(
        severity=Severity.ERROR,
        code="EM11",
        happened=_("発行は完了しましたが、媒体へ書き込めませんでした。({cause})").format(
            cause=explain(failure).happened
        ),
        to_do=_(
            "別の媒体に交換し「再書込み」を押してください。再書込みできない場合は「失効して終了」を選んでください。"
        ),
    )


def not_handed_over() -> CounterMessage:
    """EM13 (DOMAIN 5.5)."""
    return check(
        "EM13",
        _("まだ交付の確認が終わっていません。"),
        _("媒体をお渡しし、確認項目に印を付けてから終了してください。"),
    )


def _exists() -> CounterMessage:
    return check(
        "EM16",
        _("電子証明書は発行済です。この画面からは中断できません。"),
        _("「再書込み」または「失効して終了」を選んでください。"),
    )
