"""The bank's list of media: every line is read or named, and only what stands there is admitted."""

from contextlib import suppress
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.rules.registered_media import (
    ListProblem,
    MediaRegister,
    RegisteredMedium,
    WrongLine,
    read_list,
    read_signed,
)

HEAD = "vid,pid,serial,owner,expires\n"
PURPOSE = b"madoguchi registered media 1\n"
TODAY = date(2026, 11, 22)
ONE = RegisteredMedium("0951", "1666", "60A44C41", "本店営業部", date(2026, 11, 22))
OTHER = RegisteredMedium("0781", "5567", "4C530001", "融資係", None)


def test_a_list_is_read_as_it_stands() -> None:
    read = read_list(HEAD + "0951,1666,60A44C41,本店営業部,2026-11-22\r\n0781,5567,4C530001,融資係,\r\n")
    assert read == MediaRegister((ONE, OTHER))
    assert read_list(HEAD + '"0951","1666","60A44C41","本店営業部","2026-11-22"').media == (ONE,)
    assert read_list(HEAD + "0ABC,1DEF,s,o,").media == (RegisteredMedium("0abc", "1def", "s", "o", None),)
    assert read_list((HEAD + "0781,5567,4C530001,融資係,\n").replace("\n", "\r")).media == (OTHER,)


def test_a_serial_number_has_at_most_64_characters_and_an_owner_40() -> None:
    serial, owner = "a" * 64, "店" * 40
    (medium,) = read_list(HEAD + f"0951,1666,{serial},{owner},\n").media
    assert (medium.serial, medium.owner) == (serial, owner)


def test_a_list_has_at_most_ten_thousand_lines() -> None:
    lines = "".join(f"0951,1666,{number},o,\n" for number in range(10_000))
    assert len(read_list(HEAD + lines).media) == 10_000


@pytest.mark.rule("I-19")
@pytest.mark.parametrize(
    ("text", "line", "column", "problem"),
    [
        ("", 1, "", ListProblem.HEADER),
        ("vid;pid;serial;owner;expires\n", 1, "", ListProblem.HEADER),
        ("VID,PID,SERIAL,OWNER,EXPIRES\n", 1, "", ListProblem.HEADER),
        (HEAD, 1, "", ListProblem.EMPTY),
        (HEAD + "0951,1666,1,o\n", 2, "", ListProblem.CELLS),
        (HEAD + "0951,1666,1,o,,\n", 2, "", ListProblem.CELLS),
        (HEAD + "0951,1666,1,o,\n\n", 3, "", ListProblem.CELLS),
        (HEAD + '0951,1666,1,"o,\n', 2, "", ListProblem.CELLS),
        (HEAD + '0951,1666,1,"o\no",\n', 2, "", ListProblem.CELLS),
        (HEAD + '0951,1666,1,"o\ro",\n', 2, "", ListProblem.CELLS),
        (HEAD + '0951,1666,1,"o"o,\n', 2, "", ListProblem.CELLS),
        (HEAD + '0951,1666,1,o,"2026-11-22', 2, "", ListProblem.CELLS),
        (HEAD + "951,1666,1,o,\n", 2, "vid", ListProblem.NOT_AN_ID),
        (HEAD + "0951,0x66,1,o,\n", 2, "pid", ListProblem.NOT_AN_ID),
        (HEAD + "0951,１666,1,o,\n", 2, "pid", ListProblem.NOT_AN_ID),
        (HEAD + "0951,1666,,o,\n", 2, "serial", ListProblem.SERIAL),
        (HEAD + "0951,1666,a b,o,\n", 2, "serial", ListProblem.SERIAL),
        (HEAD + f"0951,1666,{'a' * 65},o,\n", 2, "serial", ListProblem.SERIAL),
        (HEAD + "0951,1666,1,,\n", 2, "owner", ListProblem.OWNER),
        (HEAD + f"0951,1666,1,{'店' * 41},\n", 2, "owner", ListProblem.OWNER),
        (HEAD + "0951,1666,1,a\u202eb,\n", 2, "owner", ListProblem.OWNER),
        (HEAD + "0951,1666,1,=cmd|x,\n", 2, "owner", ListProblem.FORMULA),
        (HEAD + "0951,1666,@1,o,\n", 2, "serial", ListProblem.FORMULA),
        (HEAD + "0951,1666,1,o, -1\n", 2, "expires", ListProblem.FORMULA),
        (HEAD + "0951,1666,1,o,2026-02-29\n", 2, "expires", ListProblem.DAY),
        (HEAD + "0951,1666,1,o,2026/3/31\n", 2, "expires", ListProblem.DAY),
        (HEAD + "0951,1666,1,o,20260331\n", 2, "expires", ListProblem.DAY),
        (HEAD + "0951,1666,1,o,\n0951,1666,1,p,\n", 3, "serial", ListProblem.TWICE),
        (
            HEAD + "".join(f"0951,1666,{number},o,\n" for number in range(10_001)),
            10_002,
            "",
            ListProblem.TOO_MANY,
        ),
    ],
)
def test_the_first_wrong_line_is_named_with_its_column(
    text: str, line: int, column: str, problem: ListProblem
) -> None:
    with pytest.raises(WrongLine) as caught:
        read_list(text)
    assert (caught.value.line, caught.value.column, caught.value.problem) == (line, column, problem)


