"""S308, step 8: the p12 is on the stick and was read back; what follows is the hand-over."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widgets import Button

from kiosk.errors import MediaError, StickInUse
from kiosk.rules.texts import displayable
from kiosk.services.views import Delivered
from kiosk.translations.catalog import N_, _
from screens.base import counter_action
from screens.dates import day_text
from screens.issuing.draft import IssueDraft
from screens.issuing.rows import Facts
from screens.issuing.step import IssueStep, Way
from screens.issuing.words import simulated_text
from screens.messages import CounterMessage, check, done
from screens.widgets.press import Press
from screens.widgets.prose import Prose


class Issued(IssueStep):
    """Take the stick out, hand it over. The screen is not closed before that (R-80, R-81)."""

    SCREEN_ID = "S308"
    SCREEN_NAME = N_("電子証明書発行結果")
    STEP = 8
    NOTES = (N_("媒体を取り外したら、媒体番号のラベルを確かめてください。"),)
    AUTO_FOCUS: ClassVar[str] = "#go"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f5", "eject", N_("取外し")),
        Binding("escape", "leave", show=False),
    ]

    def __init__(self, draft: IssueDraft, delivered: Delivered) -> None:
        super().__init__(draft)
        self._delivered = delivered
        self.open_saying(self._what_now)

    def compose_task(self) -> ComposeResult:
        """What was written where."""
        delivered, ready, card = self._delivered, self.draft.ready, self.draft.card
        yield Prose(_("発行結果を確認してください。"), classes="prompt")
        facts = [
            (_("結果"), _("書込みと読取り確認が完了しました")),
            (_("ユーザーID"), displayable(card.user_id if card else "")),
            (_("シリアル番号"), delivered.serial),
            (_("有効期限"), day_text(ready.last_valid_date) if ready else ""),
            (_("ファイル名"), displayable(delivered.file_name)),
            (_("媒体番号"), displayable(delivered.medium_no) or "-"),
        ]
        if delivered.simulated:
            facts.append((_("媒体"), simulated_text()))
        if delivered.not_ejected is not None:
            facts.append((_("媒体の取外し"), _("まだ抜かないでください")))
        if delivered.copies_elsewhere:
            facts.append((_("保管する媒体"), _kept(delivered.copies_elsewhere)))
        yield Facts(facts)
        with Horizontal(classes="buttons"):
            if delivered.not_ejected is not None:
                yield Press(_("取外し"), id="eject")
            yield Press(_("交付へ"), id="go", primary=True)

    def _what_now(self) -> CounterMessage:
        failure = self._delivered.not_ejected
        return _on_the_stick() if failure is None else _still_in(failure)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A stick that may be pulled out needs no second try."""
        if action == "eject" and self._delivered.not_ejected is None:
            return False
        return super().check_action(action, parameters)

    @on(Button.Pressed, "#eject")
    @counter_action
    async def action_eject(self) -> None:
        """F5: try once more to let go of the stick."""
        draft = self.draft
        if draft.stick is None:
            return
        self._delivered = draft.delivered = await self.perform(
            self.app.services.delivering.eject, self.app.actor, self._delivered, draft.stick
        )
        await self.speak_again()
        self.tell(self._what_now)
        self.query_one("#go").focus()

    @on(Button.Pressed, "#go")
    def action_go(self) -> None:
        """F12: on to the hand-over."""
        self.answer(Way.ON)

    @counter_action
    async def action_leave(self) -> None:
        """Esc: the medium is not handed over yet (R-81)."""
        self.tell(not_handed_over)


def _on_the_stick() -> CounterMessage:
    return done(
        "IM10",
        _("発行しました。媒体への書込みと読取り確認が完了しました。"),
        _("媒体を取り外し、お客様へ交付してください。この画面は、交付の確認が終わるまで閉じないでください。"),
    )


def _still_in(failure: MediaError) -> CounterMessage:
    """The p12 is safe on the stick; only taking it out is not (IM10 is said when it is)."""
    if isinstance(failure, StickInUse):
        return check(
            "EM10",
            _("発行しました。書込みと読取り確認は完了しましたが、媒体がまだ使用中です。"),
            _("媒体を抜かずに、「取外し」を押してください。"),
        )
    return check(
        "EM19",
        _("発行しました。書込みと読取り確認は完了しましたが、媒体の取外し操作ができません。"),
        _("「取外し」を押してください。変わらない場合は、媒体のランプが消えてから取り外してください。"),
    )


def _kept(sticks: tuple[str, ...]) -> str:
    """Those of earlier tries."""
    names = _("、").join(displayable(stick) or "-" for stick in sticks)
    return _("{sticks}(ファイルが残っている可能性があります。お渡しせず、施錠して保管してください)").format(
        sticks=names
    )


def not_handed_over() -> CounterMessage:
    """EM13 (DOMAIN 5.5)."""
    return check(
        "EM13",
        _("まだ交付の確認が終わっていません。"),
        _("媒体をお渡しし、確認項目に印を付けてから終了してください。"),
    )
