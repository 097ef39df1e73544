"""Errors become words here and nowhere else: `explain(error)` for every class of `kiosk.errors`.

The sentences are those of DOMAIN section 5. Errors without facts stand in `plain_problems`; the others have a short
function each. What a field or a transaction refuses has a table of its own (`field_problems`, `reasons`), because there
the words of the rules decide and not the class.
"""

from kiosk import errors
from kiosk.rules.lockout import LOCK_MINUTES, LOCKS_BEFORE_BLOCK, TRIES_BEFORE_LOCK
from kiosk.rules.staff_lock import STAFF_TRIES_BEFORE_PAUSE
from kiosk.rules.verification import CODE_MINUTES, CODE_TRIES
from kiosk.translations.catalog import _
from screens import approval_problems, desk_problems, plain_problems, stick_problems
from screens.dates import day_text, hours_text, moment_text, time_text
from screens.explaining import explain, message
from screens.field_problems import explain_field
from screens.messages import CounterMessage, Severity
from screens.reasons import explain_reason
from screens.wording.checks import CHECKS
from screens.words import word

__all__ = [
    "CounterMessage",
    "Severity",
    "approval_problems",
    "desk_problems",
    "explain",
    "plain_problems",
    "stick_problems",
]


@explain.register
def medium_not_in_stock(error: errors.MediumNotInStock) -> CounterMessage:
    return message(
        error,
        _("媒体番号{number}は、この店の在庫にありません。").format(number=error.medium_no),
        _("番号を確認するか、別の媒体を使用してください。"),
        field="medium_no",
    )


@explain.register
def hand_over_checks_open(error: errors.HandOverChecksOpen) -> CounterMessage:
    return message(
        error,
        _("まだ交付の確認が終わっていません。"),
        _("媒体をお渡しし、確認項目に印を付けてから終了してください。"),
        field=error.missing[0] if error.missing else None,
        severity=Severity.CHECK,
    )


# --- staff -----------------------------------------------------------------------------------------------------------


@explain.register
def sign_on_refused(error: errors.SignOnRefused) -> CounterMessage:
    return message(
        error,
        _("オペレーターIDまたはパスワードが正しくありません。"),
        _(
            "大文字と小文字を確かめて、もう一度入力してください。(続けて{tries}回誤ると、しばらく受け付けません)"
        ).format(tries=STAFF_TRIES_BEFORE_PAUSE),
        field="password",
    )


@explain.register
def sign_on_paused(error: errors.SignOnPaused) -> CounterMessage:
    return message(
        error,
        _("続けて誤ったため、このオペレーターIDの受付を{until}まで止めています。").format(
            until=time_text(error.until)
        ),
        _("時間をおくか、別のオペレーターがサインオンしてください。"),
        field="staff_id",
    )


@explain.register
def other_branch(error: errors.OtherBranch) -> CounterMessage:
    return message(
        error,
        _("このユーザーの取引店は{branch}です。").format(branch=error.branch_name),
        _("取引店での手続きをご案内してください。"),
    )


@explain.register
def out_of_hours(error: errors.OutOfHours) -> CounterMessage:
    return message(
        error,
        _("サービス時間外です。"),
        _("受付は平日{opens}から{closes}です。(土日祝日、12月31日～1月3日を除く)").format(
            opens=hours_text(error.opens), closes=hours_text(error.closes)
        ),
    )


# --- reception -------------------------------------------------------------------------------------------------------


@explain.register
def bad_input(error: errors.BadInput) -> CounterMessage:
    return explain_field(error.field, error.problem)


@explain.register
def checks_open(error: errors.ChecksOpen) -> CounterMessage:
    return message(
        error,
        _("確認が済んでいない項目があります。"),
        _("確認後に次へ進んでください。"),
        field=error.missing[0] if error.missing else None,
        severity=Severity.CHECK,
    )


@explain.register
def live_certificate(error: errors.LiveCertificate) -> CounterMessage:
    return message(
        error,
        _("有効な電子証明書があるため発行できません。"),
        _("更新は{day}から可能です。パソコン変更の場合は、先に「201 失効」を行ってください。").format(
            day=day_text(error.renewable_from)
        ),
    )


@explain.register
def transaction_not_possible(error: errors.TransactionNotPossible) -> CounterMessage:
    return explain_reason(error.reason)


@explain.register
def case_not_open(error: errors.CaseNotOpen) -> CounterMessage:
    return message(
        error,
        _("受付{number}は、この操作を行える状態ではありません。").format(number=error.reception_no),
        _("「403 取引照会」で状態を確認してください。"),
    )


# --- customer authentication -----------------------------------------------------------------------------------------


@explain.register
def wrong_credentials(error: errors.WrongCredentials) -> CounterMessage:
    if error.then_blocked:
        threat = _(
            "もう一度ご入力ください。(あと{tries}回誤ると、閉塞となり、解除の手続きをするまでご利用いただけなくなります)"
        )
    else:
        threat = _("もう一度ご入力ください。(あと{tries}回誤ると、{minutes}分間ご利用いただけなくなります)")
    return message(
        error,
        _("ユーザーIDまたはパスワードが正しくありません。"),
        threat.format(tries=error.tries_left, minutes=LOCK_MINUTES),
        field="password",
    )