def test_only_the_very_device_is_admitted_and_only_until_its_day() -> None:
    register = MediaRegister((ONE, OTHER))
    assert register.admits("0951", "1666", "60A44C41", TODAY)
    assert not register.admits("0951", "1666", "60A44C41", date(2026, 11, 23))
    assert not register.admits("0951", "1666", "60a44c41", TODAY)
    assert not register.admits("0951", "1667", "60A44C41", TODAY)
    assert not register.admits("0951", "1666", "", TODAY)
    assert register.admits("0781", "5567", "4C530001", date(2099, 1, 1))
    assert MediaRegister((replace(ONE, vid="0abc", pid="1def"),)).admits("0ABC", "1DEF", ONE.serial, TODAY)
    assert not MediaRegister(()).admits("0951", "1666", "60A44C41", TODAY)


def test_the_same_list_in_another_order_is_signed_as_the_same_bytes() -> None:
    signed = MediaRegister((ONE, OTHER)).signed()
    assert signed == MediaRegister((OTHER, ONE)).signed()
    assert read_signed(signed).signed() == signed


@given(st.text(max_size=200))
def test_whatever_stands_in_a_file_is_read_or_named(text: str) -> None:
    with suppress(WrongLine):
        register = read_list(HEAD + text)
        assert read_signed(register.signed()).signed() == register.signed()


@given(st.binary(max_size=100), st.booleans())
def test_nothing_but_a_signed_list_reads_as_one(data: bytes, begins_like_one: bool) -> None:
    with pytest.raises(ValueError, match=r"^not a list of media$"):
        read_signed(PURPOSE * begins_like_one + b" " + data)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"5",
        b"[5]",
        b'[["0951","1666","1"]]',
        b'[["0951","1666","1","o",20261122]]',
        b'[["0951","1666","1","o","2026-02-29"]]',
        b'[["0951",1666,"1","o",""]]',
        b'[["0951","1666","1","o",""],["0781","5567","2","o",""]]',
        b'[["0951","1666","1","o", ""]]',
        pytest.param(b"[" * 100_000, id="brackets without end"),
    ],
)
def test_a_list_that_is_not_spelled_as_it_was_signed_reads_as_none(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"^not a list of media$"):
        read_signed(PURPOSE + body)


def test_a_list_reads_as_one_only_with_its_purpose_in_front() -> None:
    signed = MediaRegister((ONE,)).signed()
    assert signed == PURPOSE + '[["0951","1666","60A44C41","本店営業部","2026-11-22"]]'.encode()
    with pytest.raises(ValueError, match=r"^not a list of media$"):
        read_signed(signed.removeprefix(PURPOSE))
