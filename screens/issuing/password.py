"""S304, step 4: the customer's own user ID and password, typed by the customer (R-40 to R-46)."""

from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Center, Vertical

from kiosk.errors import BadInput, KioskError, WrongCredentials
from kiosk.rules.credentials import check_password, check_user_id
from kiosk.translations.catalog import N_, _
from screens.base import counter_action
from screens.field_problems import field_help
from screens.issuing.customer import CustomerStep
from screens.issuing.draft import IssueDraft
from screens.issuing.rows import row
from screens.issuing.step import Way
from screens.issuing.typed_field import TypedField
from screens.widgets.keyboard_layouts import KeyAction
from screens.widgets.password_hints import PasswordCount, PasswordHints, PasswordMarks
from screens.widgets.prose import Prose
from screens.widgets.secret_field import SecretField
from screens.widgets.soft_keyboard import SoftKeyboard

HELD_AT_MOST = 40
"""Characters of the user ID field: too long is told as such and never cut (E-42)."""


class Password(CustomerStep):
    """Two fields and the software keyboard, which is open from the start and feeds the field that was touched last."""

    SCREEN_ID = "S304"
    SCREEN_NAME = N_("電子証明書発行 ユーザー認証")
    STEP = 4
    AUTO_FOCUS: ClassVar[str] = "#user_id"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("down", "to_the_keyboard", show=False)]

    def __init__(self, draft: IssueDraft) -> None:
        super().__init__(draft)
        self._into_password = False

    def compose_input(self) -> ComposeResult:
        """User ID, password, hints, keyboard."""
        counter = self.app.counter
        yield Prose(
            _("ユーザーIDとパスワードをご入力ください。大文字と小文字は区別されます。"),
            classes="customer-prompt",
        )
        user_id = TypedField(id="user_id", limit=HELD_AT_MOST, typed=counter.physical_keyboard)
        password = SecretField(id="password", typed=counter.physical_keyboard, help=field_help("password"))
        with Center(), Vertical(id="customer-fields"):
            yield row(_("ユーザーID"), user_id)
            yield Prose(field_help("user_id"), classes="customer-shape")
            yield row(_("パスワード"), password, PasswordCount())
            yield Prose(field_help("password"), classes="customer-shape")
            yield PasswordHints(id="hints", classes="customer-shape")
        with Center():
            yield SoftKeyboard(
                id="keyboard",
                shuffle=counter.shuffle_keyboard,
                field=password if self._into_password else None,
            )
        yield Prose(
            _("画面のキーを押して、パスワードをご入力いただけます。\n(安全のため、こちらをおすすめします)"),
            classes="customer-help",
        )

    def after_recompose(self) -> None:
        """The marks of what was typed before the language changed."""
        self._show_marks(self.query_one("#password", SecretField))

    # --- the keyboard on the glass -----------------------------------------------------------------------------------

    @on(events.DescendantFocus)
    def feed(self, event: events.DescendantFocus) -> None:
        """The keyboard types into the field that was touched last."""
        if event.widget.id in {"user_id", "password"}:
            self._into_password = event.widget.id == "password"
            password = self.query_one("#password", SecretField)
            self.query_one(SoftKeyboard).feed(password if self._into_password else None)

    def action_to_the_keyboard(self) -> None:
        """Down: from a field to the keys, which the arrows then move over."""
        self.query_one(SoftKeyboard).focus()

    @on(SoftKeyboard.Typed)
    def typed(self, event: SoftKeyboard.Typed) -> None:
        """A key of the glass, into the user ID."""
        with event.character as character:
            self.query_one("#user_id", TypedField).insert_text_at_cursor(character.reveal())

    @on(SoftKeyboard.Edited)
    def edited(self, event: SoftKeyboard.Edited) -> None:
        """An erasing key of the glass, in the user ID."""
        field = self.query_one("#user_id", TypedField)
        if event.action is KeyAction.ERASE:
            field.action_delete_left()
        else:
            field.clear()

    @on(SecretField.Changed, "#password")
    def count(self, event: SecretField.Changed) -> None:
        """Length and kinds, as they are typed."""
        self._show_marks(event.field)

    def _show_marks(self, field: SecretField) -> None:
        for marks in self.query(PasswordMarks):
            marks.show(field.secret)

    # --- keys --------------------------------------------------------------------------------------------------------

    @on(SecretField.Submitted, "#password")
    def enter_authenticates(self, event: SecretField.Submitted) -> None:
        """Enter in the last field is [認証]."""
        event.stop()
        event.prevent_default()
        self.action_go()

    @counter_action
    async def action_go(self) -> None:
        """[認証]: a wrong shape is told here and counts as nothing (E-32); the rest is for the registry."""
        user_id = self.query_one("#user_id", TypedField).value
        password = self.query_one("#password", SecretField)
        for field, problem in (
            ("user_id", check_user_id(user_id)),
            ("password", check_password(password.secret.reveal())),
        ):
            if problem is not None:
                raise BadInput(field=field, problem=problem)
        submit = self.app.services.authenticating.submit_password
        try:
            with password.take() as secret:
                code = await self.perform(submit, self.app.actor, self.draft.reception_no, user_id, secret)
        except (BadInput, WrongCredentials):
            raise
        except KioskError as refusal:
            self.refuse(refusal)
            return
        self.draft.code, self.draft.password_wiped = code, False
        self.wipe()
        self.answer(Way.ON)

    @counter_action
    async def action_cancel(self) -> None:
        """[キャンセル]: back to the choice of the transaction (R-45)."""
        await self.cancel(self.app.services.authenticating.cancel_to_menu)
