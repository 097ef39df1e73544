"""What a front end receives: every use case, built once by `kiosk.bootstrap`."""

from collections.abc import Callable
from dataclasses import dataclass

from kiosk.config import Settings
from kiosk.services.acting import Terminal
from kiosk.services.approving import Approving
from kiosk.services.authenticating import Authenticating
from kiosk.services.board import Boards
from kiosk.services.casework import Casework
from kiosk.services.checking import SelfCheck
from kiosk.services.chores import Chores
from kiosk.services.customers import Customers
from kiosk.services.delivering import Delivering
from kiosk.services.expiring import Renewals
from kiosk.services.handing_over import HandingOver
from kiosk.services.inquiring import Inquiries
from kiosk.services.issuing import Issuing
from kiosk.services.journal import Journal
from kiosk.services.letters import Letters
from kiosk.services.notices import Notices
from kiosk.services.parking import Parking
from kiosk.services.publishing import Publishing
from kiosk.services.recovering import Recovering, RecoveryReport
from kiosk.services.revoking import Revoking
from kiosk.services.settling import Settling
from kiosk.services.signing_in import SigningIn
from kiosk.services.staffing import Staffing
from kiosk.services.stock import Stock
from kiosk.services.unblocking import Unblocking


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
