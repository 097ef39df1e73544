"""The shape of what customers type: every trap of a look-alike, a silent conversion and a loose pattern."""

import re
import string
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kiosk.rules.credentials import (
    SYMBOLS,
    PasswordKinds,
    ShapeProblem,
    check_code,
    check_password,
    check_user_id,
    kinds_in,
)

P = ShapeProblem


@pytest.mark.rule("R-40", "R-41", "E-43", "E-44", "I-20")
@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("taro01", None),
        ("0taroo", None),
        ("Tanaka012345", None),
        ("TAROO1", None),
        ("", P.EMPTY),
        ("taro1", P.TOO_SHORT),
        ("tanaka0123456", P.TOO_LONG),
        ("t1" * 500_000, P.TOO_LONG),
        ("tanaka", P.MISSING_DIGIT),
        ("012345", P.MISSING_LETTER),
        ("taro01\n", P.BAD_CHARACTER),
        ("taro01 ", P.BAD_CHARACTER),
        (" taro01", P.BAD_CHARACTER),
        ("taro_01", P.BAD_CHARACTER),
        ("taro-01", P.BAD_CHARACTER),
        ("../../01", P.BAD_CHARACTER),
        ("taro01\x00", P.BAD_CHARACTER),
        ("taro0\x1b[1m", P.BAD_CHARACTER),
        ("ｔａｒｏ０１", P.FULL_WIDTH),
        ("taro0１", P.FULL_WIDTH),
        ("太郎taro01", P.FULL_WIDTH),
        ("taro01\u3000", P.FULL_WIDTH),
        ("taro0\u0661", P.NOT_ASCII),
        ("taro0²", P.NOT_ASCII),
        ("tarö01", P.NOT_ASCII),
        ("ﾀﾛｳtaro01", P.NOT_ASCII),
        ("taro01\u200b", P.NOT_ASCII),
        ("taro01\udcff", P.NOT_ASCII),
        ("taro¥01", P.YEN_SIGN),
    ],
)
def test_a_user_id_is_six_to_twelve_ascii_letters_and_digits(text: str, problem: P | None) -> None:
    assert check_user_id(text) is problem


@pytest.mark.rule("R-42", "R-43", "E-40", "E-42", "E-44", "E-46")
@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("Kunren#2", None),
        ("Kunren#2026x", None),
        ("Aa1 bcde", P.BAD_CHARACTER),
        ("", P.EMPTY),
        ("Kunre#2", P.TOO_SHORT),
        ("Kunren#2026xy", P.TOO_LONG),
        ("kunren#2", P.MISSING_UPPER),
        ("KUNREN#2", P.MISSING_LOWER),
        ("Kunren##", P.MISSING_DIGIT),
        ("Kunren22", P.MISSING_SYMBOL),
        ("Kunren#2\n", P.BAD_CHARACTER),
        (" Kunren#2", P.BAD_CHARACTER),
        ("Kunren#2\t", P.BAD_CHARACTER),
        ("Kunren#2\x7f", P.BAD_CHARACTER),
        ("Ｋunren#2", P.FULL_WIDTH),
        ("Kunren＃2", P.FULL_WIDTH),
        ("Kunren#２", P.FULL_WIDTH),
        ("Kunren￥2", P.FULL_WIDTH),
        ("Kunrén#2", P.NOT_ASCII),
        ("Kunren#\u0662", P.NOT_ASCII),
        ("Kunren#2ｱ", P.NOT_ASCII),
    ],
)
def test_a_password_has_eight_to_twelve_ascii_characters_of_four_kinds(text: str, problem: P | None) -> None:
    assert check_password(text) is problem


