"""The sentences about approvals, revoking and unblocking (DOMAIN 5.6); registered like those of `problems`."""

from collections.abc import Mapping

from kiosk import errors
from kiosk.rules.approvals import APPROVAL_MINUTES, DIALOG_TRIES
from kiosk.translations.catalog import N_, _
from screens.dates import day_text, time_text
from screens.explaining import explain, message
from screens.messages import CounterMessage
from screens.words import word

DECIDED: Mapping[str, str] = {
    "approved": N_("この依頼は承認済です。"),
    "rejected": N_("この依頼は差し戻されています。"),
    "withdrawn": N_("この依頼は取り下げられています。"),
    "void": N_("この依頼は無効になっています。"),
    "expired": N_("この依頼は時間切れになっています。"),
    "executed": N_("この依頼の処理は完了しています。"),
}


@explain.register
def own_request(error: errors.OwnRequest) -> CounterMessage:
    return message(
        error,
        _("操作者本人は承認できません。"),
        _("別の役席者に依頼してください。"),
        field="approver_id",
    )


@explain.register
def may_not_approve(error: errors.MayNotApprove) -> CounterMessage:
    return message(
        error,
        _("承認権限がありません。"),
        _("この店の役席者のIDで入力してください。"),
        field="approver_id",
    )


@explain.register
def approval_stale(error: errors.ApprovalStale) -> CounterMessage:
    return message(
        error,
        _("承認後に内容が変わったため、承認は無効になりました。"),
        _("もう一度承認を依頼してください。"),
    )


@explain.register
def approval_needed(error: errors.ApprovalNeeded) -> CounterMessage:
    return message(
        error,
        _("役席の承認が必要です。処理は行われていません。"),
        _("承認を依頼してください。"),
    )


@explain.register
def approval_closed(error: errors.ApprovalClosed) -> CounterMessage:
    return message(
        error,
        _("承認者のサインオンを{tries}回誤ったため、承認の依頼を閉じました。").format(tries=DIALOG_TRIES),
        _("承認者を確かめ、もう一度承認を依頼してください。"),
    )


@explain.register
def not_the_asker(error: errors.NotTheAsker) -> CounterMessage:
    return message(
        error,
        _("承認を依頼した{name}だけが実行できます。").format(name=error.name),
        _("交代するときは、もう一度承認を依頼してください。"),
    )


@explain.register
def approval_expired(error: errors.ApprovalExpired) -> CounterMessage:
    return message(
        error,
        _("承認の有効時間({minutes}分)が過ぎました。処理は行われていません。").format(
            minutes=APPROVAL_MINUTES
        ),
        _("もう一度承認を依頼してください。"),
    )


@explain.register
def already_decided(error: errors.AlreadyDecided) -> CounterMessage:
    return message(error, word(DECIDED, error.state), _("F5で最新の状態を表示してください。"))


@explain.register
def revocation_not_needed(error: errors.RevocationNotNeeded) -> CounterMessage:
    return message(
        error,
        _("この電子証明書は有効期限({day})が切れています。失効の必要はありません。").format(
            day=day_text(error.last_valid_date)
        ),
        _("「103 再発行」へ進んでください。"),
    )


@explain.register
def already_revoked(error: errors.AlreadyRevoked) -> CounterMessage:
    happened = _("この電子証明書は{day}に失効済です。").format(day=day_text(error.revoked_on))
    if error.reception_no:
        happened += _("(受付番号 {number})").format(number=error.reception_no)
    return message(error, happened, _("使える電子証明書がなければ「103 再発行」へ進んでください。"))


@explain.register
def second_act_open(error: errors.SecondActOpen) -> CounterMessage:
    return message(
        error,
        _("この受付では、電子証明書の失効が済んでいます。"),
        _("再発行へ進むか、「再発行せずに終了」を選択してください。"),
    )


@explain.register
def unblocked_by_master(error: errors.UnblockedByMaster) -> CounterMessage:
    return message(
        error,
        _("一般ユーザーの閉塞は、窓口では解除できません。"),
        _("お客様の団体のマスターユーザーが解除します。"),
    )


@explain.register
def only_locked(error: errors.OnlyLocked) -> CounterMessage:
    return message(
        error,
        _("閉塞ではなくロック中です。"),
        _("{until}に自動で解除されます。").format(until=time_text(error.until)),
    )


@explain.register
def not_blocked(error: errors.NotBlocked) -> CounterMessage:
    return message(
        error,
        _("このユーザーは閉塞されていません。"),
        _("ユーザーIDと状態を確認してください。"),
    )
