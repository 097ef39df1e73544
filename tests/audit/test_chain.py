"""The chain itself: bytes in, bytes out."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.audit.chain import GENESIS, Body, canonical, link
from kiosk.audit.events import EventTag

values = st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"]))


@pytest.mark.rule("I-13")
def test_an_entry_has_one_spelling() -> None:
    """Stored entries are compared with this for years: it may never change."""
    body: Body = {"seq": 7, "b": True, "a": "労金", "none": None, "facts": {"z": 1, "y": 'quote " and \\'}}

    assert canonical(body) == (
        '{"a":"労金","b":true,"facts":{"y":"quote \\" and \\\\","z":1},"none":null,"seq":7}'.encode()
    )


@given(st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), values))
def test_the_order_of_fields_does_not_matter(body: dict[str, str | int | bool | None]) -> None:
    backwards = dict(reversed(body.items()))

    assert canonical(body) == canonical(backwards)


def test_half_a_character_has_no_spelling() -> None:
    with pytest.raises(ValueError, match="surrogates"):
        canonical({"name": "\ud800"})


def test_what_is_no_number_has_no_spelling() -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        canonical({"minutes": float("nan")})  # type: ignore[dict-item]  # no fact is a fraction; nor ever becomes one


@pytest.mark.rule("I-13")
def test_a_hash_covers_the_hash_before_and_the_stored_bytes() -> None:
    first = link(GENESIS, b"one")

    assert first == hashlib.sha256(bytes(32) + b"one").digest()
    assert link(first, b"two") == hashlib.sha256(first + b"two").digest()


@pytest.mark.parametrize("previous", [b"", bytes(31), bytes(33)])
def test_a_hash_of_another_length_links_nothing(previous: bytes) -> None:
    """Else bytes could move from the hash into the body without a trace."""
    with pytest.raises(ValueError, match="32 bytes"):
        link(previous, b"body")


def test_tags_read_source_subject_action_and_fit_their_column() -> None:
    for tag in EventTag:
        parts = tag.split(":")
        assert len(parts) == 3
        assert all(part.replace("_", "a").isalnum() and part.islower() for part in parts)
        assert len(tag) <= 64
