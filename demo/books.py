"""PayBay's ledger, read from outside while PayBay writes it."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
import sqlite3
from typing import Any

from .waiting import poll

type Row = dict[str, Any]

ENDED = ("completed", "stopped", "undelivered", "cancelled", "expired")


class Books:
    """Reads one ledger; it never writes, and never holds on to a transaction."""

    def __init__(self, ledger: Path) -> None:
        self._ledger = ledger

    def order(self, order_id: str) -> Row:
        """Return an order; raise LookupError."""
        rows = self.rows("SELECT * FROM orders WHERE id = ?", order_id)
        if not rows:
            raise LookupError(order_id)
        return rows[0]

    def deliveries(self, order_id: str) -> list[Row]:
        """Return an order's stretches of relay time, oldest first."""
        return self.rows(
            "SELECT * FROM deliveries WHERE order_id = ? ORDER BY id", order_id
        )

    def rows(self, query: str, *values: Any) -> list[Row]:
        """Return the rows of any query."""
        uri = f"{self._ledger.as_uri()}?mode=ro"
        with closing(sqlite3.connect(uri, uri=True, timeout=5)) as connection:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(query, values)]

    async def wait_order(
        self, order_id: str, is_so: Callable[[Row], object], *, within_s: float = 30
    ) -> Row:
        """Return an order once it is as wanted; raise LateError."""

        async def look() -> Row | None:
            order = self.order(order_id)
            return order if is_so(order) else None

        what = f"order {order_id} getting on"
        return await poll(look, what, within_s=within_s)

    async def wait_end(self, order_id: str, *, within_s: float = 30) -> Row:
        """Return an order once it has ended; raise LateError."""
        return await self.wait_order(
            order_id, lambda order: order["state"] in ENDED, within_s=within_s
        )
