"""Reception, certificate and delivery move together through an issue, and may be cut off at any point."""

import pytest
from hypothesis import settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from kiosk.rules import cases, certificates, deliveries
from kiosk.rules.cases import CaseState
from kiosk.rules.certificates import CertificateState
from kiosk.rules.deliveries import DeliveryState, consequence


class Issuance(RuleBasedStateMachine):
    """Every step of the counter, a crash between any two of them, and the recovery at the next start."""

    def __init__(self) -> None:
        super().__init__()
        self.case = CaseState.RECEPTION
        self.certificate: CertificateState | None = None
        self.delivery: DeliveryState | None = None
        self.key_in_memory = False

    def _case(self, state: CaseState) -> None:
        assert cases.may_move(self.case, state), f"{self.case} -> {state}"
        self.case = state

    def _certificate(self, state: CertificateState) -> None:
        assert self.certificate is not None
        assert certificates.may_move(self.certificate, state), f"{self.certificate} -> {state}"
        self.certificate = state

    def _delivery(self, state: DeliveryState) -> None:
        assert self.delivery is not None
        assert deliveries.may_move(self.delivery, state), f"{self.delivery} -> {state}"
        self.delivery = state

    @precondition(lambda self: self.case in {CaseState.RECEPTION, CaseState.USER_CHOSEN})
    @rule()
    def a_user_is_chosen(self) -> None:
        self._case(CaseState.USER_CHOSEN)

    @precondition(lambda self: self.case in {CaseState.USER_CHOSEN, CaseState.TRANSACTION_CHOSEN})
    @rule()
    def a_transaction_is_chosen(self) -> None:
        self._case(CaseState.TRANSACTION_CHOSEN)

    @precondition(lambda self: self.case is CaseState.TRANSACTION_CHOSEN)
    @rule()
    def the_password_is_right(self) -> None:
        self._case(CaseState.PASSWORD_OK)

    @precondition(lambda self: self.case is CaseState.PASSWORD_OK)
    @rule()
    def the_code_is_right(self) -> None:
        self._case(CaseState.CODE_OK)

    @precondition(lambda self: self.case in {CaseState.PASSWORD_OK, CaseState.CODE_OK})
    @rule()
    def the_code_is_dead_or_the_password_dropped(self) -> None:
        self._case(CaseState.TRANSACTION_CHOSEN)

    @precondition(lambda self: self.case in cases.BEFORE_ISSUING - {CaseState.RECEPTION})
    @rule()
    def cancelled_to_the_menu(self) -> None:
        self._case(CaseState.USER_CHOSEN)

    @precondition(lambda self: self.case in cases.BEFORE_ISSUING)
    @rule()
    def the_customer_leaves(self) -> None:
        self._case(CaseState.VOIDED)

    @precondition(lambda self: self.case is CaseState.CODE_OK)
    @rule()
    def the_intent_is_stored(self) -> None:
        self._case(CaseState.ISSUING)
        self.certificate, self.delivery = CertificateState.RESERVED, None

    @precondition(lambda self: self.case is CaseState.ISSUING and self.certificate is not None)
    @rule()
    def signing_fails(self) -> None:
        self._certificate(CertificateState.VOIDED)
        self.certificate = None
        self._case(CaseState.TRANSACTION_CHOSEN)

    @precondition(lambda self: self.case is CaseState.ISSUING)
    @rule()
    def signed(self) -> None:
        self._certificate(CertificateState.SIGNED)
        self._case(CaseState.ISSUED)
        self.delivery, self.key_in_memory = DeliveryState.KEY_READY, True

    @precondition(lambda self: self.delivery is DeliveryState.KEY_READY and self.key_in_memory)
    @rule()
    def written(self) -> None:
        self._delivery(DeliveryState.WRITTEN)

    @precondition(lambda self: self.delivery is DeliveryState.WRITTEN and self.key_in_memory)
    @rule()
    def read_back_differs(self) -> None:
        self._delivery(DeliveryState.KEY_READY)

    @precondition(lambda self: self.delivery is DeliveryState.WRITTEN and self.key_in_memory)
    @rule()
    def read_back_equal(self) -> None:
        self._delivery(DeliveryState.VERIFIED)
        self._certificate(CertificateState.ACTIVE)
        self._case(CaseState.DELIVERED)
        self.key_in_memory = False

    @precondition(lambda self: self.delivery is DeliveryState.VERIFIED)
    @rule()
    def handed_over(self) -> None:
        self._delivery(DeliveryState.HANDED_OVER)
        self._case(CaseState.DONE)

    @precondition(lambda self: self.delivery in deliveries.UNDELIVERED_STATES)
    @rule()
    def given_up(self) -> None:
        self._delivery(DeliveryState.VOIDED)
        self._certificate(CertificateState.REVOKED)
        self._case(CaseState.VOIDED)
        self.key_in_memory = False

    @rule()
    def power_fails_and_the_kiosk_starts_again(self) -> None:
        self.key_in_memory = False
        if self.case is CaseState.ISSUING:
            self._certificate(CertificateState.VOIDED)
            self._case(CaseState.VOIDED)
        elif self.delivery in {DeliveryState.KEY_READY, DeliveryState.WRITTEN}:
            self.given_up()

    @invariant()
    def a_certificate_that_exists_is_revoked_or_on_its_way(self) -> None:
        if self.certificate is None or self.certificate not in certificates.EXISTING_STATES:
            assert self.delivery is None
            return
        assert self.delivery is not None
        revoked = self.certificate is CertificateState.REVOKED
        assert consequence(self.delivery).revoke == revoked
        assert revoked == (self.case is CaseState.VOIDED)

    @invariant()
    def only_a_verified_certificate_is_active(self) -> None:
        assert (self.certificate is CertificateState.ACTIVE) == (
            self.delivery in {DeliveryState.VERIFIED, DeliveryState.HANDED_OVER}
        )

    @invariant()
    def nothing_waits_for_a_key_that_is_gone(self) -> None:
        if self.delivery in {DeliveryState.KEY_READY, DeliveryState.WRITTEN}:
            assert self.key_in_memory


@pytest.mark.rule("R-81", "R-85", "E-84", "E-85", "I-2")
def test_an_issue_that_is_cut_off_anywhere_ends_revoked_or_delivered() -> None:
    run_state_machine_as_test(Issuance, settings=settings(max_examples=150, stateful_step_count=40))
