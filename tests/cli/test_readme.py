"""The README names every command there is."""

from pathlib import Path

import pytest

from kiosk.cli.running import COMMANDS

README = Path(__file__).parents[2] / "README.md"


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_stands_in_the_readme(command: str) -> None:
    first, *action = command.split()
    table = [line for line in README.read_text(encoding="utf-8").splitlines() if line.startswith("| `kiosk ")]
    named = [line.split("|")[1] for line in table]
    assert any(f"`kiosk {first}" in cell and all(word in cell for word in action) for cell in named)
