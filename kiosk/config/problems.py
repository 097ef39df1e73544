"""What is wrong with a setting, in a sentence. The value itself is never repeated: it may be a misplaced secret."""

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
