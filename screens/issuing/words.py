"""Words of the issue that several of its screens use."""

from collections.abc import Mapping

from kiosk.rules.operations import IssueKind
from kiosk.services.views import IssueStage
from kiosk.translations.catalog import N_, _

KINDS: Mapping[IssueKind, str] = {
    IssueKind.FIRST_ISSUE: N_("新規"),
    IssueKind.RENEW: N_("更新"),
    IssueKind.REISSUE: N_("再発行"),
}

STAGES: Mapping[IssueStage, str] = {
    IssueStage.KEY: N_("鍵の生成"),
    IssueStage.SIGNATURE: N_("署名"),
    IssueStage.P12: N_("p12作成"),
    IssueStage.PREPARE: N_("媒体の確認"),
    IssueStage.WRITE: N_("書込み"),
    IssueStage.READ_BACK: N_("読取り確認"),
    IssueStage.CONFIRM: N_("再度の読取り確認"),
    IssueStage.EJECT: N_("取外し"),
}
"""In the order they are passed (step 7)."""


def simulated_text() -> str:
    """Stands wherever a simulated stick is meant."""
    return _("SIMULATED(模擬媒体)")
