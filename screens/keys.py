"""Same key, same meaning, on every screen. Each has a second way: the key bar can be clicked.

F6 to F10 are left free, because a Japanese input method uses them to convert (DOMAIN 3.1); F9 stands only on screens
without a Japanese field.
"""

from textual.binding import Binding

from kiosk.translations.catalog import N_

LANGUAGE = "ctrl+l"
MAILBOX = "ctrl+t"
"""In training only."""
END = "ctrl+q"
"""Of `kiosk demo` only, while nobody is signed on: a counter is ended by whoever runs the machine."""

HELP = Binding("f1", "help", N_("ヘルプ"))
CLEAR = Binding("f2", "clear", N_("入力クリア"))
BACK = Binding("f3", "back", N_("前画面"))
CANDIDATES = Binding("f4", "candidates", N_("候補"))
REFRESH = Binding("f5", "refresh", N_("再表示"))
PRINT = Binding("f9", "print", N_("印字"))
GO = Binding("f12", "go", N_("実行"))
LEAVE = Binding("escape", "leave", N_("取引中断"))

NEXT_FIELD = Binding("tab", "app.focus_next", show=False)
PREVIOUS_FIELD = Binding("shift+tab", "app.focus_previous", show=False)

ORDER = (
    "f1",
    "f2",
    "f3",
    "f4",
    "f5",
    "f6",
    "f7",
    "f8",
    "f9",
    "f10",
    "f11",
    "f12",
    "escape",
    LANGUAGE,
    MAILBOX,
    END,
)
"""From left to right in the key bar."""

NAMES = {"escape": "Esc", LANGUAGE: "Ctrl+L", MAILBOX: "Ctrl+T", END: "Ctrl+Q"}


def key_name(key: str) -> str:
    """How a key is written on the keyboard."""
    return NAMES.get(key, key.upper() if key.startswith("f") and key[1:].isdigit() else key)
