"""I-19: whatever somebody types at the reception, no line is split, no terminal is steered, no header is added."""

import io
import json
import unicodedata
from contextlib import redirect_stdout

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db.database import Database
from kiosk.cli.answers import Answer, say
from kiosk.errors import BadInput
from kiosk.rules.texts import displayable
from tests.support.counters import Counter, a_form
from tests.support.databases import on_sqlite
from tests.support.journal import journal_of

NASTY = (
    "\x1b]0;title\x07",
    "\x1b[31m",
    "\x9b2J",
    "a\r\nBcc: evil@example.jp",
    "=?utf-8?q?x=0D=0ABcc:_evil@x.jp?=",
    "[@click=app.quit]",
    "[/nope]",
    "=cmd|' /C calc'!A0",
    "\u202egpj.exe",
    "\u2028\u2029",
    "\ud800",
    "\x00",
    "\ufeff",
    "a\tb",
    "taro@example.jp",
    "$argon2id$v=19",
)
hostile = st.one_of(
    st.sampled_from(NASTY),
    st.builds("{}{}".format, st.text(max_size=20), st.sampled_from(NASTY)),
    st.text(st.characters(categories=("Cc", "Cf", "Cs", "Co", "Zl", "Zp", "Lo", "Ll")), max_size=70),
)
gently = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def steers(text: str) -> bool:
    """Whether a terminal would do anything but show it."""
    return any(unicodedata.category(one) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for one in text)


@on_sqlite
@pytest.mark.rule("I-19")
@gently
@given(name=hostile, form_no=hostile)
def test_the_reception_takes_plain_text_or_names_the_field(
    counter: Counter, database: Database, name: str, form_no: str
) -> None:
    """What it takes is stored as it is, and the journal holds it in one entry that reads back."""
    form = a_form(visitor_name=name, form_no=form_no[:20])
    try:
        case = counter.casework.open(counter.actor, form)
    except BadInput:
        return
    assert not steers(name)
    assert case.reception_no
    opened = [line for line in journal_of(database) if line.facts.get("form_no") == form.form_no]
    assert opened


@on_sqlite
@pytest.mark.rule("I-19", "E-32")
@gently
@given(reason=hostile)
def test_a_reason_is_one_line_in_the_journal_or_refused(
    counter: Counter, database: Database, reason: str
) -> None:
    case = counter.casework.open(counter.actor, a_form())
    try:
        counter.casework.void(counter.actor, case.reception_no, reason)
    except BadInput:
        return
    assert not steers(reason)
    assert journal_of(database)[-1].facts["reason"] == reason


@pytest.mark.rule("I-19")
@settings(max_examples=200, deadline=None)
@given(cells=st.lists(st.tuples(hostile, hostile), min_size=1, max_size=4))
def test_a_table_on_the_command_line_has_one_line_a_row(cells: list[tuple[str, str]]) -> None:
    shown = said(Answer(rows=[{"name": name, "reason": reason} for name, reason in cells]), as_json=False)
    lines = shown.removesuffix("\n").split("\n")
    assert len(lines) == 1 + len(cells)
    assert all(line.count("\t") == 1 for line in lines)
    assert not any(steers(cell) for line in lines for cell in line.split("\t"))
    assert lines[1:] == ["\t".join(map(displayable, pair)) for pair in cells]


@pytest.mark.rule("I-19")
@settings(max_examples=200, deadline=None)
@given(name=hostile.filter(lambda text: not any(unicodedata.category(one) == "Cs" for one in text)))
def test_a_document_of_a_command_reads_back_as_it_was(name: str) -> None:
    shown = said(Answer(rows=[{"name": name}]), as_json=True)
    assert json.loads(shown) == [{"name": name}]
    assert "\x1b" not in shown


def said(answer: Answer, *, as_json: bool) -> str:
    """What a command prints."""
    with redirect_stdout(io.StringIO()) as out:
        say(answer, as_json=as_json)
    return out.getvalue()
