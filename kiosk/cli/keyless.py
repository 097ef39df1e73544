"""What commands look at that needs the CA's certificate and never its key."""

from kiosk.bootstrap import Foundation
from kiosk.config import Settings
from kiosk.errors import MAKE_CA, CaNotUsable, NotSetUp
from kiosk.pki.ca_creation import CaProblem
from kiosk.pki.ca_files import CRL_DER, CaFolder
from kiosk.pki.signer import AuthorityFacts
from kiosk.services.crl.lists import Lists
from kiosk.services.upkeep.verifying import Verifying


def lists_of(base: Foundation) -> Lists:
    """Looks at the lists of these settings; needs no key. Raises `NotSetUp` where there is no CA."""
    return Lists(desk=base.desk, folder=base.settings.paths.crl, authority=authority_of(base.settings))


def verifying_of(base: Foundation) -> Verifying:
    """Reads the registry of these settings again; needs no key. Raises `NotSetUp` where there is no CA."""
    ca = authority_of(base.settings).certificate
    return Verifying(desk=base.desk, ca=ca, published=base.settings.paths.crl / CRL_DER)


def authority_of(settings: Settings) -> AuthorityFacts:
    """What may be known of the CA without its passphrase.

    Raises `NotSetUp` where there is none, and `CaNotUsable` for files that were damaged or taken away.
    """
    folder = settings.paths.ca
    if not folder.exists():
        raise NotSetUp(missing=str(folder), command=MAKE_CA)
    try:
        return CaFolder(folder).facts()
    except PermissionError:
        raise
    except (OSError, ValueError):
        raise CaNotUsable((CaProblem.UNREADABLE_CERTIFICATE,)) from None
