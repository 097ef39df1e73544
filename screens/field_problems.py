"""What a field refuses, in words (EA01 to EA04, EB01, EC00): the shape rules decide, the field's name is filled in."""

from collections.abc import Mapping
from typing import Final

from kiosk.rules.credentials import CODE_LENGTHS, PASSWORD_LENGTHS, USER_ID_LENGTHS, ShapeProblem
from kiosk.rules.texts import TextProblem
from kiosk.translations.catalog import N_, _
from screens.messages import CounterMessage, Severity
from screens.staff_secret import OF_STAFF
from screens.typed_days import NOT_A_DAY
from screens.typed_times import NOT_A_TIME

NOT_CHOSEN: Final = "not_chosen"
"""The problem of a list or a row of choices in which nothing was chosen."""

WANTED_USER_ID: Final = "wanted_user_id"
"""The user ID that staff look for; `user_id` is what customers type as their own."""

FIELD_NAMES: Mapping[str, str] = {
    "staff_id": N_("オペレーターID"),
    "approver_id": N_("承認者のID"),
    "user_id": N_("ユーザーID"),
    WANTED_USER_ID: N_("ユーザーID"),
    "password": N_("パスワード"),
    OF_STAFF: N_("パスワード"),
    "code": N_("認証コード"),
    "form_no": N_("依頼書番号"),
    "visitor_name": N_("来店者氏名"),
    "document_type": N_("本人確認書類"),
    "document_last4": N_("書類番号の下4桁"),
    "medium_no": N_("媒体番号"),
    "stick-list": N_("書き込む媒体"),
    "first_no": N_("最初の番号"),
    "last_no": N_("最後の番号"),
    "branch_no": N_("店番"),
    "pc_alias": N_("使用パソコンの呼び名"),
    "reason": N_("理由"),
    "note": N_("理由の補足"),
    "cause": N_("閉塞の原因"),
    "caller_name": N_("電話の相手"),
    "called_back_to": N_("折返し先"),
    "called_back_at": N_("折返しの時刻"),
    "transaction": N_("取引番号"),
    "search": N_("検索する文字"),
    "reception_no": N_("受付番号"),
    "day": N_("日付"),
}

_STANDS_IN: Mapping[str, str] = {OF_STAFF: "password", WANTED_USER_ID: "user_id"}
"""Where the cursor goes for a field that no screen calls by this name."""

USER_ID_HELP = N_("半角英字と数字を両方使った{shortest}～{longest}桁")
PASSWORD_HELP = N_("半角の英大文字・英小文字・数字・記号をすべて使った{shortest}～{longest}桁")
CODE_HELP = N_("半角数字{longest}桁")

_SHAPES: Mapping[str, tuple[str, str, range]] = {
    "user_id": ("EA02", N_("ユーザーIDは、{help}でご入力ください。"), USER_ID_LENGTHS),
    "password": ("EA03", N_("パスワードは、{help}でご入力ください。"), PASSWORD_LENGTHS),
    "code": ("EB01", N_("認証コードは{help}でご入力ください。"), CODE_LENGTHS),
}
"""The fields that customers fill in."""

_HELPS: Mapping[str, str] = {"user_id": USER_ID_HELP, "password": PASSWORD_HELP, "code": CODE_HELP}

_TEXTS: Mapping[str, str] = {
    NOT_A_TIME: N_("{field}は、10:15のように入力してください。"),
    NOT_A_DAY: N_("{field}は、2026-11-22のように入力してください。"),
    "no_run": N_("最初の番号と最後の番号が連番になっていません。(同じ桁数で、500本まで)"),
    "taken": N_("{field}は、すでに登録されています。"),
    "unknown": N_("{field}が登録されていません。確認して入力し直してください。"),
    TextProblem.TOO_LONG: N_("{field}が長すぎます。短くして入力してください。"),
    TextProblem.SURROGATE: N_("{field}に読み取れない文字があります。入力し直してください。"),
    TextProblem.CONTROL: N_("{field}に改行や制御文字は使えません。入力し直してください。"),
    TextProblem.BIDI: N_("{field}に文字の向きを変える制御文字は使えません。入力し直してください。"),
    TextProblem.INVISIBLE: N_("{field}に見えない文字があります。入力し直してください。"),
    TextProblem.PRIVATE_USE: N_("{field}に外字は使えません。別の文字で入力してください。"),
    TextProblem.HEADER_ENCODED: N_("{field}に「=?」は使えません。入力し直してください。"),
    "not_kept": N_("個人番号カードの番号は控えません。{field}は空欄にしてください。"),
    TextProblem.NOT_LAST_FOUR: N_(
        "{field}は、半角英数字4桁で入力してください。番号の全体は入力しないでください。"
    ),
}


def field_name(field: str) -> str:
    """What the counter calls a field."""
    return _(FIELD_NAMES[field]) if field in FIELD_NAMES else _("入力項目")


def field_help(field: str) -> str:
    """What the field must hold; empty when there is nothing to say."""
    if field not in _HELPS:
        return ""
    lengths = _SHAPES[field][2]
    return _(_HELPS[field]).format(shortest=lengths.start, longest=lengths.stop - 1)


def explain_field(field: str, problem: str) -> CounterMessage:
    """The message for a refused field; `problem` is a word of `ShapeProblem` or `TextProblem`."""
    code, happened = _sentence(field, problem)
    return CounterMessage(
        severity=Severity.ERROR,
        code=code,
        happened=happened,
        field=_STANDS_IN.get(field, field),
        until_filled=problem in {ShapeProblem.EMPTY, NOT_CHOSEN},
    )


def _sentence(field: str, problem: str) -> tuple[str, str]:
    name, by_customer = field_name(field), field in _SHAPES
    if problem == ShapeProblem.EMPTY:
        asked = _("{field}をご入力ください。") if by_customer else _("{field}を入力してください。")
        return "EA01", asked.format(field=name)
    if problem == NOT_CHOSEN:
        return "EA01", _("{field}を選択してください。").format(field=name)
    if problem == ShapeProblem.YEN_SIGN:
        if by_customer:
            return "EA04", _("円記号(U+00A5)は使えません。日本語入力を切り、「\\」のキーでご入力ください。")
        return "EA04", _("円記号(U+00A5)は使えません。日本語入力を切り、「\\」のキーで入力してください。")
    if problem in {ShapeProblem.FULL_WIDTH, ShapeProblem.NOT_ASCII}:
        if by_customer:
            return "EA04", _(
                "全角文字が含まれています。「半角/全角」キーで日本語入力を切ってご入力ください。"
            )
        return "EA04", _("全角文字が含まれています。「半角/全角」キーで日本語入力を切って入力してください。")
    if by_customer:
        code, sentence, _lengths = _SHAPES[field]
        return code, _(sentence).format(help=field_help(field))
    if field == WANTED_USER_ID:
        return "EC00", _("ユーザーIDは、{help}で入力してください。").format(help=field_help("user_id"))
    if problem in _TEXTS:
        return "EC00", _(_TEXTS[problem]).format(field=name)
    return "EC00", _("{field}を確認して、入力し直してください。").format(field=name)
