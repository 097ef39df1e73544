"""The bank's lists of media that may be used, signed by the certification authority's side."""

from datetime import datetime
from typing import ClassVar

from sqlmodel import Field

from db.tables.base import Row, lengths


class MediaList(Row, table=True):
    """One list as it was imported; the newest is in force. `body` is what `signature` is over."""

    __tablename__: ClassVar[str] = "media_lists"
    __table_args__ = (
        lengths("body", 1, 4_000_000),
        lengths("signature", 64, 64),
        lengths("key_id", 1, 64),
    )

    at: datetime
    body: bytes = Field(repr=False)
    signature: bytes
    key_id: str = Field(max_length=64)