@pytest.mark.rule("R-61", "E-44")
@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("123456", None),
        ("000000", None),
        ("", P.EMPTY),
        ("12345", P.TOO_SHORT),
        ("1234567", P.TOO_LONG),
        ("12345a", P.BAD_CHARACTER),
        ("123456\n", P.BAD_CHARACTER),
        ("12 456", P.BAD_CHARACTER),
        ("+12345", P.BAD_CHARACTER),
        ("１２３４５６", P.FULL_WIDTH),
        ("12345\u0666", P.NOT_ASCII),
        ("12345²", P.NOT_ASCII),
        ("12345¥", P.YEN_SIGN),
    ],
)
def test_a_code_is_six_ascii_digits(text: str, problem: P | None) -> None:
    assert check_code(text) is problem


@pytest.mark.rule("E-41")
@pytest.mark.parametrize("symbol", string.punctuation)
def test_each_of_the_32_symbols_may_stand_in_a_password(symbol: str) -> None:
    assert check_password(f"Kunren2{symbol}") is None


@pytest.mark.rule("E-41")
def test_there_are_32_symbols_and_space_is_none_of_them() -> None:
    ranges = [(0x21, 0x2F), (0x3A, 0x40), (0x5B, 0x60), (0x7B, 0x7E)]
    assert {chr(code) for first, last in ranges for code in range(first, last + 1)} == SYMBOLS
    assert len(SYMBOLS) == 32


@pytest.mark.rule("E-41")
def test_the_yen_key_is_accepted_as_a_backslash_and_refused_as_a_yen_sign() -> None:
    assert check_password("Kunren2\u005c") is None
    assert check_password("Kunren2\u00a5") is P.YEN_SIGN


@pytest.mark.rule("R-43")
@given(st.text())
@example("Kunren#2")
def test_the_hint_beside_the_field_says_which_kinds_are_there(text: str) -> None:
    assert kinds_in(text) == PasswordKinds(
        upper=re.search("[A-Z]", text) is not None,
        lower=re.search("[a-z]", text) is not None,
        digit=re.search("[0-9]", text) is not None,
        symbol=re.search(r"[!-/:-@\[-`{-~]", text) is not None,
    )


@pytest.mark.rule("R-40", "R-41", "E-44")
@given(st.text(st.sampled_from("aZ09_ \n１²ｱ¥é\x00"), max_size=14) | st.text())
def test_an_accepted_user_id_is_one_for_a_strict_pattern_too(text: str) -> None:
    strict = re.fullmatch(r"(?=.*[A-Za-z])(?=.*[0-9])[A-Za-z0-9]{6,12}", text) is not None
    assert (check_user_id(text) is None) == strict


@pytest.mark.rule("R-42", "R-43", "E-41", "E-42", "E-44")
@given(st.text(st.sampled_from("aZ0#~ \n１²ｱ¥é\x7f"), max_size=14) | st.text(max_size=14))
@example("aZ0#aZ0#")
@example("aZ0#aZ0#aZ0#")
@example("aZ0#aZ0#aZ0#a")
def test_an_accepted_password_is_one_for_a_strict_pattern_too(text: str) -> None:
    each_kind = r"(?=.*[A-Z])(?=.*[a-z])(?=.*[0-9])(?=.*[!-/:-@\[-`{-~])"
    strict = re.fullmatch(each_kind + r"[!-~]{8,12}", text) is not None
    assert (check_password(text) is None) == strict


@pytest.mark.rule("E-40")
@given(st.text(st.sampled_from("aZ0#"), max_size=12), st.sampled_from("Ａｚ０＃²ﾀ①　 "), st.integers(0, 12))
def test_what_is_only_right_after_conversion_is_refused(text: str, strange: str, position: int) -> None:
    typed = text[:position] + strange + text[position:]
    assert unicodedata.normalize("NFKC", typed).strip() != typed or " " in typed
    assert check_user_id(typed) is not None
    assert check_password(typed) is not None
    assert check_code(typed) is not None


@pytest.mark.rule("E-42")
@given(st.text(st.sampled_from(string.ascii_letters + string.digits + string.punctuation), min_size=13))
def test_nothing_longer_than_twelve_is_ever_cut_to_fit(text: str) -> None:
    assert check_password(text) is P.TOO_LONG
