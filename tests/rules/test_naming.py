"""File names, reception numbers, serial numbers: written and read back."""

import string
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kiosk.rules.naming import p12_file_name, parse_p12_file_name, reception_no, serial_text, serial_value

user_ids = st.from_regex(r"([A-Za-z][0-9]|[0-9][A-Za-z])[A-Za-z0-9]{4,10}", fullmatch=True)
seconds = st.datetimes(datetime(2020, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)).map(  # noqa: DTZ001  zone beside
    lambda moment: moment.replace(microsecond=0)
)


@pytest.mark.rule("R-84", "E-81")
def test_a_p12_is_named_by_user_and_second_in_japan() -> None:
    issued = datetime(2026, 3, 2, 1, 15, 30, 999_999, tzinfo=UTC)
    assert p12_file_name("tanaka01", issued) == "tanaka0120260302101530.p12"


@pytest.mark.rule("E-81")
def test_the_day_in_the_name_is_that_of_japan() -> None:
    issued = datetime(2026, 3, 31, 23, 30, tzinfo=UTC)
    assert p12_file_name("tanaka01", issued) == "tanaka0120260401083000.p12"


@pytest.mark.rule("R-84", "E-82", "I-20")
@given(user_ids, seconds)
@example("t12345678901", datetime(2026, 1, 1, tzinfo=UTC))
def test_a_name_gives_back_user_and_moment(user_id: str, issued: datetime) -> None:
    name = p12_file_name(user_id, issued)
    assert parse_p12_file_name(name) == (user_id, issued)
    assert parse_p12_file_name(name)[1].tzinfo is UTC


@given(user_ids, seconds, st.integers(-14, 14))
def test_the_name_does_not_depend_on_the_zone_a_moment_is_written_in(
    user_id: str, issued: datetime, hours: int
) -> None:
    elsewhere = issued.astimezone(timezone(timedelta(hours=hours)))
    assert p12_file_name(user_id, elsewhere) == p12_file_name(user_id, issued)


@pytest.mark.rule("E-45")
def test_users_that_differ_by_case_have_names_that_differ_by_case() -> None:
    issued = datetime(2026, 3, 2, tzinfo=UTC)
    assert p12_file_name("Taro01", issued) != p12_file_name("taro01", issued)


@pytest.mark.rule("I-20")
@pytest.mark.parametrize(
    "user_id",
    [
        "",
        "../../etc/passwd1",
        "taro01\n",
        "taro01/",
        "taro\x0001",
        "taro0１",
        "C:taro01",
        "taro01.p12",
        "taro",
    ],
)
def test_no_name_is_made_of_anything_but_a_user_id(user_id: str) -> None:
    with pytest.raises(ValueError, match=r"^not a user ID$"):
        p12_file_name(user_id, datetime(2026, 3, 2, tzinfo=UTC))


def test_no_name_is_made_of_a_moment_without_a_zone() -> None:
    with pytest.raises(ValueError, match=r"^a moment needs its time zone$"):
        p12_file_name("tanaka01", datetime(2026, 3, 2))  # noqa: DTZ001  the point of the test


@pytest.mark.rule("E-82", "I-20")
@pytest.mark.parametrize(
    "name",
    [
        "",
        "tanaka0120260302101530",
        "tanaka0120260302101530.P12",
        "tanaka0120260302101530.p12\n",
        "tanaka0120260302101530_p12",
        "./tanaka0120260302101530.p12",
        "tanaka2026030210153.p12",
        "tanakaa20260302101530.p12",
        "tar0120260302101530.p12",
        "tanaka0123456789020260302101530.p12",
        "tanaka01２０260302101530.p12",
    ],
)
def test_other_names_are_not_taken_for_ours(name: str) -> None:
    with pytest.raises(ValueError, match=r"^not the name of a p12 file$"):
        parse_p12_file_name(name)


@pytest.mark.rule("E-82")
@pytest.mark.parametrize("stamp", ["20260230101530", "20261302101530", "20260302246060", "00000101000000"])
def test_a_moment_that_does_not_exist_is_not_read(stamp: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  the words are those of the standard library
        parse_p12_file_name(f"tanaka01{stamp}.p12")


def test_a_reception_is_numbered_by_day_branch_terminal_and_count() -> None:
    assert reception_no(date(2026, 3, 2), "012", "01", 7) == "20260302-012-01-0007"
    assert reception_no(date(2026, 12, 31), "999", "99", 1) == "20261231-999-99-0001"
    assert reception_no(date(2026, 12, 31), "000", "00", 9999) == "20261231-000-00-9999"


@pytest.mark.parametrize(
    ("branch_no", "terminal_no"),
    [("12", "01"), ("0123", "01"), ("012", "1"), ("012", "001"), ("01２", "01"), ("012\n", "01"), ("", "")],
)
def test_a_reception_number_needs_whole_branch_and_terminal_numbers(branch_no: str, terminal_no: str) -> None:
    with pytest.raises(ValueError, match=r"^a branch number has three digits, a terminal number two$"):
        reception_no(date(2026, 3, 2), branch_no, terminal_no, 1)


@pytest.mark.parametrize("number", [0, -1, 10_000])
def test_a_terminal_does_not_count_beyond_its_day(number: int) -> None:
    with pytest.raises(ValueError, match=r"^a terminal counts from 1 to 9999 a day$"):
        reception_no(date(2026, 3, 2), "012", "01", number)


@pytest.mark.rule("I-5")
@pytest.mark.parametrize(
    ("serial", "text"), [(0, "00"), (1, "01"), (15, "0F"), (16, "10"), (256, "0100"), (0xABCDEF, "ABCDEF")]
)
def test_a_serial_is_written_in_whole_bytes(serial: int, text: str) -> None:
    assert serial_text(serial) == text


@pytest.mark.rule("I-5")
@given(st.integers(0, 2**160))
def test_a_serial_is_read_back_in_either_case(serial: int) -> None:
    text = serial_text(serial)
    assert serial_value(text) == serial_value(text.lower()) == serial
    assert len(text) % 2 == 0


def test_a_negative_serial_has_no_text() -> None:
    with pytest.raises(ValueError, match=r"^a serial number is not negative$"):
        serial_text(-1)


@pytest.mark.parametrize("text", ["", "F", "0x1F", "1_0F", " 1F", "1F\n", "-1FF", "１Ｆ", "0G", "ABC"])
def test_nothing_else_is_read_as_a_serial(text: str) -> None:
    with pytest.raises(ValueError, match=r"^not a serial number$"):
        serial_value(text)


@given(st.text(st.sampled_from("0123456789abcdefABCDEF_x+- "), max_size=8))
def test_two_spellings_of_one_serial_differ_by_case_and_leading_zeros_only(text: str) -> None:
    whole_bytes = text != "" and set(text) <= set(string.hexdigits) and len(text) % 2 == 0
    if whole_bytes:
        assert serial_text(serial_value(text)).lstrip("0") == text.upper().lstrip("0")
    else:
        with pytest.raises(ValueError, match=r"^not a serial number$"):
            serial_value(text)
