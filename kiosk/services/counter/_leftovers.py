"""What an issue that was cut off leaves behind, and how it becomes a state that a person can read (E-85)."""

from db.queries import issues
from db.tables.case import Case
from kiosk.rules.cases import CaseState
from kiosk.rules.certificates import CertificateState
from kiosk.services.desk.cases import back_to_step_3, first_act, give_back_medium, move
from kiosk.services.desk.guard import Act


def void_reserved(act: Act, case: Case, *, staff_pk: int | None) -> None:
    """Reserved and never signed: nothing was issued, for its key died with the program. The case is *issuing*."""
    row = issues.certificate_of_for_update(act.session, case.pk)
    if row is not None and row.state == CertificateState.RESERVED:
        act.about(serial=row.serial)
        row.state, row.slot = CertificateState.VOIDED, None
    give_back_medium(act.session, case, act.now, staff_pk)
    if first_act(act.session, case) is None:
        case.void_reason = "interrupted"
        move(case, CaseState.VOIDED, act.now)
    else:
        back_to_step_3(case, act.now)  # a change of PC still owes its second act (E-75)
    act.record()
