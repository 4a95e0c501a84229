"""The real ledger without its thread, and a second pair of eyes on its file."""

import asyncio
from collections.abc import Callable
from enum import StrEnum
import functools
from pathlib import Path
import sqlite3
import tempfile
from typing import Any, override

from sqlalchemy import Connection

from custom_components.paybay.ledger import Ledger, LedgerError
from custom_components.paybay.ledger.engine import open_engine
from custom_components.paybay.ledger.migrations import migrate
from custom_components.paybay.ledger.writer import _Job

_KEPT = {
    "orders": "old.state IN ('completed', 'stopped', 'undelivered')"
    " OR new.owed_ms <> old.owed_ms OR new.price_minor <> old.price_minor"
    " OR new.ran_ms < old.ran_ms"
    " OR (old.claimed_by IS NOT NULL AND new.claimed_by IS NOT old.claimed_by)",
    "deliveries": "old.state = 'closed' OR new.planned_ms <> old.planned_ms"
    " OR new.order_id <> old.order_id OR new.session_id <> old.session_id"
    " OR new.offset_ms <> old.offset_ms",
    "payments": "new.order_id <> old.order_id OR new.verdict <> old.verdict"
    " OR new.amount_minor <> old.amount_minor"
    " OR new.refunded_minor < old.refunded_minor",
    "refunds": "new.amount_minor <> old.amount_minor"
    " OR new.payment_id <> old.payment_id",
    "payment_events": "new.payment_id IS NOT old.payment_id",
    "timeline": "1",
}
"""For each table, what must never be done to a row of it."""

_AUDIT = "CREATE TABLE audit (n INTEGER PRIMARY KEY, what TEXT, old TEXT, new TEXT);"
_TRIGGER = """
    CREATE TRIGGER {what}_{table} AFTER {event} ON {table} WHEN {when}
    BEGIN
        INSERT INTO audit (what, old, new) VALUES ('{what}', '{of}', '{of}');
    END;
"""
_SOLD = """
    CREATE TRIGGER sold AFTER UPDATE OF state ON orders
    WHEN new.state = 'paid' AND EXISTS (SELECT 1 FROM bays)
        AND old.state IN ('created', 'cancelled', 'expired')
    BEGIN
        INSERT INTO audit (what, old, new) VALUES ('sold', 'out of service', '');
    END;
"""


class Trouble(StrEnum):
    """What is wrong with the ledger's disk."""

    NONE = ""
    FULL = "full"
    GONE = "gone"


class SteppedLedger(Ledger):
    """Commits on the event loop, with a moment before and after to be killed in."""

    trouble = Trouble.NONE

    @override
    def open(self) -> None:
        self._engine = open_engine(self.path)

    @override
    def close(self) -> None:
        if self._engine is not None:
            self._engine.dispose()
        self._engine = None

    @override
    async def run[T](self, work: Callable[[Connection], T]) -> T:
        await asyncio.sleep(0)
        if self._engine is None or self.trouble is Trouble.GONE:
            raise LedgerError("no disk")
        if self.trouble is Trouble.FULL:
            return self._read_only(work)
        loop = asyncio.get_running_loop()
        job: _Job[T] = _Job(work, loop, loop.create_future())
        self._commit([job])
        await asyncio.sleep(0)
        if job.error is not None:
            raise job.error
        return job.result  # type: ignore[return-value]

    def _read_only[T](self, work: Callable[[Connection], T]) -> T:
        """Read as usual, refuse what writes."""
        assert self._engine is not None
        with self._engine.connect() as connection, connection.begin() as transaction:
            raw: Any = connection.connection.dbapi_connection
            before = raw.total_changes
            result = work(connection)
            changed = raw.total_changes != before
            transaction.rollback()
        if changed:
            raise LedgerError("disk full")
        return result


@functools.cache
def template() -> bytes:
    """Return an empty ledger that also records what must not happen to it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.db"
        engine = open_engine(path)
        with engine.begin() as connection:
            migrate(connection)
        engine.dispose()
        file = sqlite3.connect(path)
        file.executescript(_audit())
        file.close()
        return path.read_bytes()


def _audit() -> str:
    """Return the triggers; a state's move is noted, what must not happen as well."""
    moved = _TRIGGER.format(
        what="moved", event="UPDATE OF state", table="orders", when="1", of="state"
    )
    lines = [_AUDIT, moved.replace("'state', 'state'", "old.state, new.state")]
    for table, broken in _KEPT.items():
        for what, event, when in (("undone", "UPDATE", broken), ("gone", "DELETE", 1)):
            lines.append(
                _TRIGGER.format(
                    what=what, event=event, table=table, when=when, of=table
                )
            )
    lines.append(_SOLD)
    return "\n".join(lines)


class Eyes:
    """Reads the ledger's file on its own, as an auditor would."""

    def __init__(self, path: Path) -> None:
        """Open the file a second time."""
        self._file = sqlite3.connect(path, isolation_level=None)
        self._file.row_factory = sqlite3.Row

    def rows(self, query: str, *values: Any) -> list[sqlite3.Row]:
        """Return what a query finds."""
        return self._file.execute(query, values).fetchall()

    def close(self) -> None:
        """Close the file."""
        self._file.close()
