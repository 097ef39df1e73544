"""Letters and the server that takes them."""

from typing import Literal, Self

from pydantic import Field, model_validator

from kiosk.config import fields
from kiosk.config.passwords import read_password_file
from kiosk.config.problems import refused
from kiosk.config.section import Section
from kiosk.secret import Secret
from kiosk.translations.catalog import N_, Language


class SmtpSettings(Section):
    """The mail server. Letters leave over TLS with a checked certificate or not at all."""

    host: str = Field(
        min_length=1,
        max_length=253,
        pattern=r"^[A-Za-z0-9.:-]+$",
        description="Name of the server, as in its certificate.",
        examples=["smtp.example.jp"],
    )
    tls: Literal["implicit", "starttls"] = Field(
        default="implicit",
        description='"implicit": TLS from the first byte; "starttls": upgraded, never left out.',
    )
    port: int = Field(
        default_factory=lambda before: 465 if before["tls"] == "implicit" else 587,
        strict=True,
        ge=1,
        le=65535,
        description="Port; 465 for implicit TLS and 587 for STARTTLS when left out.",
        examples=[465],
    )
    user: fields.Line | None = Field(
        default=None,
        description="Account on the server; left out when it asks for none.",
        examples=["madoguchi"],
    )
    password_file: fields.Credential | None = Field(
        default=None,
        description="File whose first line is the password of that account; a bare name is a service credential.",
        examples=["/etc/madoguchi/smtp-password"],
    )
    ca_file: fields.Place | None = Field(
        default=None,
        description="Certificates (PEM) to trust instead of those of the system.",
        examples=["/etc/madoguchi/mail-ca.pem"],
    )
    connect_seconds: int = Field(
        default=10,
        strict=True,
        ge=1,
        le=60,
        description="Longest wait for an answer of the server, in seconds.",
    )
    total_seconds: int = Field(
        default=30,
        strict=True,
        ge=2,
        le=120,
        description="Longest time one letter may take in all, in seconds.",
    )

    letters_per_minute: int | None = Field(
        default=None,
        strict=True,
        ge=1,
        le=60_000,
        description="Most letters a minute that each mailer sends, codes apart; no limit when left out.",
        examples=[600],
    )

    @model_validator(mode="after")
    def _user_and_password_together(self) -> Self:
        if (self.user is None) != (self.password_file is None):
            missing = "user" if self.user is None else "password_file"
            raise refused(N_("user と password_file は両方指定してください。"), key=f"mail.smtp.{missing}")
        return self

    def password(self) -> Secret | None:
        """Read from its file now. Raises SettingsWrong."""
        return (
            read_password_file(self.password_file, "mail.smtp.password_file") if self.password_file else None
        )


class MailSettings(Section):
    """Letters to customers."""

    sender: fields.Address = Field(
        default="kunren@training.invalid",
        description="Address letters come from; must be given with a mail server.",
        examples=["madoguchi@example.jp"],
    )
    sender_name: fields.HeaderText = Field(
        default="ろうきん賃金控除事務支援サービス",
        min_length=1,
        max_length=40,
        description="Name letters come from.",
    )
    language: Language | None = Field(
        default=None,
        description="Language of letters; the language of the screens when left out.",
        examples=["ja"],
    )
    texts: fields.Place | None = Field(
        default=None,
        description="Folder with texts of your own, ja/NAME.txt and en/NAME.txt; checked at every start.",
        examples=["/etc/madoguchi/letters"],
    )
    maildir: fields.Place | None = Field(
        default=None,
        description="Training only: Maildir folder that letters go to; a window shows them, marked as training.",
        examples=["/var/lib/madoguchi/letters"],
    )
    smtp: SmtpSettings | None = Field(
        default=None, description="The mail server; without one nothing is issued outside training."
    )

    @model_validator(mode="after")
    def _own_sender_with_a_server(self) -> Self:
        if self.smtp is not None and "sender" not in self.model_fields_set:
            raise refused(N_("メールサーバーを使うときは差出人の指定が必要です。"), key="mail.sender")
        return self
