"""The colours of the counter: one calm dark set with strong contrast."""

from textual.theme import Theme

COUNTER_THEME = Theme(
    name="counter",
    dark=True,
    primary="#8ab8ff",
    secondary="#b9c7dc",
    accent="#ffd479",
    success="#93d6a4",
    warning="#ffd479",
    error="#ff9b94",
    foreground="#eef2f8",
    background="#10151d",
    surface="#1b2431",
    panel="#161d28",
    variables={
        "header": "#23558c",
        "training": "#ffd479",
        "training-text": "#241a00",
        "key": "#2f4364",
        "bar": "#1f2b3e",
        "field": "#26344a",
        "quiet": "#9fb0c8",
        "input-cursor-background": "#ffd479",
        "input-cursor-foreground": "#10151d",
        "input-selection-background": "#3b5b8a",
    },
)
