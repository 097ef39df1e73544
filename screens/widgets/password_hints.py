"""Beside and below a password field: how many characters, and which of the four kinds are there, in words."""

from textual.widgets import Static

from kiosk.rules.credentials import PASSWORD_LENGTHS, kinds_in
from kiosk.secret import Secret
from kiosk.translations.catalog import _
from screens.hardening import Enduring
from screens.widgets.text import plain


class PasswordMarks(Enduring, Static):
    """Tells something about a password that gives no character away; kept up to date by `show`."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002  # Textual's word
        super().__init__(plain(self.text_of(Secret())), id=id, classes=classes)

    def text_of(self, secret: Secret) -> str:
        """What is shown of a value."""
        raise NotImplementedError

    def show(self, secret: Secret) -> None:
        """Look at the value of the field again."""
        self.update(plain(self.text_of(secret)))


class PasswordCount(PasswordMarks):
    """`6 / 8～12桁`."""

    def text_of(self, secret: Secret) -> str:
        """How long it is, and how long it must be."""
        return _("{count} / {shortest}～{longest}桁").format(
            count=len(secret), shortest=PASSWORD_LENGTHS.start, longest=PASSWORD_LENGTHS.stop - 1
        )


class PasswordHints(PasswordMarks):
    """`英大 済  英小 済  数字 済  記号 まだ`."""

    def text_of(self, secret: Secret) -> str:
        """Which kinds are there."""
        kinds = kinds_in(secret.reveal())
        there, missing = _("済"), _("まだ")
        return "  ".join(
            f"{name} {there if present else missing}"
            for name, present in (
                (_("英大"), kinds.upper),
                (_("英小"), kinds.lower),
                (_("数字"), kinds.digit),
                (_("記号"), kinds.symbol),
            )
        )
