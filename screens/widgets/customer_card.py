"""The customer at hand: always the same card, from the same view."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Static

from kiosk.rules.texts import displayable
from kiosk.rules.validity import JST
from kiosk.translations.catalog import N_, _
from screens.dates import day_text, time_text
from screens.hardening import Enduring
from screens.widgets.prose import Prose
from screens.widgets.text import plain
from screens.words import USER_ROLES, word

if TYPE_CHECKING:
    from kiosk.services.views import CertificateView, LockView, UserCard

SHOWN_CERTIFICATES = 3
STANDINGS: Mapping[str, str] = {"active": N_("利用中"), "locked": N_("ロック中"), "blocked": N_("閉塞")}
FOLDED = 60
"""Cells from which the card is the wide one under the task."""


def lock_text(lock: "LockView") -> str:
    """`状態 利用中`, with the end of a lock."""
    if lock.standing == "locked" and lock.until is not None:
        return _("ロック中({until}に解除)").format(until=time_text(lock.until))
    return word(STANDINGS, lock.standing)


def certificate_text(certificate: "CertificateView") -> str:
    """The certificate line of DOMAIN 5.2."""
    last, opens = day_text(certificate.last_valid_date), day_text(certificate.renewable_from)
    match certificate.standing:
        case "valid":
            return _("有効(期限 {last}、更新は{opens}から)").format(last=last, opens=opens)
        case "renewable":
            return _("更新できます(期限 {last})").format(last=last)
        case "expired":
            return _("有効期限切れ({last})").format(last=last)
        case _revoked:
            revoked = certificate.revoked_at
            return _("失効済({day})").format(
                day=last if revoked is None else day_text(revoked.astimezone(JST).date())
            )


def card_lines(card: "UserCard", *, folded: bool = False) -> list[str]:
    """What the card says, line by line; `folded` puts more on each. Every stored text is made displayable here."""
    organization = [
        displayable(card.organization_name),
        _("団体コード {code}").format(code=displayable(card.organization_code)),
    ]
    person = [
        f"{displayable(card.name)}  {word(USER_ROLES, card.role)}",
        _("ユーザーID {user_id}").format(user_id=displayable(card.user_id)),
    ]
    state = [_("状態 {state}").format(state=lock_text(card.lock)), *_certificate_lines(card)]
    if not folded:
        return organization + person + state
    return ["  ".join(organization), "  ".join(person), "  ".join(state[:2]), *state[2:]]


def _certificate_lines(card: "UserCard") -> list[str]:
    if not card.certificates:
        return [_("電子証明書 なし")]
    lines = [
        _("電子証明書 {state}").format(state=certificate_text(certificate))
        for certificate in card.certificates[:SHOWN_CERTIFICATES]
    ]
    more = len(card.certificates) - SHOWN_CERTIFICATES
    return lines if more <= 0 else [*lines, _("ほか{more}件").format(more=more)]


class CardPanel(Enduring, VerticalScroll, can_focus=False):
    """The panel beside the task, or under it in a narrow window."""

    def __init__(self, card: "UserCard | None" = None, notes: tuple[str, ...] = ()) -> None:
        super().__init__()
        self._card, self._card_notes = card, notes

    def compose(self) -> ComposeResult:
        """Card and notes."""
        yield Static(plain(_("お客様")), classes="panel-title")
        yield Prose(self._card_text(), id="card-text")
        yield Static(plain(_("事務の注意")), classes="panel-title", id="card-notes-title")
        yield Prose("\n".join(self._card_notes), id="card-notes")

    def on_mount(self) -> None:
        """No title over nothing."""
        self._fold()

    def show(self, card: "UserCard | None", notes: tuple[str, ...] = ()) -> None:
        """Another customer, or other notes."""
        self._card, self._card_notes = card, notes
        if self.is_mounted:
            self.query_one("#card-text", Prose).say(self._card_text())
            self.query_one("#card-notes", Prose).say("\n".join(notes))
            self._fold()

    def on_resize(self) -> None:
        """Beside the task or under it."""
        self.query_one("#card-text", Prose).say(self._card_text())

    def _card_text(self) -> str:
        if self._card is None:
            return _("まだ選択されていません。")
        return "\n".join(card_lines(self._card, folded=self.size.width >= FOLDED))

    def _fold(self) -> None:
        for part in ("#card-notes-title", "#card-notes"):
            self.query_one(part).display = bool(self._card_notes)
