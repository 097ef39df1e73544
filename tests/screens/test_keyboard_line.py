"""What arrives on the keyboard line, before any screen sees it: pastes are bounded, unknown sequences are swallowed."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.color import Color
from textual.message import Message

from screens.driver import PASTE_LIMIT, PASTE_PATIENCE, KioskParser, PasteGate
from screens.environment import prepare
from screens.hardening import NoControl


def parsed(text: str) -> list[Message]:
    """What the parser makes of `text`, the end of a lone ESC included."""
    parser = KioskParser()
    found = list(parser.feed(text))
    parser._timeout_time = 0.0 if parser._timeout_time is not None else None
    return found + list(parser.tick())


def keys_in(text: str) -> list[str]:
    return [event.key for event in parsed(text) if isinstance(event, events.Key)]


@pytest.mark.parametrize(
    "sequence",
    [
        "\x1b[999999999;99999999999u",
        "\x1b[113;5u",  # the kitty form of ctrl+q
        "\x1b[99;5u",
        "\x1b[122;5u",
        "\x1b[57376u",
        "\x1b[1;2;3;4;5z",
        "\x1b[?1;2c",
        "\x1b[>1;4000;0c",
        "\x1b[5n",
    ],
)
def test_an_unknown_sequence_types_nothing(sequence: str) -> None:
    assert keys_in(f"a{sequence}b") == ["a", "b"]


def test_known_keys_are_known() -> None:
    assert keys_in("\x1bOP\x1b[24~\x1b[A\x0c\t\r") == ["f1", "f12", "up", "ctrl+l", "tab", "enter"]


def test_mouse_reports_are_mouse_events_whatever_size_was_forged() -> None:
    found = parsed("\x1b[48;1;1;0;0t\x1b[<0;10;5M")
    [press] = [event for event in found if isinstance(event, events.MouseDown)]
    assert (press.x, press.y) == (9, 4)


@given(st.text(alphabet="\x1b[]<>?;:0123456789ABMROu~mt\x00\xffあ\U0010ffff", max_size=120))
def test_no_sequence_breaks_the_parser(text: str) -> None:
    parser = KioskParser()
    for character in text:
        list(parser.feed(character))


def passed(*parts: str, seconds: float = 0.01) -> list[str | events.Paste]:
    gate = PasteGate()
    items = [item for place, part in enumerate(parts) for item in gate.pass_on(part, place * seconds)]
    return [*items, *filter(None, [gate.release()])]


def told(items: list[str | events.Paste]) -> list[str]:
    return [f"<{item.text}>" if isinstance(item, events.Paste) else item for item in items]


def test_a_paste_is_one_event_however_it_is_cut() -> None:
    text = "ab\x1b[200~cd\x1b[201~ef"
    for cut in range(1, len(text)):
        joined = "".join(told(passed(text[:cut], text[cut:])))
        assert joined == "ab<cd>ef"


def test_the_end_of_a_paste_may_come_byte_by_byte() -> None:
    assert told(passed("\x1b[200~cd", *"\x1b[201~", "ef")) == ["<cd>", "ef"]


def test_a_huge_paste_is_bounded() -> None:
    [paste] = passed("\x1b[200~" + "x" * 200_000 + "\x1b[201~")
    assert isinstance(paste, events.Paste)
    assert len(paste.text) == PASTE_LIMIT


def test_a_paste_that_never_ends_does_not_take_the_keyboard_with_it() -> None:
    assert told(passed("\x1b[200~abc", "def", "g", seconds=PASTE_PATIENCE * 0.9)) == ["g"]


def test_a_lone_escape_is_passed_on_at_once() -> None:
    assert told(passed("\x1b")) == ["\x1b"]


@given(st.lists(st.text(alphabet="\x1b[201~ab0", max_size=12), max_size=8))
def test_the_gate_loses_no_key_outside_a_paste(parts: list[str]) -> None:
    text = "".join(parts)
    assume("\x1b[200~" not in text)
    assert "".join(told(passed(*parts))) == text


# --- what leaves for the terminal ---------------------------------------------------------------


@given(st.text(max_size=40))
@pytest.mark.rule("I-19")
def test_whatever_a_widget_draws_leaves_as_plain_text_of_the_same_width(text: str) -> None:
    segments = [Segment("前", Style()), Segment(text, Style(bold=True))]
    filtered = NoControl().apply(segments, Color(0, 0, 0))
    leaving = "".join(segment.text for segment in filtered)
    assert not any(
        ord(c) < 32 or 0x7F <= ord(c) < 0xA0 or 0x202A <= ord(c) <= 0x202E or 0xD800 <= ord(c) <= 0xDFFF
        for c in leaving
    )
    leaving.encode("utf-8")
    assert sum(s.cell_length for s in filtered) == sum(s.cell_length for s in segments)


def test_the_environment_opens_no_hole() -> None:
    environ = {
        "TEXTUAL": "devtools",
        "TEXTUAL_DRIVER": "os:system",
        "TEXTUAL_LOG": "log.txt",
        "TEXTUAL_PRESS": "f12",
        "TEXTUAL_SCREENSHOT": "1",
        "TEXTUAL_ALLOW_SIGNALS": "1",
        "LANG": "C.UTF-8",
    }
    prepare(environ)
    assert environ == {
        "LANG": "C.UTF-8",
        "TEXTUAL_DISABLE_KITTY_KEY": "1",
        "TEXTUAL_ANIMATIONS": "none",
        "TEXTUAL_SMOOTH_SCROLL": "0",
    }
