"""Beside a password field: how many characters, and which of the four kinds are there, in words."""

from textual.widgets import Static

from kiosk.rules.credentials import PASSWORD_LENGTHS, kinds_in
from kiosk.secret import Secret
from kiosk.translations.catalog import _
from screens.hardening import Enduring
from screens.widgets.text import plain


class PasswordHints(Enduring, Static):
    """`6 / 8～12桁  英大 済  英小 済  数字 済  記号 まだ`, kept up to date by `show`."""

    def __init__(self, secret: Secret | None = None, *, id: str | None = None) -> None:  # noqa: A002  # Textual's word
        super().__init__(plain(hints(secret or Secret())), id=id)

    def show(self, secret: Secret) -> None:
        """Look at the value of the field again."""
        self.update(plain(hints(secret)))


def hints(secret: Secret) -> str:
    """The line for a value; tells kinds and length, no character."""
    kinds = kinds_in(secret.reveal())
    count = _("{count} / {shortest}～{longest}桁").format(
        count=len(secret), shortest=PASSWORD_LENGTHS.start, longest=PASSWORD_LENGTHS.stop - 1
    )
    there, missing = _("済"), _("まだ")
    marks = [
        f"{name} {there if present else missing}"
        for name, present in (
            (_("英大"), kinds.upper),
            (_("英小"), kinds.lower),
            (_("数字"), kinds.digit),
            (_("記号"), kinds.symbol),
        )
    ]
    return "   ".join([count, *marks])
