"""What a customer tells about a medium, and what follows from it (R-85)."""

from collections.abc import Mapping

from kiosk.rules.deliveries import StickReport
from kiosk.services.approved.views import StickReported
from kiosk.translations.catalog import N_, _
from screens.messages import CounterMessage, check, done

STICK_REPORTS: Mapping[StickReport, str] = {
    StickReport.LOST: N_("媒体をなくした"),
    StickReport.UNOPENED: N_("取込みができない"),
    StickReport.DAMAGED: N_("媒体が壊れている"),
}
"""In the order of the form."""


def reported_text(reported: StickReported) -> CounterMessage:
    """What was taken down, and what comes next."""
    happened = _("届出を記録しました。")
    if reported.request is not None:
        return done("IR04", happened, _("続けて、電子証明書の失効の承認を受けてください。"))
    if reported.give_up_at_once:
        return check(
            "WR07", happened, _("「801 未完了取引」で失効して終了し、あらためて再発行してください。")
        )
    return done(
        "IR05", happened, _("失効の必要はありません。お渡しには「103 再発行」の受付を行ってください。")
    )
