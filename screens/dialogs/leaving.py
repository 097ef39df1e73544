"""取引中断: what becomes of a reception that somebody leaves."""

from collections.abc import Iterable
from enum import Enum, auto

from textual import on
from textual.widgets import Button

from kiosk.translations.catalog import _
from screens.dialogs.confirm import Asked, Question
from screens.widgets.press import Press


class Leaving(Enum):
    """What the person at the keyboard wants."""

    STAY = auto()
    VOID = auto()
    """The reception number stays as a cancelled one."""
    PARK = auto()
    """It waits in 801, with a reason (保留)."""


class Leave(Asked[Leaving]):
    """Cancels or puts aside a reception in which nothing was done yet; the focus rests on going on with it."""

    def answers(self, question: Question) -> Iterable[Press]:
        """Stay, cancel, put aside."""
        yield Press(question.no or _("いいえ"), id="no")
        yield Press(question.yes or _("はい"), id="yes")
        yield Press(_("保留"), id="park")

    @on(Button.Pressed, "#no")
    def action_no(self) -> None:
        """The harmless answer."""
        self.dismiss(Leaving.STAY)

    @on(Button.Pressed, "#yes")
    def answer_yes(self) -> None:
        """Cancel it."""
        if self.settled:
            self.dismiss(Leaving.VOID)

    @on(Button.Pressed, "#park")
    def answer_park(self) -> None:
        """Put it aside."""
        if self.settled:
            self.dismiss(Leaving.PARK)


def leaving() -> Question:
    """The question of 取引中断 before there is a reception (DOMAIN 5.1)."""
    return Question(
        title=_("取引を中断します。"), consequence=_("入力した内容は破棄されます。よろしいですか。")
    )


def leaving_reception(reception_no: str) -> Question:
    """The same once there is one."""
    return Question(
        title=_("取引を中断します。"),
        facts=((_("受付番号"), reception_no),),
        consequence=_(
            "入力した内容は破棄され、受付は取消になります。よろしいですか。"
            "あとで続ける場合は「保留」を選択してください。"
        ),
    )


def leaving_before_reissue() -> Question:
    """The same between the two acts of a change of PC (E-75)."""
    return Question(
        title=_("再発行の前に、画面を離れます。"),
        consequence=_(
            "失効は済んでいます。受付は「801 未完了取引」に残り、そこから再発行を続けられます。離れますか。"
        ),
    )
