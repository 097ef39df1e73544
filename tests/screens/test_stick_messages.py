"""What a clerk reads when a p12 is on no stick fits the message area of the smallest window, whatever happened."""

from collections.abc import Iterator

import pytest

from kiosk import errors
from kiosk.errors import LeftBehind, MediaError
from kiosk.translations import catalog
from screens.issuing.another_stick import not_written
from screens.problems import explain
from screens.widgets.message_area import laid_out
from tests.support.drivers.counter import SMALL_WINDOW

CELLS = SMALL_WINDOW[0] - 2
WHILE_WRITING: tuple[type[MediaError], ...] = (
    errors.StickNotEmpty,
    errors.StickRemoved,
    errors.NotTheSameStick,
    errors.StickReadOnly,
    errors.StickFull,
    errors.FileAlreadyThere,
    errors.StickUnsupported,
    errors.StickCorrupt,
    errors.ReadBackDiffers,
    errors.StickIoFailure,
    errors.StickTimedOut,
    errors.StickInUse,
    errors.StickNotAllowed,
    errors.MediaUnavailable,
)
LEFT = {
    "ja": {
        LeftBehind.NOTHING: "書込みは残っていません。",
        LeftBehind.INCOMPLETE_POSSIBLE: "書きかけが残る可能性があります。",
        LeftBehind.COMPLETE_UNCONFIRMED: "書き込んだ分が残る可能性があります。",
    },
    "en": {
        LeftBehind.NOTHING: "Nothing was left on it.",
        LeftBehind.INCOMPLETE_POSSIBLE: "An unfinished file may be on it: keep it safe.",
        LeftBehind.COMPLETE_UNCONFIRMED: "The written file may be on it: keep it safe.",
    },
}


@pytest.fixture(params=["ja", "en"])
def language(request: pytest.FixtureRequest) -> Iterator[str]:
    before = catalog.language()
    catalog.use(request.param)
    yield request.param
    catalog.use(before)


@pytest.mark.rule("E-84", "R-82")
@pytest.mark.parametrize("left", LeftBehind)
@pytest.mark.parametrize("kind", WHILE_WRITING)
def test_why_it_is_not_on_the_stick_and_what_to_do_is_never_cut(
    kind: type[MediaError], left: LeftBehind, language: str
) -> None:
    lines = laid_out(not_written(kind(left_behind=left)), CELLS)

    assert not lines[-1].endswith("(F1)"), lines
    assert "((" not in "".join(lines)


@pytest.mark.rule("E-84")
@pytest.mark.parametrize("kind", WHILE_WRITING)
def test_which_of_three_is_on_the_stick_is_always_said(kind: type[MediaError], language: str) -> None:
    for left in LeftBehind:
        text = not_written(kind(left_behind=left)).text
        assert [said for said, sentence in LEFT[language].items() if sentence in text] == [left]


def test_these_are_all_that_can_keep_a_file_from_a_stick() -> None:
    elsewhere = {
        errors.StickEjectFailed,  # it is on the stick
        errors.FileNotOnStick,
        errors.LeftoverOnStick,
    }
    assert set(MediaError.__subclasses__()) == {*WHILE_WRITING, *elsewhere}


@pytest.mark.rule("E-84", "R-82")
def test_whoever_was_shut_out_before_the_write_is_told_that_a_certificate_waits(language: str) -> None:
    message = not_written(errors.AccountChanged())

    assert message.happened == explain(errors.AccountChanged()).happened
    assert {"ja": "「失効して終了」", "en": '"Revoke and end"'}[language] in message.to_do
    assert {"ja": "何も行って", "en": "Nothing was done"}[language] not in message.text
    assert not laid_out(message, CELLS)[-1].endswith("(F1)")


@pytest.mark.rule("E-88")
def test_a_stick_that_did_not_answer_before_the_write_is_told_without_a_doubt_about_a_write() -> None:
    assert "書き込めたか" not in explain(errors.StickTimedOut()).happened
    unsure = explain(errors.StickTimedOut(left_behind=LeftBehind.COMPLETE_UNCONFIRMED))
    assert "書き込めたか" in unsure.happened
