"""What the counter is told about sticks: refused before the issue, unsure after it, still in the port."""

import shutil
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from sqlmodel import select, update

from db.database import Database
from db.tables import Case, Delivery, Medium
from kiosk.errors import (
    FileNotOnStick,
    LeftBehind,
    MediaError,
    OutcomeUnknown,
    StickEjectFailed,
    StickFull,
    StickInUse,
    StickIoFailure,
    StickNotAllowed,
    StickNotEmpty,
    StickReadOnly,
    StickRemoved,
    StickUnsupported,
)
from kiosk.media.calls import FileCalls
from kiosk.media.directory import DirectoryMedia
from kiosk.media.volumes import Stick, StickRef, StickRefusal
from kiosk.rules.cases import CaseState
from kiosk.services.counter._sticks import LEAST_FREE, described, refusal_of
from kiosk.services.views import IssueStage, Ready
from tests.support.builders import a_medium, a_user
from tests.support.counters import Counter
from tests.support.faults import out_of_reach
from tests.support.journal import journal_of
from tests.support.stick_faults import EndUnseen

STICK = Stick(
    ref=StickRef("udisks", "1"),
    vendor="Example",
    model="Flash 8",
    serial_tail="1A2B3C",
    label="UNTITLED",
    filesystem="vfat",
    size=8_000_000_000,
    free=7_000_000_000,
    refusal=None,
)
EXPECTED: dict[StickRefusal, type[MediaError]] = {
    StickRefusal.NO_MEDIUM: StickRemoved,
    StickRefusal.NO_FILESYSTEM: StickUnsupported,
    StickRefusal.UNSUPPORTED_FS: StickUnsupported,
    StickRefusal.ENCRYPTED: StickUnsupported,
    StickRefusal.SEVERAL_VOLUMES: StickUnsupported,
    StickRefusal.WRITE_PROTECTED: StickReadOnly,
    StickRefusal.IN_USE: StickInUse,
    StickRefusal.NOT_EMPTY: StickNotEmpty,
    StickRefusal.FIXED_DISK: StickNotAllowed,
    StickRefusal.OPTICAL: StickNotAllowed,
    StickRefusal.COMPOSITE_DEVICE: StickNotAllowed,
    StickRefusal.TOO_LARGE: StickNotAllowed,
    StickRefusal.NOT_REGISTERED: StickNotAllowed,
    StickRefusal.BLOCKED_BY_POLICY: StickNotAllowed,
}


class StaysOn(DirectoryMedia):
    """A port that cannot be switched off until somebody has asked often enough."""

    refusals: list[MediaError]

    async def eject(self, ref: StickRef) -> None:
        if self.refusals:
            raise self.refusals.pop(0)
        await super().eject(ref)


def stays_on(counter: Counter, *refusals: MediaError) -> None:
    """The sticks of this counter let go only after so many refusals."""
    media = StaysOn(counter.sticks, training=True, clock=counter.clock)
    media.refusals = list(refusals)
    counter.delivering = replace(counter.delivering, media=media)


@pytest.mark.rule("E-88")
@pytest.mark.parametrize("refusal", StickRefusal)
def test_every_refused_stick_has_an_error_that_fits(refusal: StickRefusal) -> None:
    error = refusal_of(replace(STICK, refusal=refusal))
    assert type(error) is EXPECTED[refusal]
    assert error is not None
    assert error.left_behind is LeftBehind.NOTHING


@pytest.mark.rule("E-88")
def test_a_stick_without_room_is_refused_before_the_issue() -> None:
    assert type(refusal_of(replace(STICK, free=LEAST_FREE - 1))) is StickFull
    assert refusal_of(replace(STICK, free=LEAST_FREE)) is None
    assert refusal_of(replace(STICK, free=None)) is None


@pytest.mark.rule("I-19")
def test_a_stick_that_calls_itself_a_mail_address_stops_no_journal() -> None:
    assert described(STICK) == "Example Flash 8 1A2B3C"
    assert described(replace(STICK, vendor="a@b.jp")) == ""
    assert described(replace(STICK, vendor="", model="", serial_tail="")) == "UNTITLED"


def test_the_stages_of_a_delivery_are_told_in_their_order(counter: Counter, database: Database) -> None:
    counter.delivers(counter.issues(a_user(database)))
    told_of = [stage for stage in counter.stages if list(IssueStage).index(stage) > 2]
    assert told_of[0] is IssueStage.PREPARE
    assert told_of[-1] is IssueStage.EJECT
    assert told_of == sorted(told_of, key=list(IssueStage).index)


