"""What the process environment may tell the terminal library."""

from collections.abc import MutableMapping

CHOSEN = {
    # With the kitty keyboard protocol several terminals lose the text of an input method.
    "TEXTUAL_DISABLE_KITTY_KEY": "1",
    # Nothing moves by itself under the hand.
    "TEXTUAL_ANIMATIONS": "none",
    # The size of the screen comes from the terminal driver only, never from the keyboard line.
    "TEXTUAL_SMOOTH_SCROLL": "0",
}


def prepare(environ: MutableMapping[str, str]) -> None:
    """Drop every switch that would open a hole (log files, screenshots, foreign drivers, key presses) and set ours.

    Must run before Textual is imported for the first time.
    """
    for name in [name for name in environ if name == "TEXTUAL" or name.startswith("TEXTUAL_")]:
        del environ[name]
    environ.update(CHOSEN)
