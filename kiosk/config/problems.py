"""What is wrong with a setting, in a sentence. The value itself is never repeated: it may be a misplaced secret."""

import re
import tomllib
from typing import Any

from pydantic_core import ErrorDetails, PydanticCustomError

from kiosk.translations.catalog import N_, _

OWN = "own"
SENTENCES = {
    "missing": N_("この項目は必要です。"),
    "extra_forbidden": N_("この名前の項目はありません。綴りを確認してください。"),
    "int_type": N_("整数を指定してください。"),
    "bool_type": N_("true または false を指定してください。"),
    "string_type": N_("文字列を指定してください。"),
    "path_type": N_("パスを文字列で指定してください。"),
    "tuple_type": N_("配列を指定してください。"),
    "model_type": N_("ここには項目ではなく区分([…])を書いてください。"),
    "greater_than_equal": N_("{ge} 以上を指定してください。"),
    "less_than_equal": N_("{le} 以下を指定してください。"),
    "string_too_short": N_("{min_length} 文字以上にしてください。"),
    "string_too_long": N_("{max_length} 文字以下にしてください。"),
    "string_pattern_mismatch": N_("次の形にしてください: {pattern}"),
    "literal_error": N_("次のどれかを指定してください: {expected}"),
    "enum": N_("次のどれかを指定してください: {expected}"),
}


TOML_SENTENCES = {
    "Cannot declare": N_("同じ名前の区分が2回あります。"),
    "Cannot overwrite": N_("同じ名前の項目が2回あります。"),
    "Duplicate": N_("同じ名前の項目が2回あります。"),
    "Expected '='": N_("項目名の後に「=」がありません。"),
    "Expected ']": N_("区分名の「]」がありません。"),
    "Expected newline": N_("1行に1項目だけを書いてください。"),
    "Illegal character": N_("値の引用符が閉じていないか、使えない文字があります。"),
    "Invalid initial": N_("項目名の書き方が正しくありません。"),
    "Invalid statement": N_("項目名の書き方が正しくありません。"),
    "Invalid value": N_("値の書き方が正しくありません。文字列は引用符で囲んでください。"),
    "Unclosed": N_("配列または表が閉じていません。"),
    "Unescaped": N_("円記号(バックスラッシュ)は2つ続けて書いてください。"),
    "Unterminated": N_("値の引用符が閉じていません。"),
}
"""What the reader of TOML says, by its first words."""
_PLACE = re.compile(r"\(at line (\d+), column (\d+)\)$")


def refused(sentence: str, *, key: str = "", **facts: Any) -> PydanticCustomError:
    """An error a validator raises; `sentence` is a marked text, `key` names another key than the one checked."""
    return PydanticCustomError(OWN, "refused", {"sentence": sentence, "key": key, **facts})


def key_of(error: ErrorDetails) -> str:
    """The dotted key the error is about; numbers stand for places in a list, counted from 0."""
    named = str(error.get("ctx", {}).get("key", ""))
    return named or ".".join(str(part) for part in error["loc"])


def sentence_of(error: ErrorDetails) -> str:
    """What to do about it, in the current language."""
    facts = error.get("ctx", {})
    if error["type"] == OWN:
        return _(str(facts["sentence"])).format(**facts)
    sentence = SENTENCES.get(error["type"])
    return _(sentence).format(**facts) if sentence else _("値が正しくありません。")


def toml_sentence(error: tomllib.TOMLDecodeError) -> str:
    """Where a file stops being TOML, and what is missing there, in the current language."""
    said = str(error)
    place = _PLACE.search(said)
    where = (
        _("{line}行目の{column}文字目").format(line=place[1], column=place[2])
        if place
        else _("ファイルの終わり")
    )
    why = next((text for begins, text in TOML_SENTENCES.items() if said.startswith(begins)), "")
    return f"{where} {_(why)}".rstrip()
