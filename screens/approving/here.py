"""S600 on the clerk's own terminal: the supervisor signs on inside the dialog, the clerk stays signed on."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from textual.app import ComposeResult

from kiosk.errors import BadInput, SignOnRefused
from kiosk.rules.credentials import ShapeProblem
from kiosk.services.approved.views import ApprovalView
from kiosk.translations.catalog import _
from screens.approving.dialog import Deciding
from screens.issuing.rows import row
from screens.messages import CounterMessage, Severity
from screens.staff_secret import require_staff_secret
from screens.widgets.field import Field
from screens.widgets.secret_field import SecretField

if TYPE_CHECKING:
    from kiosk.secret import Secret

Signed = Callable[[str, "Secret"], ApprovalView]


class ApproveHere(Deciding):
    """Own ID and own password, three tries."""

    def prompt(self) -> str:
        """The sentence of DOMAIN 5.6."""
        return _(
            "役席の承認が必要です。承認者はIDとパスワードを入力し、内容を確認のうえ「承認」(F12)を押してください。"
        )

    def compose_identity(self) -> ComposeResult:
        """ID and password."""
        yield row(
            _("承認者のID"),
            Field(id="approver_id", limit=20, half_width=True, help=_("承認する役席者のオペレーターID")),
        )
        yield row(
            _("パスワード"), SecretField(id="password", help=_("承認する役席者本人のサインオンのパスワード"))
        )

    async def approved(self) -> ApprovalView | None:
        """With the supervisor's signature."""
        approving, actor, view = self.app.services.approving, self.app.actor, self._approval
        return await self._signed(
            lambda approver, secret: approving.approve_here(
                actor, view.approval_pk, view.digest, approver, secret
            )
        )

    async def rejected(self, reason: str) -> ApprovalView | None:
        """The same."""
        approving, actor, view = self.app.services.approving, self.app.actor, self._approval
        return await self._signed(
            lambda approver, secret: approving.reject_here(
                actor, view.approval_pk, view.digest, approver, secret, reason
            )
        )

    async def _signed(self, decide: Signed) -> ApprovalView | None:
        approver = self.query_one("#approver_id", Field).value.strip()
        field = self.query_one("#password", SecretField)
        if not approver:
            raise BadInput(field="approver_id", problem=ShapeProblem.EMPTY)
        require_staff_secret(field.secret)
        try:
            with field.take() as secret:
                return await self.perform(decide, approver, secret)
        except SignOnRefused:
            view = await self.perform(
                self.app.services.approving.of_case, self.app.actor, self._approval.shown.reception_no
            )
            self.tell(partial(refused, 0 if view is None else view.tries_left))
            return None


def refused(tries_left: int) -> CounterMessage:
    """ET01 for the approver."""
    return CounterMessage(
        severity=Severity.ERROR,
        code="ET01",
        happened=_("承認者のIDまたはパスワードが正しくありません。"),
        to_do=_("もう一度入力してください。(あと{tries}回誤ると、この依頼を閉じます)").format(
            tries=tries_left
        ),
        field="password",
    )