@pytest.mark.rule("E-83")
@pytest.mark.parametrize("failure", [StickInUse(), StickEjectFailed()])
def test_a_stick_that_cannot_be_ejected_is_delivered_told_and_tried_again(
    counter: Counter, database: Database, failure: MediaError
) -> None:
    ready = counter.issues(a_user(database))
    stays_on(counter, failure, failure)
    stick = counter.stick()
    delivered = counter.delivering.deliver(counter.actor, ready, stick, counter.stages.append)
    assert delivered.not_ejected is failure
    assert counter.casework.case(counter.actor, ready.reception_no).state is CaseState.DELIVERED
    delivered = counter.delivering.eject(counter.actor, delivered, stick)
    assert delivered.not_ejected is failure
    delivered = counter.delivering.eject(counter.actor, delivered, stick)
    assert delivered.not_ejected is None
    tags = [line.tag for line in journal_of(database) if line.tag.startswith("delivery:")]
    assert tags[-4:] == [
        "delivery:file:verified",
        "delivery:stick:not_ejected",
        "delivery:stick:not_ejected",
        "delivery:stick:ejected",
    ]


def test_a_stick_that_somebody_pulled_before_it_was_ejected_is_out(
    counter: Counter, database: Database
) -> None:
    ready = counter.issues(a_user(database))
    stays_on(counter, StickRemoved())
    assert counter.delivers(ready).not_ejected is None


def unsure(counter: Counter, ready: Ready) -> Path:
    """A try whose end nobody saw: the whole file lies on stick-A."""
    counter.delivering.check_stick(counter.actor, ready.reception_no, counter.stick())
    counter.media.calls = EndUnseen()
    with pytest.raises(StickIoFailure) as refused:
        counter.delivers(ready)
    assert refused.value.left_behind is LeftBehind.COMPLETE_UNCONFIRMED
    counter.media.calls = FileCalls()
    return counter.sticks / "stick-A" / ready.file_name


@pytest.mark.rule("E-84", "E-83")
def test_a_file_whose_end_nobody_saw_is_found_whole_and_delivered(
    counter: Counter, database: Database
) -> None:
    ready = counter.issues(a_user(database))
    file = unsure(counter, ready)
    delivered = counter.delivering.find_finished(counter.actor, ready, counter.stick())
    assert (delivered.serial, delivered.copies_elsewhere) == (ready.serial, ())
    assert file.read_bytes() == ready.p12
    assert counter.casework.case(counter.actor, ready.reception_no).state is CaseState.DELIVERED
    (verified,) = (line for line in journal_of(database) if line.tag == "delivery:file:verified")
    assert verified.facts["verified"] == "found"


@pytest.mark.rule("E-84", "E-83")
@pytest.mark.parametrize("damage", ["cut", "changed", "absent"])
def test_a_file_that_is_not_whole_is_never_called_delivered(
    counter: Counter, database: Database, damage: str
) -> None:
    ready = counter.issues(a_user(database))
    file = unsure(counter, ready)
    match damage:
        case "cut":
            file.write_bytes(ready.p12[:-1])
        case "changed":
            file.write_bytes(b"\0" + ready.p12[1:])
        case "absent":
            file.unlink()
    with pytest.raises(FileNotOnStick):
        counter.delivering.find_finished(counter.actor, ready, counter.stick())
    assert counter.casework.case(counter.actor, ready.reception_no).state is CaseState.ISSUED


@pytest.mark.rule("E-84", "E-87")
def test_a_copy_on_the_first_stick_is_journaled_and_its_medium_goes_to_nobody_else(
    counter: Counter, database: Database
) -> None:
    ready = counter.issues(a_user(database))
    unsure(counter, ready)
    with database.reading() as session:
        first = session.exec(select(Case.medium_no)).one() or ""
    second = a_medium(database, branch_pk=counter.actor.terminal.branch_pk).medium_no
    counter.casework.set_medium(counter.actor, ready.reception_no, second, "")
    (counter.sticks / "stick-B").mkdir()
    other = next(stick.ref for stick in counter.delivering.sticks() if stick.label == "stick-B")
    delivered = counter.delivering.deliver(counter.actor, ready, other, counter.stages.append)
    assert delivered.copies_elsewhere == (first,)
    line = journal_of(database)[-1]
    assert (line.tag, line.body["medium_no"]) == ("delivery:file:left_behind", first)
    assert line.facts["left_behind"] == "complete_unconfirmed"
    with database.reading() as session:
        states = dict(session.exec(select(Medium.medium_no, Medium.state)).all())
    assert (states[first], states[second]) == ("damaged", "in_use")


def the_other_stick(counter: Counter) -> StickRef:
    (counter.sticks / "stick-B").mkdir(exist_ok=True)
    return next(stick.ref for stick in counter.delivering.sticks() if stick.label == "stick-B")


