"""What may be typed after `kiosk`. Secrets are never arguments: they are asked for, or read from a file."""

import argparse
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from kiosk import __version__
from kiosk.cli.usage import Parser, language_of
from kiosk.translations.catalog import _, in_language

SETTINGS: Final = Path("/etc/madoguchi/kiosk.toml")
PRACTICE_FOLDER: Final = Path(".madoguchi-training")

LANGUAGES: Final = ("ja", "en")
ROLES: Final = ("clerk", "supervisor", "auditor", "administrator")


class Arguments(argparse.Namespace):
    """The parsed command line."""

    command: str
    """`terminal`, `demo`, or a command such as `users add`."""
    settings: Path
    json: bool
    language: str | None
    data: Path
    reset: bool
    file: Path
    sticks: str
    """Of the practice counter: `folder` or `usb`."""


def parsed(argv: Sequence[str]) -> Arguments:
    """Read the command line; help, version and usage errors end the process (0 or 2)."""
    with in_language(language_of(argv, os.environ)):
        arguments = _parser().parse_args(argv, namespace=Arguments())
    arguments.command = " ".join(
        word for word in (arguments.command or "terminal", getattr(arguments, "action", None)) if word
    )
    return arguments


def _parser() -> Parser:
    parser = Parser(
        prog="kiosk",
        description=_(
            "労働金庫の窓口で電子証明書を扱う端末です。コマンドを付けずに起動すると画面が開きます。"
        ),
        epilog=_("終了コード: 0 完了、1 拒否、2 使い方の誤り、3 確認が必要、70 内部エラー"),
    )
    parser.add_argument(
        "--version", action="version", version=f"%(prog)s {__version__}", help=_("版を表示して終わる")
    )
    parser.add_argument(
        "--settings",
        type=Path,
        default=Path(os.environ.get("MADOGUCHI_SETTINGS", SETTINGS)),
        metavar="FILE",
        help=_("設定ファイル(既定: $MADOGUCHI_SETTINGS、なければ {path})").format(path=SETTINGS),
    )
    parser.add_argument("--json", action="store_true", help=_("結果をJSONで出力する"))
    parser.add_argument("--lang", dest="language", choices=LANGUAGES, help=_("結果の言語"))
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    _front_ends(commands)
    _setting_up(commands)
    _people(commands)
    _looking(commands)
    _working(commands)
    return parser


def _front_ends(commands: "argparse._SubParsersAction[Parser]") -> None:
    demo = _leaf(
        commands, "demo", _("訓練用の窓口を開く(訓練用の認証局と練習用の人物だけで、実物は何も使わない)")
    )
    demo.add_argument(
        "--data",
        type=Path,
        default=PRACTICE_FOLDER,
        metavar="DIR",
        help=_("訓練用の窓口のフォルダー(既定: {path})").format(path=PRACTICE_FOLDER),
    )
    demo.add_argument("--reset", action="store_true", help=_("練習用のユーザーをすべて最初の状態に戻す"))
    demo.add_argument(
        "--sticks",
        choices=("folder", "usb"),
        default="folder",
        help=_("媒体に見立てたフォルダー(folder)か、差し込んだ実物の媒体(usb)に書き込む(既定: folder)"),
    )
    demo.add_argument("--lang", dest="language", choices=LANGUAGES, default=argparse.SUPPRESS)


def _setting_up(commands: "argparse._SubParsersAction[Parser]") -> None:
    init = _leaf(commands, "init", _("鍵とフォルダーを作り、登録簿をこの版に合わせ、端末を登録する"))
    init.add_argument("--branch-name", default="", help=_("店名(新しい店のとき)"))
    init.add_argument("--branch-phone", default="", help=_("店の電話番号(新しい店のとき)"))
    authority = _branch(commands, "ca", _("認証局を作る、または引き継ぐ"))
    create = _leaf(authority, "init", _("認証局を作る(パスフレーズは一度だけ表示する)"))
    create.add_argument("--organization", required=True, help=_("認証局の名義に入れる労働金庫の名称"))
    create.add_argument("--common-name", required=True, help=_("認証局の名称"))
    create.add_argument("--algorithm", choices=("rsa-3072", "p-256"), default="rsa-3072")
    take = _leaf(authority, "import", _("ほかで署名に使っていない認証局の鍵を引き継ぐ"))
    take.add_argument("--certificate", type=Path, required=True, metavar="PEM")
    take.add_argument(
        "--key", type=Path, required=True, metavar="PEM", help=_("パスフレーズはあとで入力する")
    )
    take.add_argument("--last-crl-number", type=int, default=0, metavar="N")