@explain.register
def locked_now(error: errors.LockedNow) -> CounterMessage:
    return message(
        error,
        _("パスワードを連続して{tries}回誤ったため、ロックしました。").format(tries=TRIES_BEFORE_LOCK),
        _("{until}以降にもう一度お試しください。お客様のメールアドレスへお知らせを送信しました。").format(
            until=time_text(error.until)
        ),
        call_staff=True,
    )


@explain.register
def still_locked(error: errors.StillLocked) -> CounterMessage:
    return message(
        error,
        _("ただいまロック中です。"),
        _("{until}に解除されます。解除までお待ちください。窓口では解除できません。").format(
            until=time_text(error.until)
        ),
        call_staff=True,
    )


@explain.register
def master_blocked(error: errors.MasterBlocked) -> CounterMessage:
    happened = (
        _("ロックを{locks}回繰り返したため、閉塞となりました。").format(locks=LOCKS_BEFORE_BLOCK)
        if error.just_now
        else _("閉塞されています。")
    )
    return message(
        error,
        happened,
        _("ご利用を再開するには閉塞解除の手続きが必要です。「301 閉塞解除」へ進んでください。"),
        call_staff=True,
    )


@explain.register
def general_blocked(error: errors.GeneralBlocked) -> CounterMessage:
    return message(
        error,
        _("閉塞となりました。") if error.just_now else _("閉塞されています。"),
        _(
            "解除は、お客様の団体のマスターユーザーが行います。"
            "マスターユーザーへご連絡いただくようご案内してください。"
        ),
        call_staff=True,
    )


@explain.register
def too_many_codes(error: errors.TooManyCodes) -> CounterMessage:
    return message(
        error,
        _("認証コードの送信回数が上限に達しました。"),
        _("次に送信できるのは{again}です。届いているメールの数字をご確認ください。").format(
            again=moment_text(error.again_at)
        ),
        call_staff=True,
    )


@explain.register
def wrong_code(error: errors.WrongCode) -> CounterMessage:
    return message(
        error,
        _("認証コードが正しくありません。"),
        _("最新のメールの数字をご確認ください。(あと{tries}回)").format(tries=error.tries_left),
        field="code",
    )


@explain.register
def code_expired(error: errors.CodeExpired) -> CounterMessage:
    return message(
        error,
        _("認証コードの有効期限({minutes}分)が過ぎました。").format(minutes=CODE_MINUTES),
        _("「キャンセル」を押し、ユーザー認証からやり直してください。"),
    )


@explain.register
def code_dead(error: errors.CodeDead) -> CounterMessage:
    return message(
        error,
        _("認証コードを{tries}回誤ったため、このコードは無効になりました。").format(tries=CODE_TRIES),
        _("ユーザー認証からやり直してください。(ロックの回数には数えません)"),
    )


# --- issuing ---------------------------------------------------------------------------------------------------------


@explain.register
def issuing_closed(error: errors.IssuingClosed) -> CounterMessage:
    return message(
        error,
        _("自己診断で異常が見つかったため、発行を停止しています。({checks})").format(
            checks=_("、").join(word(CHECKS, check) for check in error.failed)
        ),
        _("ほかの取引は行えます。{contact}へ連絡してください。"),
    )


@explain.register
def refused_by_lint(error: errors.CertificateRefusedByLint) -> CounterMessage:
    return message(
        error,
        _("電子証明書の内容が規定に合わないため、署名しませんでした。({findings})").format(
            findings=_("、").join(error.findings)
        ),
        _("{contact}へ連絡してください。"),
    )


@explain.register
def ca_not_usable(error: errors.CaNotUsable) -> CounterMessage:
    return message(
        error,
        _("認証局を作成できない、または取り込めません。({problems})").format(
            problems=_("、").join(error.problems)
        ),
        _("認証局の鍵と証明書を確認してください。"),
    )


# --- system ----------------------------------------------------------------------------------------------------------


@explain.register
def user_busy_elsewhere(error: errors.UserBusyElsewhere) -> CounterMessage:
    return message(
        error,
        _("同じユーザーの手続きが別の端末で行われています。(端末 {terminal}、受付番号 {number})").format(
            terminal=error.terminal_no, number=error.reception_no
        ),
        _("終了してからやり直してください。"),
    )


@explain.register
def not_set_up(error: errors.NotSetUp) -> CounterMessage:
    return message(
        error,
        _("この端末の準備が済んでいません。({missing})").format(missing=error.missing),
        _("「{command}」を実行してから、起動し直してください。").format(command=error.command),
    )


@explain.register
def key_gone(error: errors.KeyGone) -> CounterMessage:
    return message(
        error,
        _("台帳のパスワードを照合する鍵がありません。({path})").format(path=error.path),
        _(
            "バックアップから元の鍵を戻して、起動し直してください。"
            "新しい鍵では、これまでのパスワードはどれも照合できません。"
        ),
    )


@explain.register
def files_not_ours(error: errors.FilesNotOurs) -> CounterMessage:
    return message(
        error,
        _("この端末のファイルを使う権限がありません。({path})").format(path=error.path),
        _("この端末のアカウントで起動してください。"),
    )


@explain.register
def settings_wrong(error: errors.SettingsWrong) -> CounterMessage:
    return message(
        error,
        _("設定が正しくありません。({file} {key}: {problem})").format(
            file=error.file, key=error.key, problem=error.problem
        ),
        _("設定を直してから、端末を起動し直してください。"),
    )
