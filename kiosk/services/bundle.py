"""What a front end receives: every use case, built once by `kiosk.bootstrap`."""

from collections.abc import Callable
from dataclasses import dataclass

from kiosk.config import Settings
from kiosk.services.acting import Terminal
from kiosk.services.approved.approving import Approving
from kiosk.services.approved.revoking import Revoking
from kiosk.services.approved.unblocking import Unblocking
from kiosk.services.counter.authenticating import Authenticating
from kiosk.services.counter.casework import Casework
from kiosk.services.counter.customers import Customers
from kiosk.services.counter.delivering import Delivering
from kiosk.services.counter.handing_over import HandingOver
from kiosk.services.counter.issuing import Issuing
from kiosk.services.counter.parking import Parking
from kiosk.services.counter.recovering import Recovering, RecoveryReport
from kiosk.services.counter.settling import Settling
from kiosk.services.crl.publishing import Publishing
from kiosk.services.letters.letters import Letters
from kiosk.services.letters.notices import Notices
from kiosk.services.media.stock import Stock
from kiosk.services.overview.board import Boards
from kiosk.services.overview.expiring import Renewals
from kiosk.services.overview.inquiring import Inquiries
from kiosk.services.overview.journal import Journal
from kiosk.services.staff.signing_in import SigningIn
from kiosk.services.staff.staffing import Staffing
from kiosk.services.upkeep.checking import SelfCheck
from kiosk.services.upkeep.chores import Chores


@dataclass(frozen=True, kw_only=True)
class Services:
    """The use cases of one counter. `close` ends the processes and threads that belong to it."""

    settings: Settings
    terminal: Terminal
    recovered: RecoveryReport
    """What start-up found of an earlier run that was cut off."""
    signing_in: SigningIn
    customers: Customers
    casework: Casework
    parking: Parking
    authenticating: Authenticating
    issuing: Issuing
    delivering: Delivering
    handing_over: HandingOver
    recovering: Recovering
    settling: Settling
    publishing: Publishing
    notices: Notices
    letters: Letters
    boards: Boards
    renewals: Renewals
    inquiries: Inquiries
    self_check: SelfCheck
    journal: Journal
    staffing: Staffing
    stock: Stock
    approving: Approving
    revoking: Revoking
    unblocking: Unblocking
    chores: Chores
    unlock_signer: Callable[[], object]
    """Start the signing process and open the CA key; raises `SignerLocked` or `SignerUnavailable`."""
    close: Callable[[], None]
