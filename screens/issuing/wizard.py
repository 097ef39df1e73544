"""The nine steps of an issue as one journey: `start_issue` begins it, `resume_issue` takes up an unfinished one.

Each step is a screen that answers once. A method here asks one screen and returns the method of the step that comes
next, so the way through the counter can be read from top to bottom.
"""

from contextlib import suppress
from functools import partial

from kiosk.errors import (
    Aftermath,
    BundleUnusable,
    CaseNotOpen,
    DatabaseUnavailable,
    IssueDayChanged,
    KioskError,
    MediaError,
    NotVerified,
)
from kiosk.rules.cases import BEFORE_ISSUING, CaseState
from kiosk.rules.operations import Transaction
from kiosk.services.approved.views import IssueRequest
from kiosk.services.views import Ready, Undelivered
from screens.app import KioskApp
from screens.issuing.another_stick import AnotherStick, given_up
from screens.issuing.choose_transaction import ChooseTransaction
from screens.issuing.choose_user import ChooseUser
from screens.issuing.code import Code
from screens.issuing.confirm_issue import ConfirmIssue
from screens.issuing.customer import CustomerStep
from screens.issuing.draft import IssueDraft, fresh_operation_id
from screens.issuing.hand_over import HandOver
from screens.issuing.journey import CounterJourney, Draft, Step, begin
from screens.issuing.password import Password
from screens.issuing.prepare_medium import PrepareMedium
from screens.issuing.progress import Progress
from screens.issuing.reception import Reception
from screens.issuing.result import Issued
from screens.issuing.step import Way
from screens.issuing.turning import (
    TurnBack,
    TurnedToCode,
    TurnToCustomer,
    call_the_clerk,
    cancelled,
    thank_you,
)
from screens.problems import explain

_RESUMABLE = BEFORE_ISSUING | {CaseState.DELIVERED}


def start_issue(app: KioskApp, user_pk: int | None = None, transaction: Transaction | None = None) -> None:
    """Begin at step 1 on top of the screen at hand; `user_pk` and `transaction` when the clerk comes from a card.

    Nothing happens while another issue is under way. The screen below comes back when the journey is over.
    """
    journey = IssueJourney(app, IssueDraft(user_pk=user_pk, transaction=transaction))
    begin(app, lambda: journey.run(journey.reception))


def resume_issue(app: KioskApp, reception_no: str) -> None:
    """Take up an unfinished reception where its state says; what cannot be gone on with is told."""
    journey = IssueJourney(app, IssueDraft())
    begin(app, lambda: journey.resume(reception_no))


