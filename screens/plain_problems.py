"""The sentences of errors that carry no facts of their own; importing this module registers them with `explain`."""

from kiosk import errors
from kiosk.errors import KioskError, LeftBehind
from kiosk.translations.catalog import N_, _
from screens.explaining import explain, message
from screens.messages import CounterMessage, joined


def _plainly(
    kind: type[KioskError],
    happened: str,
    to_do: str,
    *,
    field: str | None = None,
    until_filled: bool = False,
    call_staff: bool = False,
) -> None:
    def explained(error: KioskError) -> CounterMessage:
        return message(
            error, _(happened), _(to_do), field=field, until_filled=until_filled, call_staff=call_staff
        )

    explain.register(kind)(explained)


_plainly(
    errors.NotPermitted,
    N_("この操作を行う権限がありません。"),
    N_("権限のあるオペレーターに交代してください。"),
)
_plainly(
    errors.AccountChanged,
    N_("このオペレーターIDは、サインオンのあとに停止されたか、役割または所属店が変わっています。"),
    N_("何も行っていません。サインオフして、必要ならサインオンし直してください。"),
)
_plainly(
    errors.NothingSelected,
    N_("電子証明書が選択されていません。"),
    N_("対象を選択してから「次へ」を押してください。"),
    field="certificates",
    until_filled=True,
)
_plainly(
    errors.UserNotFound,
    N_("該当するユーザーが見つかりません。"),
    N_("ユーザーIDは大文字と小文字を区別します。依頼書を確認してください。"),
    field="user_id",
)
_plainly(
    errors.ProxyCannotReceive,
    N_("発行には、ユーザーご本人の来店が必要です。"),
    N_("パスワードと認証コードはご本人に入力していただきます。"),
)
_plainly(
    errors.InitialRegistrationOpen,
    N_("マスターユーザーの初期登録が済んでいません。"),
    N_("お客様に初期登録の操作をご案内してください。"),
)
_plainly(
    errors.CodeMailFailed,
    N_("認証コードのメールを送信できませんでした。"),
    N_("時間をおいて、もう一度「認証」を押してください。続く場合は{contact}へ連絡してください。"),
    call_staff=True,
)
_plainly(
    errors.CannotCheckNow,
    N_("ただいまパスワードを照合できません。誤りの回数には数えていません。"),
    N_("時間をおいて、もう一度お試しください。続く場合は{contact}へ連絡してください。"),
    call_staff=True,
)
_plainly(
    errors.BundleUnusable,
    N_(
        "p12ファイルを確認できなかったため、発行した電子証明書を失効しました。この媒体は使用しないでください。"
    ),
    N_("ユーザー認証からやり直し、再発行してください。続く場合は{contact}へ連絡してください。"),
)
_plainly(
    errors.RegistryGone,
    N_("台帳がありません。"),
    N_(
        "手引き(OPERATIONS.md)のとおり、バックアップから復元してください。"
        "「kiosk init」は実行しないでください。空の台帳ができます。"
    ),
)
_plainly(
    errors.IssueFailed,
    N_("電子証明書を発行できませんでした。お客様の電子証明書は作成されていません。"),
    N_("時間をおいて、ユーザー認証からやり直してください。"),
)
_plainly(
    errors.IssueUnknown,
    N_("発行の結果を確認できません。もう一度発行しないでください。"),
    N_("「801 未完了取引」で結果を照会し、{contact}へ連絡してください。"),
)
_plainly(
    errors.NotVerified,
    N_("ユーザー認証が済んでいません。"),
    N_("ユーザー認証からやり直してください。"),
)
_plainly(
    errors.IssueDayChanged,
    N_("日付が変わったため、発行していません。"),
    N_("新しい有効期限を確認し、もう一度「発行」を押してください。"),
)
_plainly(
    errors.NoMailServer,
    N_("メールの送信先が設定されていないため、認証コードを送れません。発行はできません。"),
    N_("設定ファイルの mail.smtp を設定するよう、{contact}へ連絡してください。"),
    call_staff=True,
)
_plainly(
    errors.SignerUnavailable,
    N_("署名の処理が応答しません。"),
    N_("時間をおいて、もう一度操作してください。続く場合は{contact}へ連絡してください。"),
)
_plainly(
    errors.SignerLocked,
    N_("認証局の鍵が使える状態になっていません。発行・失効はできません。"),
    N_("{contact}へ連絡してください。"),
)
_plainly(
    errors.CrlFolderUnusable,
    N_("失効リストを公開できません。台帳の失効は有効ですが、Webシステムにはまだ伝わっていません。"),
    N_("公開先のフォルダーと空きを確認するよう、{contact}へ連絡してください。公開は自動でやり直します。"),
)
_plainly(
    errors.CrlRefused,
    N_("新しい失効リストを検査で止めました。台帳の失効は有効です。公開中の失効リストは前のままです。"),
    N_("{contact}へ連絡してください。"),
)
_plainly(
    errors.ClockWrong,
    N_("端末の時刻が正しくありません。発行・失効はできません。"),
    N_("{contact}へ連絡してください。"),
    call_staff=True,
)
_plainly(
    errors.JournalNotWritable,
    N_("操作記録を書き込めないため、取引を停止しました。"),
    N_("照会のみ可能です。{contact}へ連絡してください。"),
    call_staff=True,
)
_plainly(
    errors.DatabaseUnavailable,
    N_("センターと通信できません。処理は行われていません。"),
    N_("回復後にもう一度操作してください。"),
    call_staff=True,
)
_plainly(
    errors.TerminalInUse,
    N_("この端末では、すでに窓口プログラムが動いています。"),
    N_("動いている画面を使用してください。見当たらない場合は{contact}へ連絡してください。"),
)
_plainly(
    errors.OutcomeUnknown,
    N_("処理の途中でセンターとの通信が切れ、結果を確認できません。"),
    N_("同じ操作を繰り返さず、回復後に「801 未完了取引」で結果を照会してください。"),
    call_staff=True,
)
_plainly(
    errors.NoMediumBooked,
    N_("媒体番号が登録されていないため、発行できません。"),
    N_("「媒体の準備」へ戻り、媒体番号を入力してください。"),
)


