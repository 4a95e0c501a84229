"""Bring a ledger file to the newest schema; forward only, each step once."""

from collections.abc import Callable, Sequence

from sqlalchemy import Connection, insert, inspect, select

from .schema import metadata, schema_version

type Migration = Callable[[Connection], None]


class NewerLedgerError(RuntimeError):
    """The file was written by a newer PayBay; it is left untouched."""


def _create_everything(connection: Connection) -> None:
    metadata.create_all(connection)


MIGRATIONS: Sequence[Migration] = (_create_everything,)
"""Step N brings version N to N + 1; released steps never change."""


def migrate(
    connection: Connection, migrations: Sequence[Migration] = MIGRATIONS
) -> int:
    """Apply what is missing and return the version reached.

    Raise NewerLedgerError if the file is ahead of this code.
    """
    version = current_version(connection)
    if version > len(migrations):
        message = f"ledger version {version}, this PayBay knows {len(migrations)}"
        raise NewerLedgerError(message)
    for number, step in enumerate(migrations[version:], start=version + 1):
        step(connection)
        connection.execute(insert(schema_version).values(version=number))
    return len(migrations)


def current_version(connection: Connection) -> int:
    """Return the file's version; 0 for an empty file."""
    if not inspect(connection).has_table(schema_version.name):
        return 0
    versions = connection.execute(select(schema_version.c.version)).scalars()
    return max(versions, default=0)
