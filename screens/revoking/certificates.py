"""The certificates of a user to choose one from; none is chosen by itself (R-24, E-76)."""

from collections.abc import Mapping

from textual import on
from textual.message import Message
from textual.widgets import DataTable

from kiosk.services.views import CertificateView
from kiosk.translations.catalog import N_, _
from screens.dates import day_text
from screens.revoking.draft import RevokeDraft
from screens.widgets.table import Table
from screens.widgets.text import plain_rich
from screens.wording.customer import certificate_details

STANDINGS: Mapping[str, str] = {
    "valid": N_("有効 {day}まで"),
    "renewable": N_("有効 {day}まで"),
    "expired": N_("期限切れ {day}"),
    "revoked": N_("失効済"),
}
"""Short enough to stand beside a serial number in a small window."""


class Certificates(Table):
    """Serial number and state, a mark before the chosen one; the draft keeps the choice."""

    class Chosen(Message):
        """Enter or a click on a line; the draft has its serial number."""

    class Pointed(Message):
        """Another line is under the cursor."""

        def __init__(self, about: str) -> None:
            super().__init__()
            self.about = about
            """Days and PC of it."""

    def __init__(self, draft: RevokeDraft, *, id: str | None = None) -> None:  # noqa: A002  # Textual's word
        super().__init__(id=id, cursor_type="row")
        self._draft = draft
        self._fill()

    @property
    def _rows(self) -> tuple[CertificateView, ...]:
        card = self._draft.card
        return () if card is None else card.certificates

    @property
    def about(self) -> str:
        """Days and PC of the line under the cursor."""
        if self.cursor_row >= len(self._rows):
            return ""
        return certificate_details(self._rows[self.cursor_row], serial=False)

    def _fill(self) -> None:
        self.clear(columns=True)
        for title in (_("選択"), _("シリアル番号"), _("状態")):
            self.add_column(plain_rich(title))
        for one in self._rows:
            chosen = _("選択中") if one.serial == self._draft.serial else ""
            state = _(STANDINGS[one.standing]).format(day=day_text(one.last_valid_date))
            self.add_row(*map(plain_rich, (chosen, one.serial, state)))

    @on(DataTable.RowSelected)
    def line_chosen(self, event: DataTable.RowSelected) -> None:
        """Keep it and mark it."""
        event.stop()
        self._draft.serial = self._rows[event.cursor_row].serial
        self._fill()
        self.move_cursor(row=event.cursor_row)
        self.post_message(self.Chosen())

    @on(DataTable.RowHighlighted)
    def line_pointed(self, event: DataTable.RowHighlighted) -> None:
        """Tell about the line under the cursor."""
        event.stop()
        self.post_message(self.Pointed(self.about))
