"""What can be set, section by section; the sentence of each key is what `kiosk settings show` prints beside it."""

from datetime import date, time
from pathlib import Path
from typing import Any, Final, Literal, Self, get_args

from pydantic import Field, model_validator

from kiosk.config import fields
from kiosk.config.mail import MailSettings
from kiosk.config.media import MediaSettings
from kiosk.config.passwords import read_password_file
from kiosk.config.problems import refused
from kiosk.config.section import Section
from kiosk.config.showing import InForce, in_force
from kiosk.rules.service_hours import ServiceHours
from kiosk.secret import Secret
from kiosk.translations.catalog import N_, Language

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: Final = get_args(Weekday)


class TerminalSettings(Section):
    """Which counter this is."""

    branch_no: str = Field(
        pattern=r"^[0-9]{3}$", description="Number of the branch, three digits.", examples=["012"]
    )
    terminal_no: str = Field(
        pattern=r"^[0-9]{2}$",
        description="Number of this terminal within the branch, two digits.",
        examples=["01"],
    )


class PathSettings(Section):
    """Where files lie."""

    data: fields.Place = Field(
        description="Folder for everything this terminal keeps; only its account may read it.",
        examples=["/var/lib/madoguchi"],
    )
    ca: fields.Place = Field(
        default_factory=lambda before: Path(before["data"], "ca"),
        description="Folder of the certification authority: its certificate and its encrypted key.",
        examples=["/var/lib/madoguchi/ca"],
    )
    crl: fields.Place = Field(
        default_factory=lambda before: Path(before["data"], "crl"),
        description="Folder the revocation list is published to.",
        examples=["/var/lib/madoguchi/crl"],
    )
    checkpoints: fields.Place = Field(
        default_factory=lambda before: Path(before["data"], "checkpoints"),
        description="Folder for the signed checkpoints of the journal; best on another machine's disk.",
        examples=["/var/lib/madoguchi/checkpoints"],
    )
    exports: fields.Place | None = Field(
        default=None,
        description="Folder for lists saved as CSV; without it none can be saved. In training: below the data folder.",
        examples=["/var/lib/madoguchi/exports"],
    )


class DatabaseSettings(Section):
    """The registry."""

    url: fields.DatabaseUrl = Field(
        description="Address of the registry: sqlite:////folder/file or postgresql://user@host/name, no password.",
        examples=["sqlite:////var/lib/madoguchi/registry.sqlite3"],
    )
    password_file: fields.Credential | None = Field(
        default=None,
        description="File whose first line is the database password; a bare name is a service credential.",
        examples=["/etc/madoguchi/database-password"],
    )
    wal: bool = Field(
        default=False,
        strict=True,
        description="SQLite only: write-ahead log; refused by the self-check on versions that can corrupt it.",
    )

    def password(self) -> Secret | None:
        """Read from its file now. Raises SettingsWrong."""
        return (
            read_password_file(self.password_file, "database.password_file") if self.password_file else None
        )


class ServiceHoursSettings(Section):
    """When customers are served (Japan time)."""

    opens: fields.ClockTime = Field(default="08:00", description="First minute of service.")
    closes: fields.ClockTime = Field(
        default="20:00", description="First minute after service; 24:00 is midnight."
    )
    closed_weekdays: tuple[Weekday, ...] = Field(
        default=("sat", "sun"), description="Days of the week without service."
    )
    closed_days: tuple[fields.Day, ...] = Field(
        default=(),
        description="Public holidays and other single days without service; renew the list every year.",
        examples=[(date(2027, 1, 11), date(2027, 2, 11))],
    )
    closed_yearly: tuple[fields.MonthAndDay, ...] = Field(
        default=("12-31", "01-01", "01-02", "01-03"),
        description="Days without service in every year, month-day.",
    )
    enforced: bool = Field(
        default=True,
        strict=True,
        description="Refuse issuing, revoking and unblocking outside these hours; off in training unless set.",
    )

    @model_validator(mode="after")
    def _opens_before_it_closes(self) -> Self:
        if self.opens >= self.closes:
            raise refused(N_("opens より後の時刻を指定してください。"), key="service_hours.closes")
        return self

    def rule(self) -> ServiceHours:
        """The same as the rules want it."""
        return ServiceHours(
            opens=time.fromisoformat(self.opens),
            closes=time.max if self.closes == "24:00" else time.fromisoformat(self.closes),
            closed_weekdays=frozenset(WEEKDAYS.index(day) for day in self.closed_weekdays),
            closed_days=frozenset(self.closed_days),
            closed_yearly=frozenset((int(day[:2]), int(day[3:])) for day in self.closed_yearly),
            enforced=self.enforced,
        )


