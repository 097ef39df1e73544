"""What a command says when it refuses: one line with what is wrong and what to do."""

from collections.abc import Mapping
from functools import singledispatch
from pathlib import Path
from typing import Final

from kiosk import errors
from kiosk.account import owner_of
from kiosk.cli.problem_words import to_do_about
from kiosk.errors import KioskError
from kiosk.translations.catalog import N_, _

_LIST_FOLDER: Final[Mapping[errors.FolderProblem, str]] = {
    errors.FolderProblem.MISSING: N_(
        "失効リストの公開先({folder})がありません。フォルダーを元に戻してください。"
    ),
    errors.FolderProblem.FULL: N_("失効リストの公開先({folder})に空きがありません。空きを作ってください。"),
    errors.FolderProblem.NOT_WRITABLE: N_(
        "失効リストの公開先({folder})に書き込めません。所有者と権限を確かめてください。"
    ),
}
_LIST_REFUSED: Final[Mapping[errors.ListProblem, str]] = {
    errors.ListProblem.OTHER_ISSUER: N_(
        "公開先に別の認証局の失効リストがあります。paths.crl と paths.ca の設定を確かめてください。"
    ),
    errors.ListProblem.NOT_AS_ORDERED: N_(
        "署名された失効リストが依頼した内容と違います。プログラムの入れ直しと調査が必要です。"
    ),
    errors.ListProblem.OVERTAKEN: N_(
        "別の端末が新しい失効リストを公開し続けています。もう一度実行してください。"
    ),
}
_PLAIN: Final[Mapping[str, KioskError]] = {
    error.code: error
    for error in (errors.SignerUnavailable(), errors.DatabaseUnavailable(), errors.JournalNotWritable())
}
_STANDS: Final = N_(
    "台帳の失効は有効です。公開中の失効リストは前のままで、端末が30秒ごとに公開をやり直します。"
)


def problem_sentence(code: str) -> str:
    """What to do about a job that was refused with this message code; the kind of an error stands for itself."""
    match code:
        case errors.SignerLocked.code:
            return _(
                "動いている端末が代わりに行います。"
                "ここで行うには、設定の certificate.ca_passphrase_file を指定してください。"
            )
        case errors.CrlFolderUnusable.code | errors.CrlRefused.code:
            return _("kiosk crl publish を実行すると、理由と対処が分かります。")
        case errors.SignerUnavailable.code | errors.DatabaseUnavailable.code | errors.JournalNotWritable.code:
            return sentence_of(_PLAIN[code])
    return _("kiosk self-check を実行し、異常のある項目を手引き(OPERATIONS.md)で確かめてください。")


@singledispatch
def sentence_of(error: KioskError) -> str:
    """The sentence for one refusal; those that commands do not meet are named by what they are."""
    return type(error).__name__


@sentence_of.register
def _settings(error: errors.SettingsWrong) -> str:
    return ": ".join(filter(None, (error.file, error.key, error.problem)))


@sentence_of.register
def _not_set_up(error: errors.NotSetUp) -> str:
    return _("準備ができていません({missing})。{command} を実行してください。").format(
        missing=error.missing, command=error.command
    )


@sentence_of.register
def _gone(_error: errors.RegistryGone) -> str:
    return _(
        "台帳がありません。手引き(OPERATIONS.md)のとおり、バックアップから復元してください。"
        "kiosk init は実行しないでください。空の台帳ができます。"
    )


@sentence_of.register
def _key_gone(error: errors.KeyGone) -> str:
    return _(
        "台帳のパスワードを照合する鍵がありません({path})。"
        "バックアップから、または同じ台帳を使う端末から、元の鍵を戻してください。"
        "新しい鍵では、これまでのパスワードはどれも照合できません。"
    ).format(path=error.path)


@sentence_of.register
def _not_ours(error: errors.FilesNotOurs) -> str:
    return _(
        "このアカウントは {path} を使用できません。所有者のアカウントで実行してください(sudo -u {owner} kiosk …)。"
    ).format(path=error.path, owner=owner_of(Path(error.path)))


@sentence_of.register
def _bad_input(error: errors.BadInput) -> str:
    return _("{field} の値が正しくありません({problem})。{to_do}何も登録していません。").format(
        field=error.field, problem=error.problem, to_do=to_do_about(error.problem)
    )


@sentence_of.register
def _not_found(_error: errors.UserNotFound) -> str:
    return _("該当するユーザーが見つかりません。ユーザーIDは大文字と小文字を区別します。")


@sentence_of.register
def _database(_error: errors.DatabaseUnavailable) -> str:
    return _(
        "登録簿に接続できません。何も変更していません。設定の [database] と、データベースの状態を確かめてください。"
    )


@sentence_of.register
def _unknown(_error: errors.OutcomeUnknown) -> str:
    return _("登録の結果を確認できません。kiosk users show などで結果を確かめてください。")


@sentence_of.register
def _journal(_error: errors.JournalNotWritable) -> str:
    return _("操作記録を書き込めません。何も変更していません。")


@sentence_of.register
def _locked(_error: errors.SignerLocked) -> str:
    return _("認証局の鍵が開いていません。パスフレーズを確かめてください。")


@sentence_of.register
def _signer(_error: errors.SignerUnavailable) -> str:
    return _("署名プロセスを使用できません。認証局フォルダーの所有者と権限を確かめてください。")


@sentence_of.register
def _no_mail_server(_error: errors.NoMailServer) -> str:
    return _("メールサーバーが設定されていません([mail.smtp])。何も送信していません。")


@sentence_of.register
def _in_use(_error: errors.TerminalInUse) -> str:
    return _("この端末では別のプログラムが動いています。")


@sentence_of.register
def _list_folder(error: errors.CrlFolderUnusable) -> str:
    return _(_LIST_FOLDER[error.why]).format(folder=error.folder) + _(_STANDS)


@sentence_of.register
def _list_refused(error: errors.CrlRefused) -> str:
    return _(_LIST_REFUSED[error.why]) + _(_STANDS)


@sentence_of.register
def _ca(error: errors.CaNotUsable) -> str:
    return _("認証局を使用できません({problems})。何も変更していません。").format(
        problems=", ".join(str(problem) for problem in error.problems)
    )


@sentence_of.register
def _media_list(error: errors.MediaListWrong) -> str:
    place = ":".join(filter(None, (error.file, str(error.line), error.column)))
    return _("{place}: {problem}。何も取り込んでいません。").format(place=place, problem=error.problem)


@sentence_of.register
def _media_list_broken(_error: errors.MediaListBroken) -> str:
    return _("登録簿にある一覧の署名が正しくありません。登録済みの媒体はないものとして扱われます。")