def takes_another_medium(counter: Counter, database: Database, ready: Ready) -> tuple[str, str]:
    """The number that the reception had, and the one that it has now."""
    with database.reading() as session:
        first = session.exec(select(Case.medium_no)).one() or ""
    second = a_medium(database, branch_pk=counter.actor.terminal.branch_pk).medium_no
    counter.casework.set_medium(counter.actor, ready.reception_no, second, "")
    return first, second


@pytest.mark.rule("E-84", "E-87")
def test_a_copy_that_the_registry_never_heard_of_is_journaled_when_another_stick_is_taken(
    counter: Counter, database: Database
) -> None:
    ready = counter.issues(a_user(database))
    with ExitStack() as outage:

        def the_line_is_lost(stage: IssueStage) -> None:
            if stage is IssueStage.READ_BACK:
                outage.enter_context(out_of_reach(database))

        with pytest.raises(OutcomeUnknown):
            counter.delivering.deliver(counter.actor, ready, counter.stick(), the_line_is_lost)
    assert (counter.sticks / "stick-A" / ready.file_name).read_bytes() == ready.p12

    first, _ = takes_another_medium(counter, database, ready)
    other = the_other_stick(counter)
    delivered = counter.delivering.deliver(counter.actor, ready, other, counter.stages.append)

    assert delivered.copies_elsewhere == (first,)
    assert journal_of(database)[-1].facts["left_behind"] == "complete_unconfirmed"


@pytest.mark.rule("E-84", "E-87")
@pytest.mark.parametrize("second_tried", [True, False])
def test_a_file_that_is_found_on_the_first_stick_goes_out_under_the_number_of_that_stick(
    counter: Counter, database: Database, second_tried: bool
) -> None:
    ready = counter.issues(a_user(database))
    unsure(counter, ready)
    first, second = takes_another_medium(counter, database, ready)
    if second_tried:
        other = the_other_stick(counter)
        (counter.sticks / "stick-B" / "holiday.jpg").touch()
        with pytest.raises(StickNotEmpty):
            counter.delivering.deliver(counter.actor, ready, other, counter.stages.append)

    delivered = counter.delivering.find_finished(counter.actor, ready, counter.stick())

    assert (delivered.medium_no, delivered.copies_elsewhere) == (first, ())
    (verified,) = (line for line in journal_of(database) if line.tag == "delivery:file:verified")
    assert verified.body["medium_no"] == first
    with database.reading() as session:
        states = dict(session.exec(select(Medium.medium_no, Medium.state)).all())
        assert session.exec(select(Delivery.medium_no)).one() == first
    assert states == {first: "in_use", second: "damaged" if second_tried else "in_stock"}


@pytest.mark.rule("E-84", "E-87")
@pytest.mark.parametrize("others", [0, 1])
def test_a_stick_that_was_put_back_and_holds_the_file_is_not_one_to_be_locked_away(
    counter: Counter, database: Database, others: int
) -> None:
    """Where media have no numbers: it comes back as another plug-in, and is known by what it calls itself."""
    ready = counter.issues(a_user(database))
    with database.transaction() as session:
        session.execute(update(Case).values(medium_no=None))
    unsure(counter, ready)
    for _ in range(others):
        other = the_other_stick(counter)
        counter.delivering.check_stick(counter.actor, ready.reception_no, other)
        counter.media.calls = EndUnseen()
        with pytest.raises(StickIoFailure):
            counter.delivering.deliver(counter.actor, ready, other, counter.stages.append)
        counter.media.calls = FileCalls()
    before = next(stick.ref for stick in counter.delivering.sticks() if stick.label == "stick-A")
    (counter.sticks / "stick-A").rename(counter.sticks / "gone")
    shutil.copytree(counter.sticks / "gone", counter.sticks / "stick-A")
    shutil.rmtree(counter.sticks / "gone")
    again = next(stick.ref for stick in counter.delivering.sticks() if stick.label == "stick-A")
    assert again != before

    delivered = counter.delivering.find_finished(counter.actor, ready, again)

    assert delivered.copies_elsewhere == ("stick-B",) * others
    (verified,) = (line for line in journal_of(database) if line.tag == "delivery:file:verified")
    assert verified.facts["stick"] == "stick-A"


@pytest.mark.rule("E-87")
def test_a_medium_that_was_never_tried_goes_back_into_the_stock(counter: Counter, database: Database) -> None:
    case = counter.opens_case(a_user(database))
    other = a_medium(database, branch_pk=counter.actor.terminal.branch_pk).medium_no
    counter.casework.set_medium(counter.actor, case.reception_no, other, "")
    with database.reading() as session:
        states = dict(session.exec(select(Medium.medium_no, Medium.state)).all())
    assert states == {case.medium_no: "in_stock", other: "in_use"}
