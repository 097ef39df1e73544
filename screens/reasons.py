"""Why a transaction is not possible, in words: for the message area and for 「いまできること」 on the card."""

from collections.abc import Mapping
from datetime import date, datetime

from kiosk.rules.next_actions import MESSAGE_CODES, Reason
from kiosk.translations.catalog import N_, _
from screens.dates import day_text, time_text
from screens.messages import CounterMessage, Severity, joined

REASONS: Mapping[Reason, tuple[str, str]] = {
    Reason.NOT_PERMITTED: (
        N_("この取引を行う権限がありません。"),
        N_("権限のあるオペレーターに交代してください。"),
    ),
    Reason.OTHER_BRANCH: (
        N_("このユーザーの取引店は別の店です。"),
        N_("取引店での手続きをご案内してください。"),
    ),
    Reason.OUT_OF_HOURS: (N_("サービス時間外です。"), N_("受付時間内の手続きをご案内してください。")),
    Reason.ALREADY_OPEN: (
        N_("同じユーザーの手続きが進行中です。"),
        N_("「801 未完了取引」を確認し、終了してからやり直してください。"),
    ),
    Reason.ONLY_BY_PHONE: (
        N_("電話受付のときだけの取引です。"),
        N_("窓口での失効は「201 失効」で行ってください。"),
    ),
    Reason.NOT_BY_PHONE: (
        N_("電話では受け付けられません。"),
        N_("ご来店と依頼書が必要です。電話では「202 緊急失効」だけを行えます。"),
    ),
    Reason.INITIAL_REGISTRATION_OPEN: (
        N_("マスターユーザーの初期登録が済んでいません。"),
        N_("お客様に初期登録の操作をご案内してください。"),
    ),
    Reason.LIVE_CERTIFICATE: (
        N_("有効な電子証明書があるため発行できません。"),
        N_("パソコン変更の場合は、先に「201 失効」を行ってください。"),
    ),
    Reason.FIRST_ISSUE_INSTEAD: (
        N_("電子証明書を発行したことがありません。"),
        N_("「101 新規発行」へ進んでください。"),
    ),
    Reason.RENEW_INSTEAD: (
        N_("更新できる電子証明書があります。"),
        N_("「102 更新」へ進んでください。"),
    ),
    Reason.REISSUE_INSTEAD: (
        N_("有効な電子証明書がありません。"),
        N_("「103 再発行」へ進んでください。"),
    ),
    Reason.MASTER_BLOCKED: (
        N_("閉塞されています。"),
        N_("ご利用を再開するには閉塞解除の手続きが必要です。「301 閉塞解除」へ進んでください。"),
    ),
    Reason.GENERAL_BLOCKED: (
        N_("閉塞されています。"),
        N_(
            "解除は、お客様の団体のマスターユーザーが行います。"
            "マスターユーザーへご連絡いただくようご案内してください。"
        ),
    ),
    Reason.LOCKED: (
        N_("ただいまロック中です。"),
        N_("解除までお待ちください。窓口では解除できません。"),
    ),
    Reason.PROXY_CANNOT_RECEIVE: (
        N_("発行には、ユーザーご本人の来店が必要です。"),
        N_("パスワードと認証コードはご本人に入力していただきます。"),
    ),
    Reason.EXPIRED_NEEDS_NO_REVOCATION: (
        N_("この電子証明書は有効期限が切れています。失効の必要はありません。"),
        N_("「103 再発行」へ進んでください。"),
    ),
    Reason.NO_LIVE_CERTIFICATE: (
        N_("有効な電子証明書はありません。"),
        N_("失効の必要はありません。"),
    ),
    Reason.UNBLOCKED_BY_MASTER: (
        N_("一般ユーザーの閉塞は、窓口では解除できません。"),
        N_("お客様の団体のマスターユーザーが解除します。"),
    ),
    Reason.ONLY_LOCKED: (
        N_("閉塞ではなくロック中です。"),
        N_("時間が来ると自動で解除されます。"),
    ),
    Reason.NOT_BLOCKED: (
        N_("このユーザーは閉塞されていません。"),
        N_("ユーザーIDと状態を確認してください。"),
    ),
}


def explain_reason(
    reason: str, *, opens: date | None = None, until: datetime | None = None
) -> CounterMessage:
    """The message for a word of `Reason`; with the day renewal opens or the end of the lock when they are known.

    Raises ValueError for any other word.
    """
    known = Reason(reason)
    happened, to_do = (_(text) for text in REASONS[known])
    if opens is not None:
        to_do = joined(_("更新は{day}から可能です。").format(day=day_text(opens)), to_do)
    if until is not None:
        happened = joined(happened, _("{until}に解除されます。").format(until=time_text(until)))
    return CounterMessage(severity=Severity.ERROR, code=MESSAGE_CODES[known], happened=happened, to_do=to_do)
