"""The README names every command there is, and whom trainees meet."""

import re
from pathlib import Path

import pytest

from kiosk.cli.running import COMMANDS
from kiosk.training import people

README = Path(__file__).parents[2] / "README.md"
NUMBERS = {2: "two", 3: "three"}


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_stands_in_the_readme(command: str) -> None:
    first, *action = command.split()
    table = [line for line in README.read_text(encoding="utf-8").splitlines() if line.startswith("| `kiosk ")]
    named = [line.split("|")[1] for line in table]
    assert any(f"`kiosk {first}" in cell and all(word in cell for word in action) for cell in named)


def test_the_training_accounts_stand_in_the_readme() -> None:
    text = README.read_text(encoding="utf-8")
    accounts = dict(re.findall(r"^\| `(\w+\d)` \| (\w+)", text, re.MULTILINE))
    assert accounts == {
        **{staff.staff_id: staff.role.value for staff in people.STAFF},
        **{user.user_id: user.role.value for user in people.USERS},
    }
    for password in (people.STAFF_PASSWORD, people.USER_PASSWORD):
        assert f"password `{password}`" in text
    for count, of_what in ((people.ORGANIZATIONS, "organizations"), (people.BRANCHES, "branches")):
        assert f"{NUMBERS[len(count)]} {of_what}".lower() in text.lower()
    assert f"{NUMBERS[len(people.MEDIA)]} empty numbered media" in text