# --- media -----------------------------------------------------------------------------------------------------------


def _of_media(kind: type[errors.MediaError], happened: str, to_do: str) -> None:
    def explained(error: errors.MediaError) -> CounterMessage:
        return message(error, joined(_(happened), _(LEFT_BEHIND[error.left_behind])), _(to_do))

    explain.register(kind)(explained)


LEFT_BEHIND = {
    LeftBehind.NOTHING: "",
    LeftBehind.INCOMPLETE_POSSIBLE: N_(
        "(書きかけのファイルが残っている可能性があります。媒体を保管してください)"
    ),
    LeftBehind.COMPLETE_UNCONFIRMED: N_(
        "(書き込んだファイルが残っている可能性があります。媒体を保管してください)"
    ),
}

_of_media(
    errors.MediaError,
    N_("媒体を使用できません。"),
    N_("別の媒体に交換してください。"),
)
_of_media(
    errors.StickNotEmpty,
    N_("媒体にファイルが残っています。"),
    N_("空の媒体に交換してください。"),
)
_of_media(
    errors.StickRemoved,
    N_("USB媒体を認識できません。"),
    N_("差し直しても変わらない場合は、別の媒体に交換してください。"),
)
_of_media(
    errors.NotTheSameStick,
    N_("確認したときと別の媒体が差し込まれています。"),
    N_("元の媒体を差し込むか、媒体の確認からやり直してください。"),
)
_of_media(
    errors.StickReadOnly,
    N_("媒体に書き込めません。書込禁止になっています。"),
    N_("書込禁止スイッチを解除するか、別の媒体に交換してください。"),
)
_of_media(
    errors.StickFull,
    N_("媒体に書き込めません。容量が不足しています。"),
    N_("別の媒体に交換してください。"),
)
_of_media(
    errors.FileAlreadyThere,
    N_("媒体に同じ名前のファイルがあります(触れていません)。"),
    N_("空の媒体に交換してください。"),
)
_of_media(
    errors.FileNotOnStick,
    N_("この媒体に、書き込んだファイルはありません。"),
    N_("空の媒体に交換し「再書込み」を押してください。"),
)
_of_media(
    errors.StickCorrupt,
    N_("媒体が壊れています。この媒体は使用しないでください。"),
    N_("別の媒体に交換してください。"),
)
_of_media(
    errors.ReadBackDiffers,
    N_("書き込んだ内容を確認できませんでした。この媒体は使用しないでください。"),
    N_("別の媒体に交換し「再書込み」を押してください。"),
)
_of_media(
    errors.StickIoFailure,
    N_("媒体の読み書きに失敗しました。"),
    N_("別の媒体に交換してください。"),
)
_of_media(
    errors.StickInUse,
    N_("この媒体は、いま別の処理が使用しています。"),
    N_("終わるのを待ってもう一度操作するか、媒体を差し直してください。"),
)
_of_media(
    errors.StickEjectFailed,
    N_("書込みと読取り確認は完了しましたが、媒体の取外し操作ができません。"),
    N_("媒体のランプが消えてから取り外してください。"),
)
_of_media(
    errors.MediaUnavailable,
    N_("この端末では媒体を使用できません。媒体の異常ではありません。"),
    N_("{contact}へ連絡してください。"),
)
