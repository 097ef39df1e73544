"""Facts about this registry itself: the newest moment it has seen and the settings in force."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import CheckConstraint
from sqlmodel import Field

from db.tables.base import Row, lengths


class HighWater(Row, table=True):
    """The newest moment the registry recorded; a clock before it has been set back (E-91). One row, `pk` 1."""

    __tablename__: ClassVar[str] = "high_water"
    __table_args__ = (CheckConstraint("pk = 1", name="one_row"),)

    at: datetime


class SettingInForce(Row, table=True):
    """A setting as a terminal last ran with it, and since when; `key` begins with the terminal."""

    __tablename__: ClassVar[str] = "settings_in_force"
    __table_args__ = (lengths("key", 1, 100), lengths("value", 0, 2_000))

    key: str = Field(unique=True, max_length=100)
    value: str = Field(max_length=2_000)
    at: datetime
