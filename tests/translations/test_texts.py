"""No text of the program is left untranslated, unmarked, unused or differently filled in."""

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

from screens.widgets.customer_card import STANDINGS
from screens.wording.cases import CERTIFICATES
from screens.wording.customer import DELIVERIES
from screens.wording.events import EVENTS, LOCK_HISTORY
from screens.wording.expiring import WHY_EMPTY
from screens.wording.sticks import REASONS
from screens.wording.stock import MEDIA
from screens.wording.unfinished import CASE_STATES, NEXT_STEPS
from tests.support.sources import ROOT, place, python_files, tree_of
from tools.translations import ENGLISH_PO, MARKS, english_in, texts_in_sources

JAPANESE = re.compile(r"[\u3001-\u30ff\u3400-\u9fff\uff01-\uffef]")
WORDS = re.compile(r"[\u3041-\u30fe\u3400-\u9fff]")
"""Kana and kanji: without one of them a literal is punctuation."""
NO_SENTENCES = {
    "kiosk/config/mail.py": "names that a branch may replace in its settings",
    "kiosk/config/sections.py": "names that a branch may replace in its settings",
    "kiosk/mail/letters.py": "letters have templates in each language",
    "kiosk/mail/wording.py": "days and times of letters, spelled by language",
    "kiosk/pki/ca_creation.py": "the watermark in certificates of training",
    "kiosk/rules/lookup.py": "kana tables",
    "kiosk/rules/romaji.py": "kana tables",
    "kiosk/services/upkeep/checking.py": "the made-up customer of the profile check",
    "kiosk/training/people.py": "names of the practice people",
    "kiosk/training/setting_up.py": "name of the practice CA",
    "screens/widgets/text.py": "where a Japanese line may break",
}
"""Japanese that is data."""
MEANT_IN_ENGLISH = {"English", "(F1)"}
"""Names of a language and of a key, the same in both."""
MEANT_IN_JAPANESE = re.compile("日本語|半角/全角")
"""Names of a language and of a key that English texts keep."""


COUNTS_SOMETHING = re.compile(r"\{(count|days|tries)\} (?!s\b)[a-z ]*(s|media)\b")
"""English that reads wrong for one."""
NEVER_ONE = {
    "大文字と小文字を確かめて、もう一度入力してください。(続けて{tries}回誤ると、しばらく受け付けません)",
    "【要確認】この{days}日間に{count}回、閉塞を解除しています。",
    "承認者のサインオンを{tries}回誤ったため、承認の依頼を閉じました。",
    "パスワードを連続して{tries}回誤ったため、ロックしました。",
    "{day}(発行日を含めて{days}日間)",
    "認証コードを{tries}回誤ったため、このコードは無効になりました。",
    WHY_EMPTY["expired"],
}
"""Numbers that the rules fix."""


@pytest.fixture(scope="module")
def texts() -> dict[str, list[str]]:
    return texts_in_sources(ROOT)


@pytest.fixture(scope="module")
def english() -> dict[str, str]:
    return english_in(ENGLISH_PO)


def test_every_text_is_translated(texts: dict[str, list[str]], english: dict[str, str]) -> None:
    missing = {text: places for text, places in texts.items() if text not in english}
    assert not missing, "add them with: python tools/translations.py update --merge FILE"


def test_english_that_counts_reads_well_for_one(english: dict[str, str]) -> None:
    wrong = [
        text
        for japanese, text in english.items()
        if COUNTS_SOMETHING.search(text) and japanese not in NEVER_ONE
    ]
    assert not wrong, "put the number last: 'Lines: 1'"


@pytest.mark.parametrize(
    "words", [CASE_STATES, CERTIFICATES, DELIVERIES, EVENTS, LOCK_HISTORY, MEDIA, NEXT_STEPS, STANDINGS]
)
def test_english_that_fills_a_cell_begins_with_a_capital(
    words: Mapping[str, str], english: dict[str, str]
) -> None:
    small = [english[text] for text in words.values() if english[text][0].islower()]
    assert not small


def test_english_that_follows_a_colon_begins_without_one(english: dict[str, str]) -> None:
    assert not [text for text in map(english.__getitem__, REASONS.values()) if text[0].isupper()]


