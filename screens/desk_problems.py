"""The sentences of refusals that only staff screens outside a journey meet; registered like those of `problems`."""

from kiosk import errors
from kiosk.translations.catalog import _
from screens.explaining import explain, message
from screens.messages import CounterMessage


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
