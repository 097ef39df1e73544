"""Revocations by phone that are not complete, in words: what is open, until when, and the one next thing."""

from typing import TYPE_CHECKING

from kiosk.rules.texts import displayable
from kiosk.rules.validity import JST
from kiosk.translations.catalog import _
from screens.dates import moment_text, short_day_text
from screens.messages import joined

if TYPE_CHECKING:
    from kiosk.services.approved.views import FollowUp


def open_text(line: "FollowUp") -> str:
    """What has still to come in after a revocation by phone (WR04)."""
    sentences = []
    if line.approval_due is not None:
        sentences.append(
            _("役席の承認を{moment}までに受けてください。").format(moment=moment_text(line.approval_due))
        )
    if line.paper_due is not None:
        sentences.append(
            _("依頼書を{day}までに徴求してください。").format(day=short_day_text(line.paper_due))
        )
    return joined(_("【要確認】期限を過ぎています。") if line.overdue else "", *sentences)


def next_text(line: "FollowUp") -> str:
    """The one next thing."""
    return _("役席の承認") if line.approval_due is not None else _("依頼書の受領")


def due_text(line: "FollowUp") -> str:
    """`03-03 00:00` or `03-09`: until when the next thing is due, in few cells, which leaves room for the user."""
    if line.approval_due is not None:
        return f"{line.approval_due.astimezone(JST):%m-%d %H:%M}"
    return "" if line.paper_due is None else f"{line.paper_due:%m-%d}"


def who(line: "FollowUp") -> str:
    """User ID and name."""
    return displayable(f"{line.user_id} {line.user_name}")
