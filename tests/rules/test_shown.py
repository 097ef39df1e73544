"""The digest covers everything that is shown, and nothing that differs has the same (I-17)."""

import hashlib
from dataclasses import fields, replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.rules.approvals import ApprovalSubject
from kiosk.rules.shown import Effect, Shown, canonical, digest, shown_from

PLAIN = Shown(
    reception_no="20260302-012-01-0001",
    subject=ApprovalSubject.REVOKE,
    transaction="201",
    maker_id="op00001",
    maker_name="窓口 花子",
    branch_no="012",
    terminal_no="01",
    user_id="kunren01",
    user_name="訓練 太郎",
    user_role="master",
    organization_name="訓練労働組合",
    organization_code="1234567",
)
KINDS: dict[str, st.SearchStrategy[Any]] = {
    "subject": st.sampled_from(ApprovalSubject),
    "issue_date": st.none() | st.dates(),
    "last_valid_date": st.none() | st.dates(),
    "then_reissue": st.booleans(),
    "checks": st.lists(st.text(max_size=4), max_size=3).map(tuple),
    "effects": st.lists(st.sampled_from(Effect), max_size=3).map(tuple),
    "repeats": st.integers(0, 9),
    "failures": st.integers(0, 6),
    "lock_count": st.integers(0, 3),
    "charges": st.integers(0, 99),
}
SHOWN = st.builds(
    Shown, **{field.name: KINDS.get(field.name, st.text(max_size=8)) for field in fields(Shown)}
)


@pytest.mark.rule("I-17")
@given(shown=SHOWN)
def test_what_is_stored_is_read_back_as_it_was_shown(shown: Shown) -> None:
    assert shown_from(canonical(shown)) == shown
    assert digest(shown_from(canonical(shown))) == digest(shown)


@pytest.mark.rule("I-17")
@given(one=SHOWN, other=SHOWN)
def test_two_contents_have_one_digest_only_when_they_are_equal(one: Shown, other: Shown) -> None:
    assert (digest(one) == digest(other)) == (one == other)


@pytest.mark.rule("I-17")
@pytest.mark.parametrize("name", [field.name for field in fields(Shown)])
@given(data=st.data())
def test_a_change_of_any_single_value_changes_the_digest(name: str, data: st.DataObject) -> None:
    value = data.draw(KINDS.get(name, st.text(max_size=8)))
    changed = replace(PLAIN, **{name: value})
    assert (digest(changed) == digest(PLAIN)) == (value == getattr(PLAIN, name))


@pytest.mark.rule("I-17")
def test_text_does_not_wander_from_one_field_into_the_next() -> None:
    assert digest(replace(PLAIN, user_id="ab", user_name="c")) != digest(
        replace(PLAIN, user_id="a", user_name="bc")
    )
    assert digest(replace(PLAIN, note='","form_no":"')) != digest(PLAIN)


def test_the_digest_is_that_of_nothing_else() -> None:
    bare = hashlib.sha256(canonical(PLAIN).encode()).hexdigest()
    assert digest(PLAIN) != bare
    assert len(digest(PLAIN)) == 64


def test_an_approval_survives_an_update_of_the_program() -> None:
    """The spelling is stored and its digest compared by whatever release runs then: neither may ever change."""
    assert canonical(replace(PLAIN, issue_date=date(2026, 3, 2), checks=("seal", "identity"))) == (
        '{"branch_no":"012","called_back_to":"","certificate_state":"","channel":"","charges":0,'
        '"checks":["seal","identity"],"delivery_state":"","document_type":"","effects":[],"failures":0,"form_no":"",'
        '"issue_date":"2026-03-02","last_valid_date":null,"lock_count":0,"lock_standing":"","maker_id":"op00001",'
        '"maker_name":"窓口 花子","note":"","organization_code":"1234567","organization_name":"訓練労働組合",'
        '"pc_alias":"","reason":"","reception_no":"20260302-012-01-0001","repeats":0,"serial":"","subject":"revoke",'
        '"terminal_no":"01","then_reissue":false,"transaction":"201","user_id":"kunren01","user_name":"訓練 太郎",'
        '"user_role":"master","visitor_kind":"","visitor_name":""}'
    )
    spelled = canonical(PLAIN).encode()
    assert digest(PLAIN) == hashlib.sha256(b"madoguchi approval 1\n" + spelled).hexdigest()


def test_half_a_character_has_a_digest_of_its_own() -> None:
    assert digest(replace(PLAIN, note="\ud800")) not in {digest(PLAIN), digest(replace(PLAIN, note="?"))}


def test_a_day_is_stored_as_a_day() -> None:
    assert '"issue_date":"2026-03-02"' in canonical(replace(PLAIN, issue_date=date(2026, 3, 2)))


@pytest.mark.parametrize(
    "stored",
    [
        "[]",
        "{}",
        '{"reception_no":"1"}',
        "nothing",
        "null",
        pytest.param("[" * 100_000, id="brackets without end"),
        canonical(PLAIN).replace('"checks":[]', '"checks":5'),
        canonical(PLAIN).replace('"checks":[]', '"checks":"ab"'),
        canonical(PLAIN).replace('"issue_date":null', '"issue_date":20260302'),
        canonical(PLAIN).replace('"repeats":0,', ""),
        canonical(PLAIN).replace('"repeats":0', '"repeats":0,"more":1'),
        canonical(PLAIN).replace(",", ", "),
    ],
)
def test_what_was_not_stored_by_us_is_not_read(stored: str) -> None:
    assert stored != canonical(PLAIN)
    with pytest.raises(ValueError, match=r"^not what was shown for an approval$"):
        shown_from(stored)


def test_every_effect_has_its_place_in_the_dialog() -> None:
    assert len(set(Effect)) == len(Effect)
