"""No way out: through a real pseudo-terminal, with every key, byte and signal that opens other programs."""

import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.builders import STAFF_PASSWORD
from tests.support.kiosk_program import CANARY
from tests.support.terminals import Terminal, terminal

PROGRAM = ("-m", "tests.support.kiosk_program")
PROMPT = "オペレーターIDとパスワードを入力してください。"
DESK = "S999"


@pytest.fixture(scope="module")
def one_for_all(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    """One kiosk that must outlive every key and byte of this module."""
    with terminal(*PROGRAM, str(tmp_path_factory.mktemp("kiosk"))) as started:
        yield started.sees(PROMPT).waits(0.3)


@pytest.fixture
def kiosk(one_for_all: Terminal) -> Terminal:
    """The same kiosk again, both fields empty."""
    assert one_for_all.alive, "an earlier test of this module has ended it"
    begin_anew(one_for_all)
    return one_for_all


@pytest.fixture
def own_kiosk(tmp_path: Path) -> Iterator[Terminal]:
    """A kiosk for one test alone, 120 by 36."""
    with terminal(*PROGRAM, str(tmp_path)) as started:
        yield started.sees(PROMPT).waits(0.3)


def begin_anew(kiosk: Terminal) -> None:
    """Empty both fields with the mouse and the keyboard, and be told that the first one is empty."""
    kiosk.sees("S000")
    for label, empty in (("オペレーターID", "\x1b[F\x15"), ("パスワード", "\x1b[3~")):
        row = next(row for row, line in enumerate(kiosk.glass) if line.strip() == label) + 2
        kiosk.sends(f"\x1b[<0;4;{row}M\x1b[<0;4;{row}m").waits(0.1).sends(empty)
    kiosk.sends("\x1b[24~").sees(
        "EA01 オペレーターIDを入力してください。"
    )  # F12; the focus goes to that field


def still_works(kiosk: Terminal) -> None:
    """It runs, is awake, shows its own screen, and takes what is clicked and typed once a flood has run off."""
    for _patiently in range(10):
        kiosk.waits(0.3)
        assert kiosk.alive
        assert not kiosk.stopped
        begin_anew(kiosk)
        if kiosk.sends("works1").waits(0.5).shows("works1"):
            return
    raise AssertionError("nothing can be typed\n" + "\n".join(kiosk.glass))


def signs_on(kiosk: Terminal) -> None:
    kiosk.sends(f"op001\r{STAFF_PASSWORD}\r").sees(DESK)


WAYS_OUT = {
    "ctrl+c": b"\x03",
    "ctrl+d": b"\x04",
    "ctrl+o": b"\x0f",
    "ctrl+p": b"\x10",
    "ctrl+q": b"\x11",
    "ctrl+s": b"\x13",
    "ctrl+x": b"\x18",
    "ctrl+y": b"\x19",
    "ctrl+z": b"\x1a",
    "ctrl+backslash": b"\x1c",
    "ctrl+]": b"\x1d",
    "ctrl+^": b"\x1e",
    "ctrl+_": b"\x1f",
    "kitty ctrl+q": b"\x1b[113;5u",
    "kitty ctrl+c": b"\x1b[99;5u",
    "kitty ctrl+p": b"\x1b[112;5u",
    "kitty ctrl+z": b"\x1b[122;5u",
    "alt+f4": b"\x1b[1;3S",
    "alt+letters": b"".join(b"\x1b" + bytes([letter]) for letter in b"qxzcpf"),
    "every F-key but F1 and F12": b"\x1bOQ\x1bOR\x1bOS\x1b[15~\x1b[17~\x1b[18~\x1b[19~\x1b[20~\x1b[21~\x1b[23~",
    "shifted F-keys": b"\x1b[1;2P\x1b[1;2Q\x1b[15;2~\x1b[24;5~",
    "escape": b"\x1b",
}


@pytest.mark.parametrize("keys", WAYS_OUT.values(), ids=WAYS_OUT)
def test_no_key_leads_out(kiosk: Terminal, keys: bytes) -> None:
    kiosk.sends(keys).waits(0.4)
    assert kiosk.shows(PROMPT)
    assert not re.search(r"Quit|Palette|palette|Screenshot|Theme|Search for commands", "\n".join(kiosk.glass))
    still_works(kiosk)


def test_no_key_leads_out_from_behind_the_sign_on(own_kiosk: Terminal) -> None:
    signs_on(own_kiosk)
    for keys in WAYS_OUT.values():
        own_kiosk.sends(keys).waits(0.1)
    own_kiosk.sends("\x1b").waits(0.3)  # whatever question Esc has opened is answered with no
    own_kiosk.sees(DESK).sends("\x1b[1~\x1b[24~").sees("E-")
    assert own_kiosk.alive


BROKEN_INPUT = {
    "invalid UTF-8": b"\xff\xfe\x80\xc3(\xf5\xf5",
    "half a character": b"\xe3\x81",
    "huge kitty key": b"\x1b[999999999;99999999999u",
    "huge mouse report": b"\x1b[<0;99999999999;99999999999M",
    "long sequence": b"\x1b[" + b"1;" * 4000,
    "string without an end": b"\x1bP" + b"x" * 4000,
    "focus lost": b"\x1b[O",
    "terminal reports": b"\x1b[?2026;1$y\x1b[?2048;1$y\x1b[?62;22c\x1b[10;10R",
    "in-band resize to nothing": b"\x1b[48;0;0;0;0t",
    "in-band resize to one cell": b"\x1b[48;1;1;16;8t",
    "paste of 200 KB": b"\x1b[200~" + b"x" * 200_000 + b"\x1b[201~",
    "200 KB of keys": b"\x00\x01\x05\x0b" * 50_000,
    "NUL and DEL": b"\x00\x7f" * 100,
}


@pytest.mark.parametrize("data", BROKEN_INPUT.values(), ids=BROKEN_INPUT)
def test_no_bytes_end_or_blind_it(kiosk: Terminal, data: bytes) -> None:
    kiosk.sends(data).waits(0.5)
    still_works(kiosk)


def test_a_paste_that_never_ends_gives_the_keyboard_back(kiosk: Terminal) -> None:
    kiosk.sends(b"\x1b[200~abc").waits(2.3)
    still_works(kiosk)


def test_a_flood_of_letters_ends_in_a_bounded_field(kiosk: Terminal) -> None:
    kiosk.sends(b"x" * 200_000).waits(1.0)
    still_works(kiosk)


def test_a_window_of_one_cell_and_back(kiosk: Terminal) -> None:
    kiosk.resize(1, 1).waits(0.5)
    kiosk.resize(60, 20).sees("画面が小さすぎます。")
    kiosk.resize(80, 24).sees(PROMPT)
    still_works(kiosk)


@pytest.mark.rule("I-21")
def test_nothing_is_ever_copied_to_the_terminals_clipboard(own_kiosk: Terminal) -> None:
    own_kiosk.sends(f"op001\r{STAFF_PASSWORD}")
    drag = "".join(
        f"\x1b[<{code};{x};{y}{end}"
        for code, x, y, end in ((0, 2, 3, "M"), (32, 30, 9, "M"), (0, 30, 9, "m"))
    )
    own_kiosk.sends(drag).sends(b"\x03\x18\x1b[1;2H\x03\x16").waits(0.5)
    own_kiosk.sends("\x1b[<0;5;11M\x1b[<0;5;11m" * 3).sends(b"\x03").waits(0.3)
    assert b"]52" not in own_kiosk.raw
    assert STAFF_PASSWORD.encode() not in own_kiosk.raw


@pytest.mark.parametrize(
    "number", [signal.SIGINT, signal.SIGTSTP, signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2, signal.SIGCONT]
)
def test_signals_of_a_shell_do_nothing(kiosk: Terminal, number: signal.Signals) -> None:
    kiosk.process.send_signal(number)
    still_works(kiosk)


def test_the_service_manager_can_stop_it_and_the_terminal_is_as_before(own_kiosk: Terminal) -> None:
    own_kiosk.process.send_signal(signal.SIGTERM)
    assert own_kiosk.exit_code() == 0
    assert b"\x1b[?1049l" in own_kiosk.raw
    assert b"\x1b[?1003l" in own_kiosk.raw
    assert own_kiosk.raw.rindex(b"\x1b[?25h") > own_kiosk.raw.rindex(b"\x1b[?25l")
    assert own_kiosk.restored
    assert b"Traceback" not in own_kiosk.raw


def test_a_hang_up_ends_it_cleanly(own_kiosk: Terminal) -> None:
    own_kiosk.process.send_signal(signal.SIGHUP)
    assert own_kiosk.exit_code() == 0


def test_a_cut_line_ends_it_cleanly(own_kiosk: Terminal) -> None:
    own_kiosk.hangs_up()
    assert own_kiosk.exit_code() == 0


@pytest.mark.rule("I-21")
def test_a_password_typed_in_one_breath_is_never_on_the_line(own_kiosk: Terminal) -> None:
    signs_on(own_kiosk)
    assert STAFF_PASSWORD.encode() not in own_kiosk.raw


@pytest.mark.parametrize("what", ["handler", "thread", "task", "mount"])
@pytest.mark.rule("I-21")
def test_an_error_leaves_no_secret_on_the_terminal_and_the_kiosk_stands(tmp_path: Path, what: str) -> None:
    with terminal(*PROGRAM, str(tmp_path), what) as kiosk:
        kiosk.sees(PROMPT)
        signs_on(kiosk)
        if what == "mount":
            kiosk.sees("E-0001")
        else:
            kiosk.sends("\x1bOR").waits(0.5)  # F3 runs the handler
        kiosk.sends("\x1b[24~").sees(
            "予期しない事象が起きたため、操作を中止しました。"
        )  # F12: the same in a worker
        kiosk.sends("tanaka01").sees("tanaka01")
        kiosk.process.send_signal(signal.SIGTERM)
        assert kiosk.exit_code() == 0
        assert CANARY.encode() not in kiosk.raw
        assert b"Traceback" not in kiosk.raw
        assert b"ValueError" not in kiosk.raw


def test_a_screen_that_cannot_be_shown_is_left_again(tmp_path: Path) -> None:
    with terminal(*PROGRAM, str(tmp_path), "compose") as kiosk:
        kiosk.sees(PROMPT).sends(f"op001\r{STAFF_PASSWORD}\r").sees("E-0001").sees(PROMPT)
        still_works(kiosk)
        assert CANARY.encode() not in kiosk.raw


@pytest.mark.parametrize("what", ["render", "start"])
@pytest.mark.rule("I-21")
def test_what_cannot_be_survived_ends_with_one_line_and_code_70(tmp_path: Path, what: str) -> None:
    with terminal(*PROGRAM, str(tmp_path), what) as kiosk:
        if what == "render":
            kiosk.sees(PROMPT).sends(f"op001\r{STAFF_PASSWORD}\r")
        assert kiosk.exit_code(within=20) == 70
        last = bytes(kiosk.raw).rsplit(b"\x1b[?1049l", 1)[-1]
        text = re.sub(rb"\x1b\[[0-?]*[ -/]*[@-~]", b"", last).decode().split()
        assert text[0] == "内部エラー"
        assert re.fullmatch(r"E-\d{4}", text[1])
        assert text[2:] == []
        assert CANARY.encode() not in kiosk.raw
        assert b"Traceback" not in kiosk.raw


def test_environment_variables_of_a_developer_open_nothing(tmp_path: Path) -> None:
    log = tmp_path / "textual.log"
    with terminal(
        *PROGRAM, str(tmp_path), TEXTUAL="devtools,debug", TEXTUAL_LOG=str(log), TEXTUAL_PRESS="f12",
        TEXTUAL_ALLOW_SIGNALS="1", TEXTUAL_SCREENSHOT="1", TEXTUAL_DRIVER="os:system",
    ) as kiosk:  # fmt: skip
        kiosk.sees(PROMPT).waits(0.5).sends(b"\x03")
        still_works(kiosk)
    assert not log.exists()