def test_every_translation_is_used(texts: dict[str, list[str]], english: dict[str, str]) -> None:
    unused = sorted(english.keys() - texts.keys())
    assert not unused, "drop them with: python tools/translations.py update --prune"


def test_the_compiled_catalogue_is_that_of_the_texts(english: dict[str, str]) -> None:
    with ENGLISH_PO.with_suffix(".mo").open("rb") as stream:
        compiled = {str(entry.id): str(entry.string) for entry in read_mo(stream) if entry.id}
    assert compiled == english, "compile with: python tools/translations.py update"


def test_no_translation_is_marked_as_doubtful() -> None:
    with ENGLISH_PO.open("rb") as stream:
        assert not [entry.id for entry in read_po(stream) if entry.fuzzy and entry.id]


def test_a_translation_fills_in_what_its_text_does(english: dict[str, str]) -> None:
    def filled_in(text: str) -> set[str]:
        return {name for _literal, name, _spec, _conversion in Formatter().parse(text) if name is not None}

    different = [(text, other) for text, other in english.items() if filled_in(text) != filled_in(other)]
    assert not different


def test_a_translation_has_a_blank_or_a_break_at_its_edge_where_its_text_has(english: dict[str, str]) -> None:
    """Texts are put together with others; a Japanese text that ends in a full stop needs no blank after it."""
    different = [
        (text, other)
        for text, other in english.items()
        if (text[:1].isspace() and not other[:1].isspace()) or text.endswith("\n") != other.endswith("\n")
    ]
    assert not different


def test_texts_are_japanese(texts: dict[str, list[str]]) -> None:
    suspicious = {text: places for text, places in texts.items() if not JAPANESE.search(text)}
    assert suspicious.keys() <= MEANT_IN_ENGLISH, suspicious


def test_translations_are_english(english: dict[str, str]) -> None:
    still_japanese = {
        text: other for text, other in english.items() if JAPANESE.search(MEANT_IN_JAPANESE.sub("", other))
    }
    assert not still_japanese


def marking_calls(tree: ast.Module) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MARKS:
            yield node


def unmarked_texts(tree: ast.Module) -> list[ast.Constant]:
    """Japanese literals that are neither marked nor a docstring."""
    known = {id(inside) for call in marking_calls(tree) for inside in ast.walk(call)}
    known |= {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    literals = (node for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in known)
    return [node for node in literals if isinstance(node.value, str) and WORDS.search(node.value)]


def test_every_japanese_text_in_the_code_goes_through_the_catalogue() -> None:
    unmarked = {
        place(file, node.lineno): node.value
        for file in python_files()
        if place(file) not in NO_SENTENCES
        for node in unmarked_texts(tree_of(file))
    }
    assert not unmarked


def test_the_files_excepted_from_that_still_need_it() -> None:
    needing = {place(file) for file in python_files() if unmarked_texts(tree_of(file))}
    assert NO_SENTENCES.keys() <= needing


def test_a_text_is_never_put_together_before_it_is_looked_up() -> None:
    r"""`_(f"…")`, `_("…" + x)` and `_("…".format())` ask for texts that no catalogue can hold."""
    asked = ((file, call, call.args[0]) for file in python_files() for call in marking_calls(tree_of(file)))
    wrong = [
        place(file, call.lineno)
        for file, call, text in asked
        if isinstance(text, ast.JoinedStr | ast.BinOp)
        or (
            isinstance(text, ast.Call) and isinstance(text.func, ast.Attribute) and text.func.attr == "format"
        )
    ]
    assert not wrong


def test_a_text_at_module_or_class_level_is_only_marked() -> None:
    """`_` there would keep the language that the program was started in."""
    frozen = [
        place(file, call.lineno)
        for file in python_files()
        for call in calls_at_import(tree_of(file))
        if isinstance(call.func, ast.Name) and call.func.id == "_"
    ]
    assert not frozen


def calls_at_import(node: ast.AST) -> Iterator[ast.Call]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            for default in (*child.args.defaults, *filter(None, child.args.kw_defaults)):
                yield from calls_at_import(ast.Expr(default))
            continue
        if isinstance(child, ast.Call):
            yield child
        yield from calls_at_import(child)


def test_the_catalogue_lies_in_the_package_compiled() -> None:
    assert {file.name for file in Path(ENGLISH_PO).parent.iterdir()} == {"kiosk.po", "kiosk.mo"}
