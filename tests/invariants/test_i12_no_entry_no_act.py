"""I-4, I-12, I-22: nothing is signed without its durable intent and entry; a clock set back stops issuing."""

import pytest
from sqlmodel import col, select

from db.database import Database
from db.tables import Certificate, JournalEntry
from kiosk.audit.events import EventTag
from kiosk.errors import ClockWrong, IssueFailed, IssueUnknown, JournalNotWritable, KioskError
from kiosk.pki.signer import CertificateOrder, Prepared
from kiosk.rules.cases import CaseState
from kiosk.secret import Secret
from tests.support.builders import PASSWORD, a_user
from tests.support.counters import Counter
from tests.support.faults import journal_refuses


def ready_to_sign(counter: Counter, database: Database) -> str:
    """A reception at step 6."""
    user = a_user(database)
    reception_no = counter.opens_case(user).reception_no
    counter.authenticates(reception_no, user)
    return reception_no


@pytest.mark.rule("I-4", "I-12")
def test_without_the_entry_of_the_intent_nothing_is_signed(counter: Counter, database: Database) -> None:
    reception_no = ready_to_sign(counter, database)
    journal_refuses(database, EventTag.ISSUE_SIGNING)
    with pytest.raises(JournalNotWritable):
        counter.signs(reception_no)
    with database.reading() as session:
        assert session.exec(select(Certificate)).all() == []
    assert counter.casework.case(counter.actor, reception_no).state is CaseState.CODE_OK


@pytest.mark.rule("I-2", "I-12")
def test_a_signature_whose_entry_fails_is_told_as_unknown_and_settled_at_the_next_start(
    counter: Counter, database: Database
) -> None:
    reception_no = ready_to_sign(counter, database)
    journal_refuses(database, EventTag.ISSUE_SIGNED)
    with pytest.raises(IssueUnknown):
        counter.signs(reception_no)
    report = counter.recovering.recover()
    assert report.voided == (reception_no,)
    with database.reading() as session:
        (row,) = session.exec(select(Certificate)).all()
    assert (row.state, row.der) == ("voided", None)


@pytest.mark.rule("I-4")
def test_the_intent_names_serial_key_and_dates_before_the_signature(
    counter: Counter, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the signer dies at the signature, the entry of the intent is there and the certificate is written off."""
    reception_no = ready_to_sign(counter, database)
    prepared: list[Prepared] = []
    prepare = counter.signer.prepare

    def remembered(order: CertificateOrder) -> Prepared:
        prepared.append(prepare(order))
        return prepared[-1]

    monkeypatch.setattr(counter.signer, "prepare", remembered)
    monkeypatch.setattr(counter.signer, "sign", _dies)
    with pytest.raises(IssueFailed):
        counter.signs(reception_no)
    with database.reading() as session:
        row = session.exec(select(Certificate)).one()
        entry = session.exec(
            select(JournalEntry).where(col(JournalEntry.tag) == EventTag.ISSUE_SIGNING)
        ).one()
    assert (row.state, row.slot) == ("voided", None)
    assert entry.serial == row.serial
    for fact in (prepared[0].public_key_sha256, prepared[0].tbs_sha256, "2027-03-02"):
        assert fact.encode() in entry.body
    assert counter.casework.case(counter.actor, reception_no).state is CaseState.TRANSACTION_CHOSEN


def _dies(_handle: str) -> bytes:
    raise IssueFailed


@pytest.mark.rule("I-22", "E-91")
def test_a_clock_set_back_stops_issuing_and_forward_again_lets_it_go_on(
    counter: Counter, database: Database
) -> None:
    reception_no = ready_to_sign(counter, database)
    counter.clock.step(minutes=-6)
    with pytest.raises(ClockWrong):
        counter.signs(reception_no)
    counter.clock.step(minutes=6)
    counter.signs(reception_no)


@pytest.mark.rule("I-22", "I-7")
def test_a_clock_set_back_does_not_lengthen_a_code(counter: Counter, database: Database) -> None:
    user = a_user(database)
    reception_no = counter.opens_case(user).reception_no
    counter.authenticating.submit_password(counter.actor, reception_no, user.user_id, Secret(PASSWORD))
    counter.clock.step(minutes=-1)
    with pytest.raises(KioskError) as refused:
        counter.authenticating.submit_code(counter.actor, reception_no, Secret(counter.post.codes[-1]))
    assert refused.value.code == "EB03"
