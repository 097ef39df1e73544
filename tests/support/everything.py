"""Whether anything at all was left behind: what a registry and a folder hold, to the last octet."""

from hashlib import sha256
from pathlib import Path

from sqlalchemy import select, text

from db.database import Database
from db.tables import metadata


def everything_in(database: Database, folder: Path) -> str:
    """A fingerprint of every row of every table and of every file below `folder`.

    Alike only where nothing was written in between: a row that was written again with what it held counts as another.
    """
    seen = sha256(
        _rows_of_sqlite(database) if database.dialect == "sqlite" else _rows_of_postgresql(database)
    )
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        seen.update(f"{file} {sha256(file.read_bytes()).hexdigest()}".encode())
    return seen.hexdigest()


def _rows_of_sqlite(database: Database) -> bytes:
    """Its file, once somebody has read in it: the first reader takes back what a killed writer left unfinished."""
    with database.reading() as session:
        session.connection().execute(select(metadata.sorted_tables[0]).limit(1)).all()
    return Path(str(database.engine.url.database)).read_bytes()


def _rows_of_postgresql(database: Database) -> bytes:
    """Where each row lies and which transaction wrote it: never changed in place, so cheaper than what it holds."""
    places = "md5(string_agg(ctid::text || ' ' || xmin::text, ',' ORDER BY ctid))"
    of_a_table = (
        f"SELECT '{table.name}', {places} FROM {table.name}"  # noqa: S608  # names of our own
        for table in metadata.sorted_tables
    )
    with database.reading() as session:
        return repr(session.connection().execute(text(" UNION ALL ".join(of_a_table))).all()).encode()
