"""I-5: when a serial comes twice all the same, nothing is signed; the next press takes another one."""

import pytest
from sqlmodel import col, select

from db.database import Database
from db.tables import Certificate
from kiosk.errors import IssueFailed
from kiosk.pki.serials import fresh_serial
from kiosk.rules.cases import CaseState
from kiosk.rules.naming import serial_value
from kiosk.services.counter import issuing
from tests.support.builders import a_user
from tests.support.counters import Counter


@pytest.mark.rule("I-5", "I-4")
def test_a_serial_that_comes_twice_signs_nothing_and_the_next_press_issues(
    counter: Counter, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    used = counter.issues(a_user(database)).serial
    user = a_user(database)
    reception_no = counter.opens_case(user).reception_no
    counter.authenticates(reception_no, user)
    comes_twice = iter([serial_value(used), fresh_serial()])
    signed: list[str] = []
    sign = counter.signer.sign

    def noted(handle: str) -> bytes:
        signed.append(handle)
        return sign(handle)

    monkeypatch.setattr(issuing, "fresh_serial", lambda: next(comes_twice))
    monkeypatch.setattr(counter.signer, "sign", noted)

    with pytest.raises(IssueFailed):
        counter.signs(reception_no)
    assert signed == []
    assert counter.casework.case(counter.actor, reception_no).state is CaseState.CODE_OK

    assert counter.signs(reception_no).serial != used
    with database.reading() as session:
        owners = session.exec(select(Certificate.user_pk).where(col(Certificate.serial) == used)).all()
    assert len(owners) == 1
    assert owners[0] != user.pk