class CertificateSettings(Section):
    """What certificates and their p12 files look like."""

    key_algorithm: Literal["rsa-2048", "rsa-3072", "p-256"] = Field(
        default="rsa-2048", description="Kind of key a customer gets."
    )
    p12_flavour: Literal["modern", "legacy-3des"] = Field(
        default="modern",
        description='Encryption of the p12; "legacy-3des" only for Windows Server 2016 and older.',
    )
    p12_flavour_reason: fields.Line = Field(
        default="", max_length=200, description='Why "legacy-3des" is needed; shown by the self-check.'
    )
    crl_url: fields.HttpUrl = Field(
        description="Where customers' servers fetch the revocation list; written into every certificate.",
        examples=["http://pki.example.jp/madoguchi.crl"],
    )
    ca_issuers_url: fields.HttpUrl = Field(
        description="Where the CA certificate can be fetched; written into every certificate.",
        examples=["http://pki.example.jp/madoguchi.cer"],
    )
    policy_oid: fields.ObjectIdentifier = Field(
        description="The bank's own object identifier of its certificate policy.",
        examples=["1.3.6.1.4.1.32473.1.1"],
    )
    root_in_p12: bool = Field(
        default=False,
        strict=True,
        description="Put the root certificate into the p12; Windows then warns while importing.",
    )
    ca_passphrase_file: fields.Credential | None = Field(
        default=None,
        description="File whose first line unlocks the CA key; without it the passphrase is typed at every start.",
        examples=["/etc/madoguchi/ca-passphrase"],
    )

    @model_validator(mode="after")
    def _legacy_has_a_reason(self) -> Self:
        if self.p12_flavour != "modern" and not self.p12_flavour_reason.strip():
            raise refused(
                N_("legacy-3des を使う理由を書いてください。"), key="certificate.p12_flavour_reason"
            )
        return self

    def ca_passphrase(self) -> Secret | None:
        """Read from its file now. Raises SettingsWrong."""
        place = self.ca_passphrase_file
        return read_password_file(place, "certificate.ca_passphrase_file") if place else None


class CrlSettings(Section):
    """What follows when a revocation list was published."""

    after_publishing: tuple[fields.Line, ...] = Field(
        default=(),
        description="Command to run after each publication, word by word and without a shell; none when empty.",
        examples=[("/usr/bin/systemctl", "reload", "nginx")],
    )
    after_publishing_seconds: int = Field(
        default=10,
        strict=True,
        ge=1,
        le=300,
        description="Seconds until that command is ended, with everything it started.",
    )

    @model_validator(mode="after")
    def _names_its_program_in_full(self) -> Self:
        """What runs must not depend on where the terminal was started from."""
        if self.after_publishing and not self.after_publishing[0].startswith("/"):
            raise refused(
                N_("/ で始まる、プログラムの完全な場所を指定してください。"), key="crl.after_publishing"
            )
        return self


class KeyboardSettings(Section):
    """The keyboard on the screen that customers type their password with."""

    shuffle: bool = Field(default=False, strict=True, description="Mix the keys anew each time it opens.")
    physical_keyboard: bool = Field(
        default=True, strict=True, description="Allow the real keyboard for the password as well."
    )


class IdleSettings(Section):
    """What happens when nobody touches the terminal."""

    staff_minutes: int = Field(
        default=5,
        strict=True,
        ge=1,
        le=30,
        description="Minutes until a staff screen asks for the password again.",
    )
    customer_warning_seconds: int = Field(
        default=90, strict=True, ge=10, le=600, description="Seconds until a customer screen warns."
    )
    customer_wipe_seconds: int = Field(
        default=120,
        strict=True,
        ge=15,
        le=900,
        description="Seconds until it is emptied and staff has it back.",
    )

    @model_validator(mode="after")
    def _warned_before_wiped(self) -> Self:
        if self.customer_wipe_seconds <= self.customer_warning_seconds:
            raise refused(
                N_("customer_warning_seconds({least})より大きくしてください。"),
                key="idle.customer_wipe_seconds",
                least=self.customer_warning_seconds,
            )
        return self


