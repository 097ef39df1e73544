"""What is wrong with a value that was typed after a command, and what to type instead."""

from collections.abc import Mapping
from typing import Final

from kiosk.rules.credentials import ShapeProblem
from kiosk.rules.texts import TextProblem
from kiosk.services.desk.new_entries import DIFFERS, TAKEN, UNKNOWN
from kiosk.translations.catalog import N_, _

_ASCII: Final = N_("半角の英数字と記号だけを使ってください。")
_KINDS: Final = N_(
    "文字の種類が足りません。ユーザーIDには英字と数字、お客様のパスワードには英大文字・英小文字・数字・記号がすべて必要です。"
)
_CHARACTERS: Final = N_("使えない文字が入っています。入力し直してください。")

_TO_DO: Final[Mapping[str, str]] = {
    UNKNOWN: N_("登録されていません。kiosk staff list や kiosk users list で確かめてください。"),
    TAKEN: N_("すでに登録されています。別の値を指定してください。"),
    DIFFERS: N_("別の名称で登録されています。名称を省くか、登録済みの名称を指定してください。"),
    ShapeProblem.EMPTY: N_("値を指定してください。"),
    ShapeProblem.TOO_SHORT: N_("短すぎます。パスワードは8文字以上、店番は3桁です。"),
    ShapeProblem.TOO_LONG: N_("長すぎます。短くしてください。"),
    ShapeProblem.YEN_SIGN: _ASCII,
    ShapeProblem.FULL_WIDTH: _ASCII,
    ShapeProblem.NOT_ASCII: _ASCII,
    ShapeProblem.BAD_CHARACTER: _ASCII,
    ShapeProblem.MISSING_LETTER: _KINDS,
    ShapeProblem.MISSING_DIGIT: _KINDS,
    ShapeProblem.MISSING_UPPER: _KINDS,
    ShapeProblem.MISSING_LOWER: _KINDS,
    ShapeProblem.MISSING_SYMBOL: _KINDS,
    TextProblem.SURROGATE: _CHARACTERS,
    TextProblem.CONTROL: _CHARACTERS,
    TextProblem.BIDI: _CHARACTERS,
    TextProblem.INVISIBLE: _CHARACTERS,
    TextProblem.PRIVATE_USE: _CHARACTERS,
    TextProblem.HEADER_ENCODED: _CHARACTERS,
    "not_an_address": N_("メールアドレスの形になっていません。"),
}


def to_do_about(problem: str) -> str:
    """One sentence for a problem of `BadInput`; empty for one that says it itself."""
    return _(_TO_DO[problem]) if problem in _TO_DO else ""
