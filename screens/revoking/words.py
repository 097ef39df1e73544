"""What the screens of a revocation share: the steps of the way, and the two facts at its end."""

from kiosk.services.approved.views import Revoked
from kiosk.translations.catalog import N_, _
from screens.dates import clock_text, moment_text
from screens.messages import CounterMessage, check, done, joined
from screens.wording.customer import REVOCATIONS
from screens.words import word

STEPS: tuple[str, ...] = (N_("受付"), N_("対象選択"), N_("失効の内容"), N_("役席承認"), N_("失効結果"))
"""Of 201."""
PHONE_STEPS: tuple[str, ...] = (N_("電話受付"), *STEPS[1:3], N_("内容確認"), STEPS[4])
"""Of 202, where the settings say whether the approval comes before the act or after it."""


def facts_of(revoked: Revoked) -> list[tuple[str, str]]:
    """Stopped in the registry, and on a published list or not yet: two facts."""
    if revoked.crl_published_at is None or revoked.published_crl_number is None:
        published = _("まだ公開されていません(第{number}号に載ります)").format(number=revoked.crl_number)
    else:
        published = _("第{number}号を{moment}に公開").format(
            number=revoked.published_crl_number, moment=clock_text(revoked.crl_published_at)
        )
    return [
        (_("受付番号"), revoked.reception_no),
        (_("ユーザーID"), revoked.user_id),
        (_("シリアル番号"), revoked.serial),
        (_("失効理由"), word(REVOCATIONS, revoked.reason)),
        (_("ログイン停止"), _("{moment}に登録簿で停止").format(moment=clock_text(revoked.revoked_at))),
        (_("失効リスト"), published),
        (_("承認者"), revoked.approved_by or _("これから承認を受けます")),
    ]


def revoked_text(revoked: Revoked) -> CounterMessage:
    """IR01; pending publication is said first, because somebody must look after it."""
    happened = _("失効しました。(失効日時 {moment}、受付番号 {number})").format(
        moment=moment_text(revoked.revoked_at), number=revoked.reception_no
    )
    if revoked.crl_published_at is None:
        return check(
            "WR05",
            joined(happened, _("失効リストはまだ公開されていません。")),
            _("F5で再表示してください。公開されないときは{contact}へ連絡してください。"),
        )
    if revoked.reissue is not None:
        return done("IR01", happened, _("続けて「再発行へ」を押してください。"))
    if revoked.another_stays:
        return done("IR01", happened, _("お客様のほかの電子証明書は、そのまま利用できます。"))
    return done("IR01", happened, _("続けて再発行する場合は「103 再発行」へ進んでください。"))