def _people(commands: "argparse._SubParsersAction[Parser]") -> None:
    staff = _branch(commands, "staff", _("係員の登録と変更"))
    add = _leaf(staff, "add", _("係員を登録する(パスワードはあとで入力する)"))
    add.add_argument("staff_id")
    add.add_argument("--person-number", required=True)
    add.add_argument("--name", required=True)
    add.add_argument("--role", required=True, choices=ROLES)
    add.add_argument("--branch", required=True, help=_("店番(3桁)"))
    _leaf(staff, "list", _("登録のある係員をすべて表示する(停止中も含む)"))
    _leaf(staff, "suspend", _("係員を停止する(すべての端末ですぐに効く)")).add_argument("staff_id")
    _leaf(staff, "readmit", _("停止した係員を、元のパスワードで再開する")).add_argument("staff_id")
    assign = _leaf(staff, "assign", _("係員の役割または店を変更する"))
    assign.add_argument("staff_id")
    assign.add_argument("--role", required=True, choices=ROLES)
    assign.add_argument("--branch", required=True, help=_("店番(3桁)"))
    password = _leaf(staff, "password", _("係員のパスワードを変更する(あとで入力する。一時停止は解ける)"))
    password.add_argument("staff_id")
    users = _branch(commands, "users", _("電子証明書のユーザー"))
    add = _leaf(users, "add", _("ユーザーを登録する(パスワードはあとで入力する)"))
    add.add_argument("user_id")
    add.add_argument("--role", required=True, choices=("master", "general"))
    add.add_argument("--name", required=True)
    add.add_argument("--kana", required=True)
    add.add_argument("--email", required=True)
    add.add_argument("--branch", required=True, help=_("店番(3桁)"))
    add.add_argument("--organization", required=True, help=_("団体コード"))
    add.add_argument("--organization-name", default="", help=_("団体名(その団体の最初のユーザーのとき)"))
    add.add_argument("--employer", action="store_true", help=_("会員ではなく事業主の団体"))
    _leaf(users, "show", _("ユーザー1人と電子証明書を表示する")).add_argument("user_id")
    listing = _leaf(users, "list", _("ユーザーをID順に表示する"))
    listing.add_argument("--after", default="", metavar="ID")
    listing.add_argument("--limit", type=int, default=100, metavar="N")
    media = _branch(commands, "media", _("番号付きの媒体"))
    add = _leaf(media, "add", _("番号付きの空の媒体を在庫に入れる"))
    add.add_argument("medium_no")
    add.add_argument("--branch", required=True, help=_("店番(3桁)"))
    take = _leaf(media, "import", _("使用を認める媒体の一覧(CSV)を入れ替える"))
    take.add_argument("file", type=Path, metavar="FILE", help=_("列: vid,pid,serial,owner,expires"))
    _leaf(media, "list", _("使用を認める媒体を署名を検証して表示する(期限切れがあれば終了コード3)"))
    certificates = _branch(commands, "certificates", _("発行した電子証明書"))
    _leaf(certificates, "list", _("ユーザー1人の電子証明書を表示する")).add_argument("user_id")


def _looking(commands: "argparse._SubParsersAction[Parser]") -> None:
    audit = _branch(commands, "audit", _("操作記録(ジャーナル)"))
    _leaf(audit, "verify", _("ジャーナルをすべて検証し、書き換えられた箇所を示す(あれば終了コード3)"))
    _leaf(
        commands,
        "verify",
        _("保存した電子証明書をすべて読み直し、合わないものを示す(あれば終了コード3)"),
    )
    _leaf(commands, "self-check", _("発行の前に整っているべきことを調べる(整っていなければ終了コード3)"))
    lists = _branch(commands, "crl", _("失効リストの公開と照合"))
    _leaf(
        lists,
        "publish",
        _("新しい失効リストをすぐに公開し、後続のコマンドを実行する(そのコマンドが失敗したら終了コード3)"),
    )
    _leaf(lists, "show", _("公開中の失効リストを登録簿と比べて表示する(合わなければ終了コード3)"))
    diff = _leaf(lists, "diff", _("2つの失効リストの違いを表示する(あってはならない違いなら終了コード3)"))
    diff.add_argument("old", type=Path, metavar="OLD", help=_("失効リスト(PEMまたはDER)"))
    diff.add_argument(
        "new", type=Path, nargs="?", metavar="NEW", help=_("新しいほうの失効リスト(既定: 公開中のもの)")
    )
    settings = _branch(commands, "settings", _("設定ファイル"))
    _leaf(settings, "show", _("有効な設定を説明付きですべて表示する(秘密の値を除く)"))


def _working(commands: "argparse._SubParsersAction[Parser]") -> None:
    mail = _branch(commands, "mail", _("お客様へのメール"))
    run = _leaf(mail, "run", _("止められるまで、送信待ちのメールを送る(同時にいくつ動かしてもよい)"))
    run.add_argument("--once", action="store_true", help=_("送るものがなくなったら終わる"))
    test = _leaf(mail, "test", _("試験メールを送り、問題があれば言葉で示す(あれば終了コード3)"))
    test.add_argument("address")
    jobs = _branch(commands, "jobs", _("定期の処理"))
    _leaf(
        jobs,
        "run",
        _(
            "お知らせの準備、古いコードと受付の終了、失効リストの更新、ジャーナルへの署名を行う(できないものがあれば終了コード3)"
        ),
    )


def _branch(
    commands: "argparse._SubParsersAction[Parser]", name: str, text: str
) -> "argparse._SubParsersAction[Parser]":
    return commands.add_parser(name, help=text, description=text).add_subparsers(
        dest="action", metavar="ACTION", required=True
    )


def _leaf(commands: "argparse._SubParsersAction[Parser]", name: str, text: str) -> Parser:
    leaf = commands.add_parser(name, help=text, description=text)
    leaf.add_argument(
        "--json", action="store_true", default=argparse.SUPPRESS, help=_("結果をJSONで出力する")
    )
    return leaf
