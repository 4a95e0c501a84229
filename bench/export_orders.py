"""How long the books of many orders take, and whether anything else has to wait.

Writes a ledger of orders with their payments and stretches, then, while a loop ticks
every 10 ms and a till stores a small transaction every 50 ms: exports all of them, and
reads pages of 200 with whole timelines. Prints how late the loop's ticks were.
"""

import argparse
import asyncio
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC
from pathlib import Path
import statistics
import tempfile
import time
from typing import Any

from sqlalchemy import Connection, insert

from custom_components.paybay import export_file, order_json
from custom_components.paybay.domain.order_filter import Cursor, OrderFilter
from custom_components.paybay.export_file import ExportOrder
from custom_components.paybay.ledger import Ledger, order_views
from custom_components.paybay.ledger.reader import snapshot
from custom_components.paybay.ledger.schema import (
    deliveries,
    orders,
    payments,
    timeline,
)

BEGAN_MS = 1_790_000_000_000
BATCH = 2_000
TICK_S = 0.01
TILL_S = 0.05
ENTRIES = ("created", "linked", "payment", "credit", "claimed", "starting", "start")


def rows(first: int, count: int) -> Iterator[tuple[dict[str, Any], ...]]:
    """Return an order, its payment and its stretch, again and again."""
    for number in range(first, first + count):
        at_ms = BEGAN_MS + number * 60_000
        order_id = f"ord_{number:020}"
        yield (
            {
                "id": order_id,
                "site_id": "site",
                "bay_id": f"bay{number % 10}",
                "bay_name": f"Bay {number % 10}",
                "plan_code": "ten_min",
                "plan_name": "Ten minutes",
                "price_minor": 1000,
                "currency": "INR",
                "owed_ms": 600_000,
                "state": "completed",
                "watch_code": f"{number:032}",
                "created_ms": at_ms,
                "offer_ends_ms": at_ms + 960_000,
                "paid_ms": at_ms + 20_000,
                "reason": "time_up",
                "ran_ms": 600_000,
            },
            {
                "id": f"pay_{number:014}",
                "order_id": order_id,
                "amount_minor": 1000,
                "currency": "INR",
                "method": "upi",
                "rrn": f"{number:012}",
                "fee_minor": 24,
                "tax_minor": 4,
                "created_ms": at_ms + 20_000,
                "seen_ms": at_ms + 21_000,
                "channel": "webhook",
                "verdict": "credited",
            },
            {
                "order_id": order_id,
                "bay_id": f"bay{number % 10}",
                "relay": "switch.relay",
                "state": "closed",
                "planned_ms": 600_000,
                "started_ms": at_ms + 21_000,
                "checkpoint_ms": at_ms + 621_000,
                "ran_ms": 600_000,
                "ended_ms": at_ms + 621_000,
                "reason": "time_up",
            },
        )


def fill(connection: Connection, first: int) -> None:
    """Store a batch of orders."""
    made = list(rows(first, BATCH))
    for place, table in enumerate((orders, payments, deliveries)):
        connection.execute(insert(table), [values[place] for values in made])
    lines = [
        {"order_id": order["id"], "at_ms": order["created_ms"], "what": what}
        for order, _, _ in made
        for what in ENTRIES
    ]
    connection.execute(insert(timeline), lines)


async def tick(late_ms: list[float]) -> None:
    """Note how late the loop wakes up, for ever."""
    while True:
        due = time.perf_counter() + TICK_S
        await asyncio.sleep(TICK_S)
        late_ms.append((time.perf_counter() - due) * 1000)


async def sell(ledger: Ledger, took_ms: list[float]) -> None:
    """Note how long a payment's kind of transaction takes, for ever."""
    line = {"order_id": f"ord_{0:020}", "at_ms": BEGAN_MS, "what": "created"}
    while True:
        began = time.perf_counter()
        await ledger.run(lambda c: c.execute(insert(timeline), [line]).rowcount)
        took_ms.append((time.perf_counter() - began) * 1000)
        await asyncio.sleep(TILL_S)


async def measure(
    name: str, ledger: Ledger, work: Callable[[], Awaitable[str]]
) -> None:
    """Do something beside a busy loop and say how everything fared."""
    late_ms: list[float] = []
    took_ms: list[float] = []
    beside = [
        asyncio.create_task(tick(late_ms)),
        asyncio.create_task(sell(ledger, took_ms)),
    ]
    began = time.perf_counter()
    said = await work()
    gone_s = time.perf_counter() - began
    for task in beside:
        task.cancel()
    await asyncio.gather(*beside, return_exceptions=True)
    print(f"{name}: {gone_s:.2f} s, {said}")
    for what, values in (("loop late", late_ms), ("commit", took_ms)):
        cuts = statistics.quantiles(values, n=100)
        print(
            f"  {what}: median {cuts[49]:.1f} ms, p95 {cuts[94]:.1f} ms,"
            f" p99 {cuts[98]:.1f} ms, worst {max(values):.1f} ms"
        )


async def main(count: int) -> None:
    """Fill a ledger and measure."""
    with tempfile.TemporaryDirectory() as folder:
        ledger = Ledger(Path(folder) / "ledger.db")
        ledger.open()
        for first in range(0, count, BATCH):
            await ledger.run(lambda c, first=first: fill(c, first))  # type: ignore[misc]
        wanted = ExportOrder(
            ledger=ledger.path,
            folder=Path(folder) / "exports",
            name="bench.csv",
            from_ms=0,
            to_ms=2**50,
            zone=UTC,
        )

        async def nothing() -> str:
            await asyncio.sleep(2)
            return "nothing to do"

        async def export() -> str:
            done = await asyncio.to_thread(
                export_file.write, wanted, lambda *_: None, lambda: False
            )
            size = (await asyncio.to_thread(done.path.stat)).st_size
            return f"{done.rows} rows, {size / 1e6:.1f} MB"

        async def pages() -> str:
            after: Cursor | None = None
            for _ in range(20):
                after = await asyncio.to_thread(read, after)
            return "20 pages of 200 whole orders"

        def read(after: Cursor | None) -> Cursor | None:
            with snapshot(ledger.path) as connection:
                page = order_views.page(
                    connection, OrderFilter(), after=after, limit=200, timeline=True
                )
            for view in page.views:
                order_json.full(view)
            return page.next

        await measure("idle", ledger, nothing)
        await measure(f"export of {count} orders", ledger, export)
        await measure("pages", ledger, pages)
        await asyncio.to_thread(ledger.close)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--orders", type=int, default=100_000)
    asyncio.run(main(parser.parse_args().orders))
