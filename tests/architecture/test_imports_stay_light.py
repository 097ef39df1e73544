"""A cron job never pays for the screens, and the screens never load the machinery."""

import json
import subprocess
import sys

import pytest

from tests.support.sources import ROOT


def loaded_by(module: str) -> set[str]:
    """The modules and packages in memory after importing one module in a fresh Python."""
    program = f"import {module}, sys, json; print(json.dumps(sorted(sys.modules)))"
    command = [sys.executable, "-W", "error", "-c", program]
    finished = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return set(json.loads(finished.stdout))


@pytest.mark.parametrize(
    ("module", "stays_out"),
    [
        ("kiosk.__main__", {"textual", "rich", "sqlmodel", "sqlalchemy", "cryptography", "pydantic"}),
        ("kiosk.cli.running", {"textual", "rich"}),
        ("kiosk.bootstrap", {"textual", "rich"}),
        ("kiosk.rules.next_actions", {"pydantic", "sqlmodel", "sqlalchemy", "cryptography"}),
        # The first frame waits for the sign-on screen only; `import_the_rest` gets these behind it.
        (
            "screens.kiosk",
            {"kiosk.errors", "screens.keeping", "screens.problems", "screens.dialogs", "screens.menu"},
        ),
        ("screens.app", {"sqlmodel", "sqlalchemy", "alembic", "cryptography", "aiosmtplib", "psycopg"}),
    ],
)
def test_what_is_not_needed_is_not_loaded(module: str, stays_out: set[str]) -> None:
    assert loaded_by(module) & stays_out == set()
