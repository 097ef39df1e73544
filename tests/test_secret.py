"""A password, a code or a passphrase shows itself to nobody but the one call that needs it."""

import copy
import json
import logging
import pickle
from collections.abc import Callable

import pytest

from kiosk.secret import Secret

WORD = "Kunren#2026"
ODD = "あ\U0001f984\ud800z"
"""One, three and four bytes a character, and half a character that a terminal may send."""


@pytest.mark.rule("I-21")
@pytest.mark.parametrize("spelled", [repr, str, "{}".format, "{:>40}".format, "%r".__mod__, "%s".__mod__])
def test_no_text_made_of_a_secret_holds_it(spelled: Callable[[Secret], str]) -> None:
    assert spelled(Secret(WORD)) == "Secret(hidden)"


@pytest.mark.rule("I-21")
def test_a_log_record_and_a_container_of_secrets_hold_none(caplog: pytest.LogCaptureFixture) -> None:
    logging.getLogger("counter").warning("wrong: %s %r", Secret(WORD), {"typed": [Secret(WORD)]})
    assert WORD not in caplog.text
    assert caplog.text.count("Secret(hidden)") == 2


@pytest.mark.rule("I-21")
@pytest.mark.parametrize("carried_off", [pickle.dumps, copy.copy, copy.deepcopy])
def test_a_secret_is_neither_copied_nor_pickled(carried_off: object) -> None:
    with pytest.raises(TypeError, match=r"^a secret is not pickled$"):
        carried_off(Secret(WORD))  # type: ignore[operator]  # one of the three above


def test_a_secret_is_no_json() -> None:
    with pytest.raises(TypeError):
        json.dumps({"password": Secret(WORD)})


@pytest.mark.rule("I-21")
def test_two_secrets_are_never_equal_so_that_no_comparison_can_be_timed() -> None:
    one, other = Secret(WORD), Secret(WORD)
    assert one != other
    assert one != WORD
    assert len({one, one, other}) == 2


@pytest.mark.parametrize("typed", ["", "a", WORD, ODD])
def test_what_was_typed_letter_by_letter_is_revealed_and_taken_back_letter_by_letter(typed: str) -> None:
    secret = Secret()
    for letter in typed:
        secret.append(letter)
    assert secret.reveal() == Secret(typed).reveal() == typed
    for left in range(len(typed), 0, -1):
        assert len(secret) == left
        assert secret
        secret.drop_last()
        assert secret.reveal() == typed[: left - 1]
    secret.drop_last()
    assert not secret
    assert len(secret) == 0


@pytest.mark.rule("I-21")
def test_what_is_forgotten_is_overwritten_where_it_lay() -> None:
    """Whoever still holds the same bytes finds none of it there."""
    wiped, shortened, left = Secret(WORD), Secret(WORD), Secret(WORD)
    places = [secret._held for secret in (wiped, shortened, left)]  # the place in memory is the claim
    wiped.wipe()
    shortened.drop_last()
    with left as secret:
        assert secret.reveal() == WORD
    assert [bytes(place) for place in places] == [bytes(len(WORD))] * 3
    assert (wiped.reveal(), shortened.reveal(), left.reveal()) == ("", WORD[:-1], "")


@pytest.mark.rule("I-21")
def test_a_secret_is_forgotten_when_its_use_fails() -> None:
    secret = Secret(WORD)
    with pytest.raises(RuntimeError), secret:
        raise RuntimeError
    assert not secret
