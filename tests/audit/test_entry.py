"""What may stand in an entry, and what may not."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from kiosk.audit.chain import canonical
from kiosk.audit.entry import LONGEST, NotForTheJournal, Outcome, Who, body_of, jst_text
from kiosk.audit.events import EventTag
from kiosk.secret import Secret
from tests.support.clock import MONDAY_MORNING

WHO = Who(staff_id="op001", role="clerk", branch_no="012", terminal_no="01", approver="op002")
FIELDS = {
    "reception_no": "20260302-012-01-0007",
    "transaction": "102",
    "screen_id": "S330",
    "user_id": "koushin01",
    "serial": "01AB",
    "medium_no": "M-0001",
    "code": "EA05",
    "before": "active",
    "after": "locked",
}

NO_FACTS: Mapping[str, Any] = {}


def body(
    facts: Mapping[str, Any] = NO_FACTS,
    *,
    now: datetime = MONDAY_MORNING,
    fields: Mapping[str, str | None] = NO_FACTS,
) -> dict[str, Any]:
    return body_of(
        node="012/01/screen",
        seq=1,
        now=now,
        tag=EventTag.PASSWORD_WRONG,
        outcome=Outcome.REFUSED,
        who=WHO,
        fields={**FIELDS, **fields},
        facts=facts,
    )


def test_an_entry_tells_every_field_the_journal_promises() -> None:
    assert body({"tries_left": 3}) == {
        "node": "012/01/screen",
        "seq": 1,
        "time": "2026-03-02T10:00:00.000+09:00",
        "business_date": "2026-03-02",
        "tag": "auth:password:wrong",
        "outcome": "refused",
        "staff_id": "op001",
        "role": "clerk",
        "approver": "op002",
        "branch_no": "012",
        "terminal_no": "01",
        **FIELDS,
        "facts": {"tries_left": 3},
    }


def test_time_and_business_date_are_japanese() -> None:
    """Before nine in the morning the date in UTC is still yesterday's."""
    early = datetime(2026, 3, 31, 23, 30, 0, 123_999, tzinfo=UTC)

    told = body(now=early)

    assert told["time"] == jst_text(early) == "2026-04-01T08:30:00.123+09:00"
    assert told["business_date"] == "2026-04-01"


def test_the_program_itself_acts_without_a_name() -> None:
    told = body_of(
        node="n",
        seq=1,
        now=MONDAY_MORNING,
        tag=EventTag.PROGRAM_STARTED,
        outcome=Outcome.DONE,
        who=None,
        fields=dict.fromkeys(FIELDS),
        facts={},
    )

    assert (told["staff_id"], told["branch_no"], told["approver"]) == (None, None, None)


def test_a_moment_without_a_time_zone_is_refused() -> None:
    with pytest.raises(NotForTheJournal):
        body(now=datetime(2026, 3, 2))  # noqa: DTZ001 - this is what must be refused


@pytest.mark.rule("I-19", "I-21")
@pytest.mark.parametrize(
    "value",
    [
        "two\nlines",
        "\x1b]0;title\x07",
        "nul\x00",
        "c1\x9b",
        "next\u2028line",
        "half \ud83d of one",
        "taro.tanaka@example.co.jp",
        "sent to taro@example.jp today",
        "$argon2id$v=19$m=65536,t=3,p=1$c2FsdA$aGFzaA",
        "x" * 201,
    ],
)
def test_what_no_reader_should_find_is_refused_and_not_repeated(value: str) -> None:
    with pytest.raises(NotForTheJournal) as refused:
        body({"note": value})

    assert value not in str(refused.value)


@pytest.mark.rule("I-21")
@pytest.mark.parametrize("value", [Secret("Kunren#2026"), b"p12", 1.5, ["a"], {"a": 1}, object(), 2**63])
def test_only_plain_values_are_taken(value: object) -> None:
    with pytest.raises(NotForTheJournal) as refused:
        body({"note": value})

    assert "Kunren" not in str(refused.value)


@pytest.mark.rule("I-21")
@pytest.mark.parametrize(
    "name", ["password", "new_password", "passphrase", "p12_passphrase", "client_secret", "pin"]
)
def test_a_fact_is_not_named_after_a_secret(name: str) -> None:
    with pytest.raises(NotForTheJournal):
        body({name: "whatever"})


@pytest.mark.parametrize("name", ["Upper", "with space", "1st", "x" * 41, "", "日本"])
def test_the_name_of_a_fact_is_a_plain_word(name: str) -> None:
    with pytest.raises(NotForTheJournal):
        body({name: 1})


def test_there_are_not_endlessly_many_facts() -> None:
    with pytest.raises(NotForTheJournal):
        body({f"fact{number}": number for number in range(21)})


@pytest.mark.parametrize("field", sorted(set(LONGEST) & set(FIELDS)))
def test_no_field_is_longer_than_its_column(field: str) -> None:
    body(fields={field: "9" * LONGEST[field]})
    with pytest.raises(NotForTheJournal, match=field):
        body(fields={field: "9" * (LONGEST[field] + 1)})


def test_words_of_enumerations_are_stored_as_their_text() -> None:
    told = body(
        {"cause": EventTag.CODE_OK, "masked": "t****@e******.jp"},
        fields={"after": Outcome.DONE},
    )

    assert b'"after":"done"' in canonical(told)
    assert b'"cause":"auth:code:ok"' in canonical(told)
    assert type(told["after"]) is str
