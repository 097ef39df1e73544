"""What the database says about itself."""

from datetime import UTC, datetime

from sqlalchemy import Connection, Engine, text

_SYNCHRONOUS = {"0": "OFF", "1": "NORMAL", "2": "FULL", "3": "EXTRA"}
_SQLITE_PRAGMAS = ("journal_mode", "foreign_keys", "recursive_triggers", "trusted_schema", "busy_timeout")
_POSTGRESQL_SETTINGS = (
    "server_version",
    "fsync",
    "full_page_writes",
    "synchronous_commit",
    "data_checksums",
    "transaction_isolation",
    "lock_timeout",
    "statement_timeout",
    "idle_in_transaction_session_timeout",
    "TimeZone",
)


def clock_offset(engine: Engine) -> float:
    """Seconds by which the server's clock is ahead; measured against the middle of the round trip."""
    if engine.dialect.name == "sqlite":
        return 0.0
    with engine.connect() as connection:
        connection.execute(text("SELECT 1"))  # connects and begins before the watch starts
        before = datetime.now(UTC)
        there: datetime = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
        after = datetime.now(UTC)
    return (there - (before + (after - before) / 2)).total_seconds()


def settings_in_force(engine: Engine) -> dict[str, str]:
    """Name and value of the settings that durability and waiting depend on."""
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            return _sqlite_settings(connection)
        return {
            name: str(connection.execute(text(f"SHOW {name}")).scalar_one()) for name in _POSTGRESQL_SETTINGS
        }


def _sqlite_settings(connection: Connection) -> dict[str, str]:
    settings = {"sqlite_version": str(connection.execute(text("SELECT sqlite_version()")).scalar_one())}
    for name in _SQLITE_PRAGMAS:
        settings[name] = str(connection.exec_driver_sql(f"PRAGMA {name}").scalar_one())
    settings["synchronous"] = _SYNCHRONOUS[str(connection.exec_driver_sql("PRAGMA synchronous").scalar_one())]
    return settings
