"""The text form of a list is the same whether its lines were made ahead, taken over or made at once."""

import base64

from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.pki.ca_files import PemAhead, crl_pem


def made_ahead(entries: bytes, at: int) -> PemAhead:
    ahead = PemAhead(entries, at)
    ahead.make()
    return ahead


@settings(deadline=None)
@given(
    entries=st.binary(max_size=400),
    before=st.integers(0, 200),
    told=st.integers(0, 200),
    tail=st.binary(max_size=60),
    guessed_right=st.booleans(),
)
def test_lines_made_ahead_change_nothing_about_a_list(
    entries: bytes, before: int, told: int, tail: bytes, guessed_right: bool
) -> None:
    """Whether the entries begin where they were expected or elsewhere, are those of another list, or not made yet."""
    whole = bytes(before) + entries + tail
    plain = crl_pem(whole)
    assert crl_pem(whole, made_ahead(entries, before if guessed_right else told)) == plain
    assert crl_pem(whole, made_ahead(entries[::-1], before)) == plain
    assert crl_pem(whole, PemAhead(entries, before)) == plain
    base64_of_it = b"".join(plain.splitlines()[1:-1])
    assert base64.b64decode(base64_of_it) == whole
    assert all(len(line) <= 64 for line in plain.splitlines())


@settings(deadline=None)
@given(
    entries=st.binary(max_size=400),
    new=st.binary(max_size=60),
    place=st.integers(0, 400),
    begin=st.integers(0, 200),
    moved=st.sampled_from([0, 1, 48]),
)
def test_lines_taken_from_the_list_before_change_nothing(
    entries: bytes, new: bytes, place: int, begin: int, moved: int
) -> None:
    following = entries[:place] + new + entries[place:]
    ahead = PemAhead(following, begin, made_ahead(entries, begin + moved))
    ahead.make()
    whole = bytes(begin) + following + b"tail"
    assert crl_pem(whole, ahead) == crl_pem(whole)


def test_a_long_list_is_the_same_made_in_pieces() -> None:
    whole = bytes(range(256)) * 1_000
    ahead = made_ahead(whole[300:-300], 300)
    assert crl_pem(whole, ahead) == crl_pem(whole)
    assert ahead.lines is not None
    assert len(ahead.lines) > 0.99 * len(crl_pem(whole))
