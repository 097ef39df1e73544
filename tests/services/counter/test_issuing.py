"""Steps 6 and 7: from the press of 発行 to the verified stick."""

from datetime import timedelta
from functools import partial

import pytest
from cryptography.hazmat.primitives.serialization import pkcs12
from sqlmodel import select

from db.database import Database
from db.tables import Certificate
from kiosk.errors import IssueDayChanged, NoMediumBooked
from kiosk.rules.operations import Transaction
from tests.support.builders import PASSWORD, a_medium, a_user
from tests.support.counters import Counter, a_form


@pytest.mark.rule("E-87", "E-88")
def test_no_certificate_without_the_number_of_its_medium(counter: Counter, database: Database) -> None:
    user = a_user(database)
    number = counter.casework.open(counter.actor, a_form()).reception_no
    counter.casework.choose_user(counter.actor, number, user.pk)
    counter.casework.choose_transaction(counter.actor, number, Transaction.FIRST_ISSUE)
    counter.authenticates(number, user)

    with pytest.raises(NoMediumBooked):
        counter.signs(number)

    with database.reading() as session:
        assert session.exec(select(Certificate)).all() == []
    medium = a_medium(database, branch_pk=counter.actor.terminal.branch_pk)
    counter.casework.set_medium(counter.actor, number, medium.medium_no, "")
    assert counter.delivers(counter.signs(number)).medium_no == medium.medium_no


@pytest.mark.rule("E-08")
def test_nothing_is_signed_without_or_with_another_day_than_was_shown(
    counter: Counter, database: Database
) -> None:
    user = a_user(database)
    number = counter.opens_case(user).reception_no
    counter.authenticates(number, user)
    press = partial(counter.issuing.sign, counter.actor, number, "0" * 32, counter.stages.append)

    with pytest.raises(TypeError, match="shown"):
        press()  # type: ignore[call-arg]  # that nobody can leave it out is the claim
    with pytest.raises(IssueDayChanged):
        press(shown=counter.day() - timedelta(days=1))

    with database.reading() as session:
        assert session.exec(select(Certificate)).all() == []
    assert press(shown=counter.day()).reception_no == number


@pytest.mark.rule("R-70", "R-82", "R-84", "R-93", "E-83")
def test_a_certificate_leaves_the_counter_on_a_stick(counter: Counter, database: Database) -> None:
    user = a_user(database)
    ready = counter.issues(user)
    delivered = counter.delivers(ready)

    written = counter.sticks / "stick-A" / delivered.file_name
    key, certificate, others = pkcs12.load_key_and_certificates(written.read_bytes(), PASSWORD.encode())
    assert key is not None
    assert certificate is not None
    assert others == []
    assert f"{certificate.serial_number:X}".zfill(len(delivered.serial)) == delivered.serial
