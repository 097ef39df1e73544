"""Whatever the counter can refuse it can also say, and every code is one a clerk can read out on the telephone."""

import re
from collections.abc import Iterator

import pytest

from kiosk.errors import KioskError
from screens.problems import explain

NO_SENTENCE = explain.dispatch(object)


def every_refusal(parent: type[KioskError] = KioskError) -> Iterator[type[KioskError]]:
    """All classes below one, each once."""
    for child in parent.__subclasses__():
        if child.__module__ == "kiosk.errors":
            yield child
            yield from every_refusal(child)


REFUSALS = tuple(every_refusal())


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda refusal: refusal.__name__)
def test_every_refusal_has_its_sentence(refusal: type[KioskError]) -> None:
    assert explain.dispatch(refusal) is not NO_SENTENCE


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda refusal: refusal.__name__)
def test_every_code_can_be_read_out(refusal: type[KioskError]) -> None:
    assert re.fullmatch(r"E[ABCLMPRSTU]\d\d", refusal.code)


def test_the_text_of_a_refusal_tells_no_fact() -> None:
    """`str(error)` may reach a log; facts, which may be personal, do not."""
    for refusal in REFUSALS:
        assert refusal.__str__ is KioskError.__str__
