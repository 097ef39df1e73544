"""What a hostile or careless text may do to a screen, a mail or a record: nothing."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.cells import cell_len

from kiosk.rules.texts import (
    TextProblem,
    device_text,
    displayable,
    mask_email,
    mask_user_id,
    problem_in,
    problem_in_last_four,
)

P = TextProblem

anything = st.text(st.characters(codec=None, categories=None), max_size=60)
"""Lone surrogates too."""

BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
INVISIBLE = (
    "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180e\u180f\u200b\u200c\u200d\u2060\u2061"
    "\u206a\u3164\ufeff\uffa0\ufff9\U000e0001\U000e0041"
)
CONTROL = "\x00\x07\x08\t\n\r\x1b\x7f\x80\x85\x9b\u2028\u2029"
PRIVATE = "\ue000\uf8ff\U000f0000"
SURROGATE = "\ud800\udcff\udfff"


@pytest.mark.rule("I-19")
@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("田中 太郎", None),
        ("髙﨑𠮷野", None),
        ("葛\U000e0100城", None),
        ("辻\ufe00", None),
        ("ﾛｳｷﾝ ﾀﾛｳ", None),
        ("D'Arc & Söhne [bold]", None),
        ("[@click=app.quit]", None),
        ("= ?", None),
        ("", P.EMPTY),
        (" ", P.EMPTY),
        ("\u3000\t\n", P.EMPTY),
        ("あ" * 10, None),
        ("あ" * 11, P.TOO_LONG),
        ("a\x00" + "あ" * 10, P.TOO_LONG),
        ("=?utf-8?q?x?=", P.TOO_LONG),
        ("=?u", P.HEADER_ENCODED),
        ("田中=?", P.HEADER_ENCODED),
        ("\x1b]0;x\x07", P.CONTROL),
        ("a\r\nBcc: b", P.CONTROL),
        ("=?\u202e", P.BIDI),
    ],
)
def test_a_text_is_stored_or_refused_for_a_reason(text: str, problem: P | None) -> None:
    limit = 30 if text.startswith(("D'", "[@", "ﾛ")) else 10
    assert problem_in(text, limit) is problem


@pytest.mark.rule("I-19")
@pytest.mark.parametrize(
    ("characters", "problem"),
    [
        (BIDI, P.BIDI),
        (INVISIBLE, P.INVISIBLE),
        (CONTROL, P.CONTROL),
        (PRIVATE, P.PRIVATE_USE),
        (SURROGATE, P.SURROGATE),
    ],
)
def test_each_hostile_character_is_refused_and_not_shown(characters: str, problem: P) -> None:
    shown_as = "〓" if problem in {P.PRIVATE_USE, P.SURROGATE} else ""
    for character in characters:
        assert problem_in(f"田中{character}太郎", 10) is problem, hex(ord(character))
        assert displayable(f"田中{character}太郎") == f"田中{shown_as}太郎", hex(ord(character))


TURNING = ("LEFT-TO-RIGHT", "RIGHT-TO-LEFT", "POP DIRECTIONAL", "FIRST STRONG", "ARABIC LETTER MARK")
BLANK = ("HANGUL", "KHMER VOWEL INHERENT", "GRAPHEME JOINER", "MONGOLIAN FREE VARIATION SELECTOR")
BY_CATEGORY = {
    "Cc": P.CONTROL,
    "Zl": P.CONTROL,
    "Zp": P.CONTROL,
    "Cf": P.INVISIBLE,
    "Co": P.PRIVATE_USE,
    "Cs": P.SURROGATE,
}


def by_its_name(character: str) -> P | None:
    name, category = unicodedata.name(character, ""), unicodedata.category(character)
    if category == "Cf" and any(word in name for word in TURNING):
        return P.BIDI
    if any(word in name for word in BLANK) and ("FILLER" in name or "HANGUL" not in name):
        return P.INVISIBLE
    return BY_CATEGORY.get(category)


@pytest.mark.rule("I-19")
def test_every_character_is_judged_as_its_name_says() -> None:
    for code in (*range(0x20000), *range(0xE0000, 0xE1000), 0xF0000, 0x10FFFD):
        assert problem_in(f"田{chr(code)}", 10) is by_its_name(chr(code)), hex(code)


@pytest.mark.rule("I-19")
@pytest.mark.parametrize("code", [0xFE00, 0xFE0F, 0xE0100, 0xE01EF])
def test_the_form_of_a_character_is_kept_and_not_shown(code: int) -> None:
    text = f"葛{chr(code)}城"
    assert problem_in(text, 10) is None
    assert displayable(text) == "葛城"


@pytest.mark.parametrize("code", [0xFDFF, 0xFE10])
def test_the_neighbours_of_the_variation_selectors_are_shown(code: int) -> None:
    assert displayable(chr(code)) == chr(code)


def test_parts_of_a_letter_are_put_together() -> None:
    assert displayable("か\u3099\u200b") == "が"
    assert displayable("か\u200b\u3099") == "が"


@pytest.mark.rule("I-19")
@given(anything)
@example("\ud83d\ude00")
def test_whatever_is_shown_can_be_printed_and_stays_as_it_is(text: str) -> None:
    shown = displayable(text)
    shown.encode()
    assert displayable(shown) == shown
    for character in shown:
        category = unicodedata.category(character)
        assert category not in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}


@pytest.mark.rule("I-19")
@given(anything)
def test_a_stored_text_is_shown_as_it_is_but_for_the_forms_of_its_characters(text: str) -> None:
    if problem_in(text, 1_000) is None:
        plain = "".join(c for c in text if not unicodedata.name(c, "").startswith("VARIATION SELECTOR"))
        assert displayable(text) == unicodedata.normalize("NFC", plain)


@pytest.mark.parametrize("text", ["1234", "78CD", "abcd", "0000"])
def test_four_characters_of_a_document_number_are_kept(text: str) -> None:
    assert problem_in_last_four(text) is None


@pytest.mark.parametrize(
    "text", ["", "123", "12345", "123456789012", "12 4", "１２３４", "12-4", "1234\n", "12é4", "123\u0664"]
)
def test_more_or_other_than_four_is_not(text: str) -> None:
    assert problem_in_last_four(text) is P.NOT_LAST_FOUR


@pytest.mark.rule("R-63")
@pytest.mark.parametrize(
    ("address", "masked"),
    [
        ("taro@example.jp", "t****@e******.jp"),
        ("t@e.jp", "t****@e******.jp"),
        ("taro.tanaka@mail.example.co.jp", "t****@m******.jp"),
        ('"a@b"@example.jp', '"****@e******.jp'),
        ("taro@localhost", "t****@l******"),
        ("taro@.jp", "t****@******.jp"),
        ("@example.jp", "****@e******.jp"),
        ("taro@", "t****@******"),
        ("taro", "****"),
        ("", "****"),
        ("\x1btaro@\u202eexample.jp", "t****@e******.jp"),
    ],
)
def test_an_address_is_recognised_by_its_owner_only(address: str, masked: str) -> None:
    assert mask_email(address) == masked


@pytest.mark.rule("R-63")
@given(st.emails())
def test_no_more_than_two_letters_and_the_country_of_an_address_are_told(address: str) -> None:
    masked = mask_email(address)
    assert masked == f"{address[0]}****@{address.rpartition('@')[2][0]}******.{address.rpartition('.')[2]}"


@pytest.mark.parametrize(
    ("user_id", "masked"),
    [
        ("tanaka01", "ta******"),
        ("tanaka012345", "ta******"),
        ("t", "t******"),
        ("", "******"),
        ("\x1btaro01", "ta******"),
    ],
)
def test_a_masked_user_id_does_not_tell_its_length(user_id: str, masked: str) -> None:
    assert mask_user_id(user_id) == masked


@pytest.mark.rule("I-19")
@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("Kingston  DataTraveler ", "Kingston DataTraveler"),
        ("\x1b[31mA\x07", "[31mA"),
        ("\u202egpj.exe\u2066", "gpj.exe"),
        ("A\u200bB\u2028C\rD\nE\x9b2J", "ABCDE2J"),
        ("A\ue000B\U0001f984\u0378C", "AB\U0001f984C"),
        ("か\u3099\u200b", "が"),
        ("Z" + "\u0301" * 300, "Ź\u0301\u0301"),
        ("\ud800x", "x"),
        ("", ""),
        ("\t \u3000", ""),
    ],
)
def test_what_a_device_calls_itself_is_made_harmless(said: str, shown: str) -> None:
    assert device_text(said) == shown


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("x" * 40, "x" * 32),
        ("x" * 31 + " y", "x" * 31),
        ("田" * 40, "田" * 16),
        ("Ａ" * 40, "Ａ" * 16),
        ("α" * 40, "α" * 16),
        ("x" * 31 + "田", "x" * 31),
        ("q\u0323" * 40, "q\u0323" * 32),
        ("q\u20dd" * 40, "q\u20dd" * 32),
        ("q" + "\u20dd" * 9 + "q", "q\u20dd\u20ddq"),
        ("\u0323" * 9 + "q", "\u0323\u0323q"),
    ],
)
def test_of_what_a_device_calls_itself_32_columns_are_shown(said: str, shown: str) -> None:
    """What may be drawn wide counts two; marks stand on the letter before them, two at the most, and take no column."""
    assert device_text(said) == shown


@pytest.mark.rule("I-19")
@given(st.text(max_size=200) | anything, st.integers(min_value=1, max_value=40))
@example("田" * 40, 32)
@example("\U0001f984" * 40, 31)
def test_what_a_device_calls_itself_fits_its_place_and_steers_no_terminal(text: str, columns: int) -> None:
    shown = device_text(text, columns)

    shown.encode()
    assert cell_len(shown) <= columns
    assert unicodedata.is_normalized("NFC", shown)
    assert device_text(shown, columns) == shown
    for character in shown:
        assert unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
