"""The rows that tests are built on."""

from itertools import count

import pytest

from db.database import Database
from kiosk.rules.naming import MOST_RECEPTIONS
from tests.support import builders
from tests.support.databases import on_sqlite


@on_sqlite
def test_a_reception_is_built_however_many_another_test_has_built(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(builders, "_numbers", count(MOST_RECEPTIONS))
    numbers = [builders.a_case(database, user_pk=None).reception_no[-4:] for _ in range(2)]
    assert numbers[0] != numbers[1]
