"""Steps 6 and 7: from the press of 発行 to the verified stick."""

import pytest
from cryptography.hazmat.primitives.serialization import pkcs12

from db.database import Database
from tests.support.builders import PASSWORD, a_user
from tests.support.counters import Counter


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
