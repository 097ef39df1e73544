"""The look into the chosen stick; an unfinished file of ours that lies there may be deleted on the way (E-84)."""

from functools import partial
from typing import TYPE_CHECKING

from kiosk.errors import LeftoverOnStick
from kiosk.rules.texts import displayable
from kiosk.translations.catalog import _
from screens.dialogs.confirm import Confirm, Question
from screens.issuing.step import IssueStep

if TYPE_CHECKING:
    from kiosk.services.counter.delivering import StickRef


async def look_into(step: IssueStep, stick: "StickRef") -> None:
    """Raises a child of `MediaError` when the p12 could not go onto it; `LeftoverOnStick` when its file is to stay."""
    delivering, actor, number = step.app.services.delivering, step.app.actor, step.draft.reception_no
    try:
        await step.perform(delivering.check_stick, actor, number, stick)
    except LeftoverOnStick as found:
        if not await step.app.push_screen_wait(Confirm(partial(_deleting, found))):
            raise
        await step.perform(delivering.remove_leftover, actor, number, stick)
        await step.perform(delivering.check_stick, actor, number, stick)


def _deleting(found: LeftoverOnStick) -> Question:
    return Question(
        title=_("書きかけのファイルを、媒体から削除します。"),
        facts=((_("ファイル名"), displayable(found.file_name)),),
        consequence=_(
            "書込みが途切れたときに、この端末が作ったファイルです。電子証明書としては使えません。ほかのファイルには触れません。"
        ),
        yes=_("削除する"),
    )