class ApprovalSettings(Section):
    """Where a second person is asked; revoking and unblocking always need one."""

    for_issue: bool = Field(
        default=False,
        strict=True,
        description="A supervisor agrees to every issue, before the customer enters the password.",
    )
    emergency_by_one_clerk: bool = Field(
        default=False,
        strict=True,
        description="Revoking by phone needs no approval first; a supervisor confirms it the same day.",
    )


class ContactSettings(Section):
    """Whom messages tell staff to call."""

    name: fields.Line = Field(
        default="事務センター", min_length=1, max_length=20, description="Name of the office."
    )
    phone: fields.Line = Field(
        default="",
        max_length=30,
        description="Its telephone number, shown with the name.",
        examples=["03-0000-0000"],
    )


class Settings(Section):
    """Everything that can be set for one counter."""

    training: bool = Field(
        default=False,
        strict=True,
        description="Training: a watermarked CA, a folder for sticks, letters in a window. Nothing is real.",
    )
    language: Language = Field(
        default=Language.JAPANESE, description="Language the screens start in: ja or en."
    )
    notice: fields.Line = Field(
        default="",
        max_length=120,
        description="A sentence that stands on the menu, such as planned maintenance; empty for none.",
    )
    terminal: TerminalSettings
    paths: PathSettings
    database: DatabaseSettings = Field(
        default_factory=lambda before: DatabaseSettings(
            url=f"sqlite:///{before['paths'].data}/registry.sqlite3"
        )
    )
    service_hours: ServiceHoursSettings = Field(
        default_factory=lambda before: ServiceHoursSettings(enforced=not before["training"])
    )
    media: MediaSettings = MediaSettings()
    mail: MailSettings = MailSettings()
    certificate: CertificateSettings
    crl: CrlSettings = CrlSettings()
    software_keyboard: KeyboardSettings = KeyboardSettings()
    idle: IdleSettings = IdleSettings()
    approval: ApprovalSettings = ApprovalSettings()
    contact: ContactSettings = ContactSettings()

    @model_validator(mode="before")
    @classmethod
    def _hours_are_loose_in_training(cls, given: Any) -> Any:
        """A section that only names its holidays must not switch the hours on in training."""
        hours = given.get("service_hours") if isinstance(given, dict) else None
        if isinstance(hours, dict) and given.get("training") is True:
            return {**given, "service_hours": {"enforced": False, **hours}}
        return given

    @model_validator(mode="after")
    def _folders_of_training(self) -> Self:
        """Simulated sticks and readable code letters exist in training and nowhere else."""
        real_sticks = self.media.adapter in {"udisks", "windows"}
        needless = {"media.directory": real_sticks, "mail.maildir": self.mail.smtp is not None}
        for key, place in (("media.directory", self.media.directory), ("mail.maildir", self.mail.maildir)):
            if place is not None and not self.training:
                raise refused(N_("訓練モード(training = true)だけで使える項目です。"), key=key)
            if place is None and self.training and not needless[key]:
                raise refused(N_("訓練モードでは、この項目が必要です。"), key=key)
        return self

    @model_validator(mode="after")
    def _sticks_are_a_folder_or_devices(self) -> Self:
        """A folder beside another adapter would be a stick nobody sees, and an adapter without its folder has none."""
        media = self.media
        if (media.adapter == "directory") != (media.directory is not None):
            raise refused(
                N_('adapter = "directory" と directory は、両方指定するか、両方省いてください。'),
                key="media.adapter",
            )
        return self

    @property
    def letter_language(self) -> Language:
        """The language customers are written to in."""
        return self.mail.language or self.language

    @property
    def export_folder(self) -> Path | None:
        """Where lists are saved; None where they cannot be."""
        return self.paths.exports or (self.paths.data / "exports" if self.training else None)

    def in_force(self) -> tuple[InForce, ...]:
        """Every key with its value as it stands in TOML and its sentence; secrets are never among them."""
        return in_force(self)
