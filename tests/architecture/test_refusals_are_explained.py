"""Whatever the counter can refuse it can also say, and every code is one a clerk can read out on the telephone."""

import os
import re

import pytest

from kiosk.errors import KioskError
from screens.problems import explain
from tools import messages
from tools.said_by_screens import codes_in

NO_SENTENCE = explain.dispatch(object)


REFUSALS = tuple(messages.refusals())


def test_the_refusals_are_found() -> None:
    """An empty list would prove everything below."""
    assert {"WrongCredentials", "StickFull", "ClockWrong"} <= {refusal.__name__ for refusal in REFUSALS}


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


NOT_FOR_READERS = re.compile(
    r"None|True|False|datetime|Error\b|Exception|\{(?!contact\})\w*\}|\bUTC\b|<class"
)


def test_no_message_shows_a_word_of_the_program() -> None:
    spoken = [line.japanese for line in messages.lines()] + [line.english for line in messages.lines()]
    assert [text for text in spoken if NOT_FOR_READERS.search(text)] == []


def test_every_code_that_a_screen_can_show_is_in_the_document() -> None:
    written = {line.code for line in messages.lines()}
    assert codes_in() - written == set()
    assert {"EC13", "EM11", "IM10", "WM18", "IS01"} <= written


def test_every_message_says_something_in_whole_sentences() -> None:
    assert [line for line in messages.lines() if not line.japanese.endswith(("。", ")"))] == []


@pytest.mark.skipif(
    os.environ.get("CI") != "true", reason="while sentences are being written the document may lag behind"
)
def test_the_document_of_messages_is_up_to_date() -> None:
    assert messages.main(["--check"]) == 0, "run make rules"
