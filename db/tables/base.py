"""What all tables share: the integer primary key, the names of constraints, and checks both engines understand.

SQLModel table classes accept any value without a word, and SQLite stores a string of any length. So whatever a column
must never hold is refused by a CHECK, written in the SQL that SQLite and PostgreSQL have in common.
"""

from collections.abc import Sequence
from typing import ClassVar

from sqlalchemy import CheckConstraint, MetaData, String
from sqlmodel import Field, SQLModel

DIGITS = "0123456789"
UPPER_HEX = DIGITS + "ABCDEF"
LOWER_HEX = DIGITS + "abcdef"
LETTERS_AND_DIGITS = DIGITS + "ABCDEFGHIJKLMNOPQRSTUVWXYZ" + "abcdefghijklmnopqrstuvwxyz"

LARGEST_INTEGER = 2**31 - 1
LARGEST_BIG_INTEGER = 2**63 - 1

NAMING_CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Row(SQLModel):
    """The parent of every table. `pk` is None until the row was flushed."""

    metadata: ClassVar[MetaData] = MetaData(naming_convention=NAMING_CONVENTION)

    pk: int = Field(default=None, primary_key=True)


def code_points(length: int) -> String:
    """A string column ordered by code point on both engines, so that prefix ranges and sorting agree."""
    plain = String(length)
    return plain.with_variant(String(length, collation="C"), "postgresql")


def one_of(column: str, words: Sequence[str], *, name: str | None = None) -> CheckConstraint:
    """The column holds one of these words, or nothing if it may be NULL."""
    return CheckConstraint(f"{column} IN ({_listed(words)})", name=name or column)


def lengths(column: str, least: int, most: int) -> CheckConstraint:
    """The text has so many characters, or the bytes so many octets."""
    return CheckConstraint(f"length({column}) BETWEEN {least} AND {most}", name=f"{column}_length")


def spelled_with(column: str, characters: str) -> CheckConstraint:
    """The text holds nothing but these characters."""
    return CheckConstraint(f"ltrim({column}, '{characters}') = ''", name=f"{column}_characters")


def between(column: str, least: int, most: int = LARGEST_INTEGER) -> CheckConstraint:
    """A number in a range; with an upper limit, because SQLite sorts text above every number."""
    return CheckConstraint(f"{column} BETWEEN {least} AND {most}", name=f"{column}_range")


def whenever(column: str, words: Sequence[str], then: str, *, name: str) -> CheckConstraint:
    """While the column holds one of these words, the condition is true."""
    return CheckConstraint(f"{column} NOT IN ({_listed(words)}) OR ({then})", name=name)


def _listed(words: Sequence[str]) -> str:
    return ", ".join(f"'{word}'" for word in words)