class IssueJourney(CounterJourney[Draft]):
    """One issue, from the paper to the receipt."""

    async def resume(self, reception_no: str) -> None:
        """Begin in the middle. Raises `CaseNotOpen` for a reception that cannot be gone on with."""
        state = await self._take_up(reception_no, _RESUMABLE)
        await self.run(self._resumed_at(state))

    def _resumed_at(self, state: CaseState) -> Step:
        match state:
            case CaseState.RECEPTION:
                return self.user
            case CaseState.USER_CHOSEN:
                return self.transaction
            case CaseState.TRANSACTION_CHOSEN | CaseState.PASSWORD_OK | CaseState.CODE_OK:
                return self.approval if self._draft.at_hand.medium_no else self.medium
        return self.hand_over

    # --- the steps ---------------------------------------------------------------------------------------------------

    async def reception(self) -> Step | None:
        """Step 1."""
        return self.user if await self._ask(Reception(self._draft)) is Way.ON else None

    async def user(self) -> Step | None:
        """Step 2."""
        return self.transaction if await self._ask(ChooseUser(self._draft)) is Way.ON else None

    async def transaction(self) -> Step | None:
        """Step 3: what."""
        way = await self._ask(ChooseTransaction(self._draft))
        return {Way.ON: self.medium, Way.BACK: self.user}.get(way)

    async def medium(self) -> Step | None:
        """Step 3: onto which stick."""
        way = await self._ask(PrepareMedium(self._draft))
        return {Way.ON: self.approval, Way.BACK: self.transaction}.get(way)

    async def approval(self) -> Step | None:
        """Still step 3: where the settings ask for it, a second person agrees before any password is typed."""
        if not self._app.services.settings.approval.for_issue:
            return self.turn
        from screens.approving.issue import AskForIssue  # noqa: PLC0415  # loaded where it is asked for

        way = await self._ask(AskForIssue(self._draft, IssueRequest()))
        return {Way.ON: self.turn, Way.BACK: self.medium}.get(way)

    async def turn(self) -> Step | None:
        """Between 3 and 4: the screen is turned to the customer."""
        way = await self._ask(TurnToCustomer(self._draft))
        return {Way.ON: self.password, Way.BACK: self.chosen_anew}.get(way)

    async def password(self) -> Step | None:
        """Step 4; [キャンセル] leads to the choice of the transaction (R-45)."""
        screen = Password(self._draft)
        match await self._ask(screen):
            case Way.ON:
                return self.code
            case Way.CALL:
                return await self._called(screen, self.turn)
        await self._ask(TurnBack(self._draft, cancelled))
        return self.chosen_anew

    async def code(self) -> Step | None:
        """Step 5; [キャンセル] leads to step 4 (R-65)."""
        screen = Code(self._draft)
        match await self._ask(screen):
            case Way.ON:
                await self._ask(TurnBack(self._draft, thank_you))
                return self._unless_wiped(self.issue)
            case Way.CALL:
                return await self._called(screen, self.turn_to_code)
        self._told = screen.for_clerk
        return self.password

    async def turn_to_code(self) -> Step | None:
        """The customer was away while the code was on its way."""
        way = await self._ask(TurnedToCode(self._draft))
        if way is Way.ON:
            return self._unless_wiped(self.code)
        return self.chosen_anew if way is Way.BACK else None

    def _unless_wiped(self, step: Step) -> Step:
        """On to `step`, or back to step 4 when the screen was locked and the password is no longer held."""
        if not self._draft.password_wiped:
            return step
        self._told = partial(explain, NotVerified())
        return self.turn

    async def chosen_anew(self) -> Step | None:
        """Back to step 3, with the customer as the registry knows them now."""
        await self._look_again()
        return self.transaction

    async def issue(self) -> Step | None:
        """Step 6; [キャンセル] leads to the choice of the transaction (R-71)."""
        way = await self._ask(ConfirmIssue(self._draft))
        if way is Way.ON:
            return self._unless_wiped(self.issuing)
        return self.chosen_anew if way is Way.BACK else None

    async def issuing(self) -> Step | None:
        """Step 7, and where its failures lead."""
        screen = Progress(self._draft, fresh_operation_id())
        await self._ask(screen)
        if screen.failure is None:
            return self.result
        if self._draft.ready is not None:
            return partial(self.another_stick, self._draft.ready, screen.failure)
        self._told = partial(explain, screen.failure)
        return await self._after(screen.failure)

    async def another_stick(self, ready: Ready, failure: KioskError) -> Step | None:
        """Step 8 when it is not known to be on the stick."""
        if not isinstance(failure, MediaError) and await self._is_delivered():
            self._told = partial(explain, failure)
            return self.hand_over
        if isinstance(failure, BundleUnusable):
            self._draft.ready = None
            self._told = partial(explain, failure)
            return await self._after(failure)
        self._draft.stick = None
        screen = AnotherStick(self._draft, ready, failure)
        if await self._ask(screen) is Way.ON:
            if screen.failure is not None:
                return partial(self.another_stick, ready, screen.failure)
            return self.issuing if self._draft.delivered is None else self.result
        self._told = partial(given_up, ready.serial)
        return None

    async def result(self) -> Step | None:
        """Step 8."""
        if self._draft.delivered is None:
            return None
        with suppress(KioskError):
            await self._look_again()
        await self._ask(Issued(self._draft, self._draft.delivered))
        return self.hand_over

    async def hand_over(self) -> Step | None:
        """Step 9."""
        if self._draft.delivered is None:
            with suppress(KioskError):
                self._draft.waiting = await self._found_waiting()
        await self._ask(HandOver(self._draft))
        return None

    async def _found_waiting(self) -> Undelivered | None:
        """The medium of a reception that is taken up, so that its file can be compared with the receipt."""
        waiting = await self._perform(self._app.services.handing_over.unfinished)
        return next((line for line in waiting if line.reception_no == self._draft.reception_no), None)

    # --- between the steps -------------------------------------------------------------------------------------------

    async def _called(self, screen: CustomerStep, on: Step) -> Step:
        """The clerk is needed: the glass is turned back, and the clerk reads why.

        It goes on at `on`, or at step 3 when the customer cannot go on now.
        """
        await self._ask(TurnBack(self._draft, call_the_clerk))
        self._told = screen.for_clerk
        with suppress(KioskError):
            await self._look_again()
        return on if self._draft.allowed else self.transaction

    async def _is_delivered(self) -> bool:
        """Whether the registry knows the p12 on its stick, though the last answer said otherwise."""
        with suppress(KioskError):
            await self._look_again()
        return self._draft.at_hand.state is CaseState.DELIVERED

    async def _after(self, failure: KioskError) -> Step | None:
        """Where a failed issue leads: the registry tells what became of it."""
        if failure.aftermath is Aftermath.UNKNOWN:
            return None
        try:
            await self._look_again()
        except DatabaseUnavailable:
            return self.issue
        match self._draft.at_hand.state:
            case CaseState.CODE_OK if not isinstance(failure, NotVerified):
                return self.issue
            case CaseState.CODE_OK | CaseState.PASSWORD_OK | CaseState.TRANSACTION_CHOSEN:
                return self.turn
            case CaseState.VOIDED if isinstance(failure, IssueDayChanged):
                ended = CaseNotOpen(reception_no=self._draft.reception_no, state=CaseState.VOIDED)
                self._told = partial(explain, ended)
        return None
