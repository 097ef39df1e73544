"""What two lists have in common: found in any octets, and claimed only when nothing else differs."""

from hypothesis import given
from hypothesis import strategies as st

from kiosk.pki.crl_difference import alike, place_of_what_is_new

octets = st.binary(max_size=40) | st.text("ab", max_size=40).map(str.encode)


@given(octets, octets)
def test_two_are_alike_up_to_the_first_difference(one: bytes, other: bytes) -> None:
    length = alike(one, other)
    assert one[:length] == other[:length]
    assert one[length : length + 1] != other[length : length + 1] or length == len(one) == len(other)


@given(octets, octets.filter(bool), octets)
def test_what_was_put_in_is_found_in_a_place_that_gives_the_new_from_the_old(
    begin: bytes, new: bytes, end: bytes
) -> None:
    before, now = begin + end, begin + new + end
    place = place_of_what_is_new(before, now)
    assert place is not None
    assert place.stop - place.start == len(new)
    assert before[: place.start] + now[place] + before[place.start :] == now


@given(octets, octets)
def test_no_place_is_told_when_it_would_not_give_the_new_from_the_old(before: bytes, now: bytes) -> None:
    place = place_of_what_is_new(before, now)
    if place is not None:
        assert before[: place.start] + now[place] + before[place.start :] == now
        assert len(now) > len(before)


def test_nothing_new_has_no_place() -> None:
    assert place_of_what_is_new(b"one two", b"one two") is None
    assert place_of_what_is_new(b"one two", b"one") is None
    assert place_of_what_is_new(b"one two", b"One two three") is None
