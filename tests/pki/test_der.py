"""The hand-written DER agrees with the library's, and refuses what is cut off."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from cryptography import x509
from hypothesis import given
from hypothesis import strategies as st

from kiosk.pki import der


@given(st.integers(0, 2**200))
def test_a_number_comes_back(value: int) -> None:
    encoded = der.integer(value)
    assert der.whole_number(encoded, der.whole(encoded, der.INTEGER)) == value
    body = encoded[2:]
    assert len(body) == 1 or body[0] != 0 or body[1] >= 0x80, "not the shortest form"


def test_a_number_below_zero_is_refused() -> None:
    with pytest.raises(der.NotDer):
        der.integer(-1)
    with pytest.raises(der.NotDer):
        der.whole_number(b"\x02\x01\x80", der.read(b"\x02\x01\x80"))


@given(st.binary(max_size=70_000))
def test_any_content_comes_back_whatever_its_length(body: bytes) -> None:
    encoded = der.octet_string(body)
    element = der.whole(encoded, der.OCTET_STRING)
    assert encoded[element.body_start : element.end] == body


@pytest.mark.parametrize(
    ("length", "header"),
    [(0, "0400"), (127, "047f"), (128, "048180"), (255, "0481ff"), (256, "04820100"), (65536, "0483010000")],
)
def test_lengths_take_the_shortest_form(length: int, header: str) -> None:
    assert der.octet_string(bytes(length)).startswith(bytes.fromhex(header))


@pytest.mark.parametrize(
    "dotted", ["1.2.840.113549.1.5.13", "2.5.29.21", "2.16.840.1.101.3.4.1.42", "0.0", "1.3.6.1"]
)
def test_object_identifiers_are_as_the_library_writes_them(dotted: str) -> None:
    policy = x509.CertificatePolicies([x509.PolicyInformation(x509.ObjectIdentifier(dotted), None)])
    assert der.sequence(der.sequence(der.object_identifier(dotted))) == policy.public_bytes()


@pytest.mark.rule("E-04")
@pytest.mark.parametrize(
    ("moment", "encoded"),
    [
        (datetime(2026, 11, 21, 15, tzinfo=UTC), b"\x17\x0d261121150000Z"),
        (datetime(2026, 11, 22, 0, tzinfo=timezone(timedelta(hours=9))), b"\x17\x0d261121150000Z"),
        (datetime(2049, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC), b"\x17\x0d491231235959Z"),
        (datetime(2050, 1, 1, tzinfo=UTC), b"\x18\x0f20500101000000Z"),
        (datetime(2050, 1, 1, 8, 59, 59, tzinfo=timezone(timedelta(hours=9))), b"\x17\x0d491231235959Z"),
    ],
)
def test_times_are_utc_to_the_second(moment: datetime, encoded: bytes) -> None:
    assert der.time(moment) == encoded


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"\x30",
        b"\x30\x05\x00",
        b"\x30\x80\x00\x00",
        b"\x30\x81\x05",
        b"\x30\x81\x00",
        b"\x30\x82\x00\x80" + bytes(128),
    ],
)
def test_what_is_cut_off_or_padded_is_no_der(broken: bytes) -> None:
    with pytest.raises(der.NotDer):
        der.read(broken)


def test_a_child_must_not_reach_out_of_its_parent() -> None:
    data = b"\x30\x03\x04\x02\x00" + b"\x00"
    with pytest.raises(der.NotDer):
        der.children(data, der.read(data))


@pytest.mark.parametrize("other", [b"\x31\x00", b"\x30\x00\x00"])
def test_another_tag_or_something_behind_is_another_shape(other: bytes) -> None:
    with pytest.raises(der.NotDer):
        der.whole(other, der.SEQUENCE)
