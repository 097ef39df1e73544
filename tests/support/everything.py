"""Whether anything at all was left behind: what a registry and a folder hold, to the last octet."""

from hashlib import sha256
from pathlib import Path

from sqlalchemy import select

from db.database import Database
from db.tables import metadata


def everything_in(database: Database, folder: Path) -> str:
    """A fingerprint of every row of every table and of every file below `folder`."""
    seen = sha256()
    with database.reading() as session:
        for table in metadata.sorted_tables:
            rows = sorted(map(repr, session.connection().execute(select(table))))
            seen.update(f"{table.name} {rows}".encode())
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        seen.update(f"{file} {sha256(file.read_bytes()).hexdigest()}".encode())
    return seen.hexdigest()
