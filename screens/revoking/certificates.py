"""The certificates of a user to choose one from; none is chosen by itself (R-24, E-76)."""

from textual import on
from textual.message import Message
from textual.widgets import DataTable

from kiosk.services.views import CertificateView
from kiosk.translations.catalog import _
from screens.customer_words import certificate_details
from screens.issuing.choose_user import Table
from screens.revoking.draft import RevokeDraft
from screens.widgets.customer_card import certificate_text
from screens.widgets.text import plain_rich


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
            self.add_row(*map(plain_rich, (chosen, one.serial, certificate_text(one))))

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
