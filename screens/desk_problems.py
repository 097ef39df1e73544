"""The sentences of refusals that only staff screens outside a journey meet; registered like those of `problems`."""

from kiosk import errors
from kiosk.rules.presence import GONE_AFTER
from kiosk.translations.catalog import _
from screens.dates import moment_text
from screens.explaining import explain, message
from screens.messages import CounterMessage
from screens.wording.stock import MEDIA
from screens.words import word


@explain.register
def no_export_folder(error: errors.NoExportFolder) -> CounterMessage:
    return message(
        error,
        _("一覧の保存先が設定されていません。"),
        _("設定の「一覧の保存先」(paths.exports)を決めるよう、{contact}へ連絡してください。"),
    )


@explain.register
def export_failed(error: errors.ExportFailed) -> CounterMessage:
    return message(
        error,
        _("一覧を保存できませんでした。({folder})").format(folder=error.folder),
        _("フォルダーの空きと書込みの権限を確認するよう、{contact}へ連絡してください。"),
    )


@explain.register
def terminal_still_there(error: errors.TerminalStillThere) -> CounterMessage:
    seen = (
        _("端末{terminal}がいつまで動いていたか、確認できません。").format(terminal=error.terminal_no)
        if error.seen_at is None
        else _("端末{terminal}は動作中です。(最後の確認 {moment})").format(
            terminal=error.terminal_no, moment=moment_text(error.seen_at)
        )
    )
    return message(
        error,
        seen,
        _(
            "その端末で処理してください。故障などで戻らないときは、止まってから{minutes}分後に役席が処理できます。"
        ).format(minutes=int(GONE_AFTER.total_seconds() // 60)),
    )


@explain.register
def medium_not_movable(error: errors.MediumNotMovable) -> CounterMessage:
    return message(
        error,
        _("媒体{number}は「{state}」のため、記録を変更できません。").format(
            number=error.medium_no, state=word(MEDIA, error.state)
        ),
        _("F5で一覧を読み直してください。使用中の媒体は、その受付を終了すると記録されます。"),
    )
