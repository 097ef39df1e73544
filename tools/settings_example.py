"""Write docs/settings.example.toml anew from the sections of `kiosk.config`."""

from pathlib import Path

from kiosk.config import Settings, example_settings

EXAMPLE = Path(__file__).resolve().parent.parent / "docs/settings.example.toml"

if __name__ == "__main__":
    EXAMPLE.write_text(example_settings(Settings), encoding="utf-8")
