"""Which way out the settings name."""

from kiosk.config import Settings
from kiosk.mail.delivery import Mailer
from kiosk.mail.maildir import MaildirMailer
from kiosk.mail.smtp import SmtpMailer


def mailer_for(settings: Settings) -> Mailer | None:
    """The mail server of the settings, else the folder of training, else none: then nothing is issued."""
    if settings.mail.smtp is not None:
        return SmtpMailer(settings.mail.smtp)
    if settings.mail.maildir is not None:
        return MaildirMailer(settings.mail.maildir)
    return None
