"""Customers of one bay: they order, pay, top up, hesitate and walk away."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random
import sqlite3

from aiohttp import ClientError

from demo.bays import AnyBay
from demo.books import ENDED, Row
from demo.home import RefusedError
from demo.running import RunningSite
from demo.till import TillError
from demo.waiting import LateError, News, poll

PAUSE_S = (0.2, 2.5)
PATIENCE_S = 90.0
TOP_UP = 0.35
MOST_OPEN = 3
FATES = (
    *("success",) * 8,
    "fail_then_capture",
    "pending",
    "in_flight",
    "late",
    "leave",
)
STOPPED = 0.15
HOURS_LATE = 0.05
"""Three minutes: more than the site's start window."""


@dataclass(kw_only=True)
class Tally:
    """What the customers of a site did."""

    ordered: int = 0
    refused: int = 0
    paid: int = 0
    fates: dict[str, int] = field(default_factory=dict)


class Customers:
    """Everybody who comes to one bay, one after the other."""

    def __init__(
        self, site: RunningSite, bay: AnyBay, rng: Random, paid: News, tally: Tally
    ) -> None:
        """`paid` is told of each payment as it is made."""
        self._site = site
        self._bay = bay
        self._rng = rng
        self._paid = paid
        self._tally = tally

    async def come(self) -> None:
        """Come for ever."""
        while True:
            await self._order()
            if self._rng.random() < TOP_UP:
                await self._order()
            bought = [o for o in self._offers() if await self._decide(o)]
            if bought and self._rng.random() < STOPPED:
                await self._stop()
            for order_id in bought:
                with suppress(LateError):
                    await self._wait_end(order_id)
            await asyncio.sleep(self._rng.uniform(*PAUSE_S))

    async def _order(self) -> None:
        """Ask for an order; the answer may get lost, the order may not."""
        plan = self._rng.choice(self._site.spec.plans).code
        try:
            await self._site.home.ask(
                "paybay.create_order", bay=self._bay.switch, plan=plan
            )
            self._tally.ordered += 1
        except RefusedError, ClientError, TimeoutError, OSError:
            self._tally.refused += 1
            with suppress(LateError):
                await self._site.home.wait_state(
                    self._bay.status, "available", "reserved", within_s=3
                )

    async def _stop(self) -> None:
        """Let the owner end what runs, a little later."""
        await asyncio.sleep(self._rng.uniform(0.2, 4))
        with suppress(RefusedError, ClientError, TimeoutError, OSError):
            await self._site.home.ask("paybay.stop_session", bay=self._bay.switch)

    def _offers(self) -> list[str]:
        """Return what could be paid, as the ledger knows it."""
        rows = self._rows(
            "SELECT id FROM orders WHERE bay_id = ? AND state = 'created' ORDER BY id",
            self._bay.id,
        )
        return [row["id"] for row in rows]

    async def _decide(self, order_id: str) -> bool:
        """Pay for an order, or not; return whether money moved."""
        fate = self._rng.choice(FATES)
        if fate == "leave" and len(self._offers()) < MOST_OPEN:
            return False
        try:
            await self._pay(order_id, fate)
        except TillError:
            # The order's link was never made, or is closed.
            return False
        self._tally.paid += 1
        self._tally.fates[fate] = self._tally.fates.get(fate, 0) + 1
        await asyncio.sleep(self._rng.choice((0.0, 0.0, 0.5, 2.0)))
        return True

    async def _pay(self, order_id: str, fate: str) -> None:
        till = self._site.till
        match fate:
            case "in_flight" | "leave":
                # The link expires while the bank is at it.
                await till.control(f"links/{order_id}/expire")
                await till.control("pay", reference_id=order_id, in_flight=True)
            case "pending":
                began = await till.control(
                    "pay", reference_id=order_id, outcome="pending"
                )
                await asyncio.sleep(self._rng.uniform(0.1, 4))
                await till.control(f"payments/{began['id']}/settle")
            case "late":
                await till.control("pay", reference_id=order_id, hours_late=HOURS_LATE)
            case _:
                await till.control("pay", reference_id=order_id, outcome=fate)
        self._paid.tell()

    async def _wait_end(self, order_id: str) -> None:
        async def look() -> Row | None:
            found = self._rows("SELECT state FROM orders WHERE id = ?", order_id)
            return found[0] if found and found[0]["state"] in ENDED else None

        await poll(look, f"the end of {order_id}", within_s=PATIENCE_S, every_s=0.25)

    def _rows(self, query: str, *values: str) -> list[Row]:
        """Read the ledger; a start that is making it anew shows nothing."""
        try:
            return self._site.books.rows(query, *values)
        except sqlite3.OperationalError:
            return []
