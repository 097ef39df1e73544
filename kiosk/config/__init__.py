"""The settings of one counter: one TOML file, checked once, frozen afterwards."""

from kiosk.config.loading import load_settings, training_settings
from kiosk.config.mail import MailSettings, SmtpSettings
from kiosk.config.media import MediaSettings
from kiosk.config.sections import (
    CertificateSettings,
    ContactSettings,
    CrlSettings,
    DatabaseSettings,
    IdleSettings,
    KeyboardSettings,
    PathSettings,
    ServiceHoursSettings,
    Settings,
    TerminalSettings,
)
from kiosk.config.showing import InForce, example_settings

__all__ = [
    "CertificateSettings",
    "ContactSettings",
    "CrlSettings",
    "DatabaseSettings",
    "IdleSettings",
    "InForce",
    "KeyboardSettings",
    "MailSettings",
    "MediaSettings",
    "PathSettings",
    "ServiceHoursSettings",
    "Settings",
    "SmtpSettings",
    "TerminalSettings",
    "example_settings",
    "load_settings",
    "training_settings",
]
