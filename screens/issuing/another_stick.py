"""S308 when the p12 is on no stick: the same certificate goes to another one, or is given up (E-84)."""

from collections.abc import Mapping
from copy import copy
from dataclasses import replace
from functools import partial
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widgets import Button, Static

from kiosk.errors import (
    AccountChanged,
    Aftermath,
    BundleUnusable,
    JournalNotWritable,
    KioskError,
    LeftBehind,
    MediaError,
    ReadBackDiffers,
)
from kiosk.rules.texts import displayable
from kiosk.services.views import Ready
from kiosk.translations.catalog import N_, _
from screens.base import counter_action
from screens.dialogs.confirm import Confirm, Question
from screens.issuing.draft import IssueDraft
from screens.issuing.leftover import look_into
from screens.issuing.rows import Facts, row
from screens.issuing.step import IssueStep, Way
from screens.issuing.sticks import StickList
from screens.messages import CounterMessage, Severity, check, done, joined
from screens.problems import explain
from screens.widgets.field import Field
from screens.widgets.press import Press
from screens.widgets.prose import Prose
from screens.widgets.text import plain


class AnotherStick(IssueStep):
    """The certificate exists; its p12 lies in memory as long as this screen stands (E-86)."""

    SCREEN_ID = "S308"
    SCREEN_NAME = N_("電子証明書発行結果")
    STEP = 8
    SHOWS_CARD = False
    AUTO_FOCUS: ClassVar[str] = "#stick-list"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f5", "find", N_("媒体の確認")),
        Binding("f12", "go", N_("再書込み")),
        Binding("escape", "leave", show=False),
    ]

    def __init__(self, draft: IssueDraft, ready: Ready, failure: KioskError) -> None:
        super().__init__(draft)
        self._ready = ready
        self.failure: KioskError | None = None
        """Why there is no certificate any more that could go onto a stick."""
        draft.unseen = draft.unseen or _may_be_there(failure)
        self.open_saying(partial(not_written, failure))

    def compose_task(self) -> ComposeResult:
        """What exists, the medium, the sticks, the two ways out."""
        yield Prose(_("電子証明書は発行済です。同じ電子証明書を、別の媒体に書き込めます。"), classes="prompt")
        if self.draft.unseen:
            yield Prose(
                _(
                    "書き込んだ媒体が手元にあれば、差し直して選び、「媒体の確認」を押してください。"
                    "ファイルが完全なら、そのまま交付できます。"
                ),
                classes="quiet",
            )
        yield Facts([*self._whose(), (_("ファイル名"), displayable(self._ready.file_name))])
        if self.app.services.settings.media.numbered:
            yield row(
                _("媒体番号"),
                Field(
                    self.draft.at_hand.medium_no or "",
                    id="medium_no",
                    half_width=True,
                    limit=20,
                    help=_("別の媒体を使うときは、その番号に直します。"),
                ),
            )
        yield Static(plain(_("差し込まれている媒体")), classes="panel-title")
        yield StickList(self.draft.stick, alone=False, with_files=self.draft.unseen)
        with Horizontal(classes="buttons"):
            yield Press(_("再書込み"), id="go", primary=True)
            if self.draft.unseen:
                yield Press(_("媒体の確認"), id="find")
            yield Press(_("失効して終了"), id="abandon")

    def _whose(self) -> list[tuple[str, str]]:
        card = self.draft.card
        return [
            (_("ユーザーID"), displayable(card.user_id if card else "")),
            (_("氏名"), displayable(card.name if card else "")),
            (_("シリアル番号"), self._ready.serial),
        ]

    @on(Button.Pressed, "#go")
    @counter_action
    async def action_go(self) -> None:
        """F12: once more, onto this stick."""
        services, actor = self.app.services, self.app.actor
        stick = await self.query_one(StickList).meant()
        number = self.draft.reception_no
        await look_into(self, stick)
        for field in self.query("#medium_no").results(Field):
            if field.value.strip() != self.draft.at_hand.medium_no:
                self.draft.case = await self.perform(
                    services.casework.set_medium, actor, number, field.value.strip(), None
                )
        self.draft.stick = stick
        self.answer(Way.ON)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Nothing is looked for on a stick when it is known that nothing is there."""
        if action == "find" and not self.draft.unseen:
            return False
        return super().check_action(action, parameters)

    @on(Button.Pressed, "#find")
    @counter_action
    async def action_find(self) -> None:
        """F5: is the file of the try whose end nobody saw on this stick, whole?"""
        stick = await self.query_one(StickList).meant()
        try:
            self.draft.delivered = await self.perform(
                self.app.services.delivering.find_finished, self.app.actor, self._ready, stick
            )
        except BundleUnusable as failure:
            self.failure = failure
        self.draft.stick = stick
        self.answer(Way.ON)

    @on(Button.Pressed, "#abandon")
    @counter_action
    async def abandon(self) -> None:
        """Give up: the certificate is revoked at once; nobody holds its key (DOMAIN 1.5, E-84)."""
        if await self.app.push_screen_wait(Confirm(self._giving_up)):
            await self.perform(self.app.services.issuing.abandon, self.app.actor, self._ready)
            self.draft.ready = None
            self.answer(Way.OUT)

    def _giving_up(self) -> Question:
        return Question(
            title=_("この電子証明書を失効して終了します。"),
            facts=tuple(self._whose()),
            consequence=_("失効すると元に戻せません。お客様の電子証明書は、改めて発行の手続きが必要です。"),
            yes=_("失効する"),
        )

    @counter_action
    async def action_leave(self) -> None:
        """Esc: a certificate exists, so there is no way out but these two."""
        self.tell(_exists)


_LEFT: Mapping[LeftBehind, str] = {
    LeftBehind.NOTHING: N_("書込みは残っていません。"),
    LeftBehind.INCOMPLETE_POSSIBLE: N_("書きかけが残る可能性があります。媒体を保管してください。"),
    LeftBehind.COMPLETE_UNCONFIRMED: N_("書き込んだ分が残る可能性があります。媒体を保管してください。"),
}


def _may_be_there(failure: KioskError) -> bool:
    """Whether the whole file may lie on the stick. A stick that did not keep it is not asked a second time."""
    if not isinstance(failure, MediaError):
        return failure.aftermath is Aftermath.UNKNOWN or isinstance(failure, JournalNotWritable)
    return failure.left_behind is LeftBehind.COMPLETE_UNCONFIRMED and not isinstance(failure, ReadBackDiffers)


def not_written(failure: KioskError) -> CounterMessage:
    """What S308 opens with: the cause, what may be on the medium, and what to do, in three lines of a small window."""
    if isinstance(failure, AccountChanged):
        shut_out = explain(
            failure
        )  # elsewhere nothing was done; here a certificate waits, and one way out is left
        return replace(
            shut_out,
            to_do=_("電子証明書は発行済で、媒体に入っていません。「失効して終了」を選んでください。"),
        )
    if not isinstance(failure, MediaError):
        return explain(failure)
    told = copy(failure)
    told.left_behind = LeftBehind.NOTHING  # said below in fewer words: all of it has to fit into three lines
    cause = explain(told)
    left = _(_LEFT[failure.left_behind])
    if isinstance(failure, ReadBackDiffers):
        return replace(cause, happened=joined(cause.happened, left))
    happened = _("発行は完了しましたが、媒体へ書き込めませんでした。({cause})").format(cause=cause.happened)
    return CounterMessage(
        severity=Severity.ERROR,
        code="EM11",
        happened=joined(happened, left),
        to_do=_("別の媒体に交換し「再書込み」、できない場合は「失効して終了」を押してください。")
        if failure.left_behind is LeftBehind.NOTHING
        else _("別の媒体に交換し「再書込み」を押してください。"),
    )


def _exists() -> CounterMessage:
    return check(
        "EM16",
        _("電子証明書は発行済です。この画面からは中断できません。"),
        _("「再書込み」または「失効して終了」を選んでください。"),
    )


def given_up(serial: str) -> CounterMessage:
    """Told on the screen the journey began on."""
    return done(
        "IM12",
        _("電子証明書を失効しました。(シリアル番号 {serial})").format(serial=serial),
        _("改めて発行する場合は、受付からやり直してください。"),
    )
