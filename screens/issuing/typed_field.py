"""A field of the customer's side: the real keyboard may be shut out, the keyboard on the glass may not."""

from textual import events

from screens.widgets.field import Field


class TypedField(Field):
    """Shows what is typed; `typed` allows the real keyboard."""

    def __init__(self, *, typed: bool, limit: int, id: str) -> None:  # noqa: A002  # Textual's word
        super().__init__(id=id, limit=limit)
        self.typed = typed

    async def _on_key(self, event: events.Key) -> None:
        if event.is_printable and not self.typed:
            event.stop()
            event.prevent_default()
            return
        await super()._on_key(event)

    def _on_paste(self, event: events.Paste) -> None:
        """What is pasted comes from where the real keyboard is."""
        if self.typed:
            super()._on_paste(event)
            return
        event.stop()
        event.prevent_default()
