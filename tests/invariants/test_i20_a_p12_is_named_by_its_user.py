"""I-20: no user ID leads out of the stick or over another file; names that FAT calls the same never meet."""

import pytest
from sqlalchemy.exc import DBAPIError

from db.database import Database
from kiosk.errors import BadInput, FileAlreadyThere, StickNotEmpty
from kiosk.secret import Secret
from tests.support.builders import PASSWORD, a_user
from tests.support.counters import Counter

HOSTILE = [
    "../../etc",
    "tanaka01\n",
    "tanaka01 ",
    "tanaka/1",
    "..tanaka1",
    "tanaka\x001",
    "tanaka\u0661\u0662",
    "ｔanaka01",
    "C:tanaka1",
    "tanaka01.p12",
    "-tanaka01",
    "taro",
    "tanaka0123456",
    "",
]


@pytest.mark.rule("I-20", "R-41", "E-45")
@pytest.mark.parametrize("user_id", HOSTILE, ids=ascii)
def test_no_hostile_user_id_gets_into_the_registry(database: Database, user_id: str) -> None:
    with pytest.raises((DBAPIError, ValueError)):
        a_user(database, user_id=user_id)


@pytest.mark.rule("I-20", "E-32")
@pytest.mark.parametrize("user_id", HOSTILE, ids=ascii)
def test_no_hostile_user_id_is_taken_at_step_4(counter: Counter, database: Database, user_id: str) -> None:
    reception_no = counter.opens_case(a_user(database)).reception_no
    with pytest.raises(BadInput) as refused:
        counter.authenticating.submit_password(counter.actor, reception_no, user_id, Secret(PASSWORD))
    assert refused.value.field == "user_id"


@pytest.mark.rule("I-20", "R-81", "E-84")
def test_users_that_differ_by_case_in_one_second_do_not_share_a_stick(
    counter: Counter, database: Database
) -> None:
    """On a FAT stick the second file would be the first one."""
    (counter.sticks / "stick-B").mkdir()
    counter.delivers(counter.issues(a_user(database, user_id="tanaka01")))
    second = counter.issues(a_user(database, user_id="TANAKA01"))
    first_stick, other_stick = (stick.ref for stick in counter.delivering.sticks())
    assert counter.media.require_empty
    with pytest.raises(StickNotEmpty):
        counter.delivering.check_stick(counter.actor, second.reception_no, first_stick)

    counter.media.require_empty = False
    with pytest.raises(FileAlreadyThere):
        counter.delivering.deliver(counter.actor, second, first_stick, counter.stages.append)
    counter.delivering.deliver(counter.actor, second, other_stick, counter.stages.append)
    assert [path.name for path in sorted(counter.sticks.rglob("*.p12"))] == [
        "tanaka0120260302100000.p12",
        "TANAKA0120260302100000.p12",
    ]


@pytest.mark.rule("I-20")
def test_the_file_has_the_name_of_its_user_and_second_and_no_other_file_is_left(
    counter: Counter, database: Database
) -> None:
    user = a_user(database, user_id="Tanaka01")
    delivered = counter.delivers(counter.issues(user))
    assert delivered.file_name == "Tanaka0120260302100000.p12"
    assert [path.name for path in counter.sticks.rglob("*") if path.is_file()] == [delivered.file_name]
