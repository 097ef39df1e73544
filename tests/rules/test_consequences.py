"""What follows when a stick does not arrive or a certificate is revoked by phone, and what a CRL calls the reasons."""

from datetime import UTC, date, datetime

import pytest

from kiosk.rules.deliveries import Consequence, DeliveryState, consequence
from kiosk.rules.revocation import RevocationReason, approval_due, paper_due, rfc5280_code

R = RevocationReason
NOTHING = Consequence(revoke=False, reason=None, reissue=False)


@pytest.mark.rule("R-85", "E-84", "E-85")
@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (DeliveryState.KEY_READY, NOTHING),
        (DeliveryState.WRITTEN, NOTHING),
        (DeliveryState.VERIFIED, NOTHING),
        (DeliveryState.HANDED_OVER, NOTHING),
        (DeliveryState.CONFIRMED, NOTHING),
        (DeliveryState.LOST, Consequence(revoke=True, reason=R.MEDIUM_LOST, reissue=True)),
        (DeliveryState.DAMAGED, Consequence(revoke=True, reason=R.P12_UNOPENED, reissue=True)),
        (DeliveryState.NOT_COLLECTED, Consequence(revoke=True, reason=R.UNDELIVERED, reissue=False)),
        (DeliveryState.DESTROYED, Consequence(revoke=True, reason=R.UNDELIVERED, reissue=False)),
        (DeliveryState.VOIDED, Consequence(revoke=True, reason=R.UNDELIVERED, reissue=True)),
    ],
)
def test_a_delivery_that_does_not_arrive_revokes(state: DeliveryState, expected: Consequence) -> None:
    assert consequence(state) == expected


@pytest.mark.parametrize("state", DeliveryState)
def test_a_revocation_always_has_its_reason(state: DeliveryState) -> None:
    follows = consequence(state)
    assert follows.revoke == (follows.reason is not None)
    assert follows.revoke or not follows.reissue


@pytest.mark.rule("E-79")
@pytest.mark.parametrize(
    ("reason", "code"),
    [
        (R.PC_CHANGE, 4),  # superseded
        (R.P12_UNOPENED, 4),
        (R.MEDIUM_LOST, 1),  # keyCompromise
        (R.PC_LOST, 1),
        (R.LEFT, 5),  # cessationOfOperation
        (R.REASSIGNED, 3),  # affiliationChanged
        (R.OTHER, 0),  # unspecified
        (R.UNDELIVERED, 5),
    ],
)
def test_each_reason_has_its_number_in_a_crl(reason: R, code: int) -> None:
    assert rfc5280_code(reason) == code


@pytest.mark.rule("E-79")
@pytest.mark.parametrize("reason", R)
def test_no_reason_could_be_undone_by_a_later_crl(reason: R) -> None:
    certificate_hold, remove_from_crl = 6, 8
    assert rfc5280_code(reason) not in {certificate_hold, remove_from_crl}


@pytest.mark.parametrize(
    ("called_at", "last_day"),
    [
        (datetime(2026, 3, 2, 14, 59, 59, tzinfo=UTC), date(2026, 3, 9)),  # 23:59:59 in Japan
        (datetime(2026, 3, 2, 15, 0, tzinfo=UTC), date(2026, 3, 10)),  # the day after has begun there
    ],
)
def test_the_sealed_form_is_due_seven_days_of_japan_after_the_call(
    called_at: datetime, last_day: date
) -> None:
    assert paper_due(called_at) == last_day


@pytest.mark.rule("I-16")
@pytest.mark.parametrize(
    ("executed_at", "until"),
    [
        (datetime(2026, 3, 1, 15, 0, tzinfo=UTC), datetime(2026, 3, 2, 15, 0, tzinfo=UTC)),
        (datetime(2026, 3, 2, 14, 59, 59, tzinfo=UTC), datetime(2026, 3, 2, 15, 0, tzinfo=UTC)),
        (datetime(2026, 3, 2, 15, 0, tzinfo=UTC), datetime(2026, 3, 3, 15, 0, tzinfo=UTC)),
    ],
)
def test_what_one_clerk_did_by_phone_is_confirmed_before_the_day_ends_in_japan(
    executed_at: datetime, until: datetime
) -> None:
    assert approval_due(executed_at) == until
