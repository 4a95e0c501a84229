"""The provider on bad days: its webhooks and its API go wrong in seeded ways."""

import asyncio
from contextlib import suppress
from random import Random
import sqlite3

from demo.razorpay_emulator.events import EVENTS
from demo.running import RunningSite
from demo.till import Json, Till

BANK_EVERY_S = 3.0
CHANGES_EVERY_S = (1.0, 4.0)
FINE = 0.3
NO_BALANCE = 0.1
API = ("429", "500", "502", "504", "reset", "drop_response", "hang_after", "slow")
PATHS = ("*", "/v1/payment_links", "/v1/payment_links/*", "/v1/payments/*/refund")


async def blow(till: Till, rng: Random) -> None:
    """Change the provider's faults for ever."""
    while True:
        await till.control("faults/reset")
        if rng.random() > FINE:
            await till.control(
                "faults",
                webhook=_post(rng),
                refund_outcome=rng.choice(("processed", "processed", "pending")),
                refund_no_balance=rng.random() < NO_BALANCE,
                slow_s=rng.uniform(0.5, 3),
                hang_s=rng.uniform(0.5, 3),
            )
            for _ in range(rng.randrange(3)):
                await till.control(
                    "faults/api",
                    kind=rng.choice(API),
                    path=rng.choice(PATHS),
                    times=rng.randint(1, 2),
                )
        await asyncio.sleep(rng.uniform(*CHANGES_EVERY_S))


async def bank(site: RunningSite) -> None:
    """Let the bank carry out pending refunds, a little later and for ever."""
    while True:
        await asyncio.sleep(BANK_EVERY_S)
        with suppress(sqlite3.OperationalError):
            await settle_refunds(site)


async def settle_refunds(site: RunningSite) -> None:
    """Let the bank carry out all refunds it was asked for."""
    query = "SELECT provider_id FROM refunds WHERE state = 'sent'"
    for row in site.books.rows(f"{query} AND provider_id IS NOT NULL"):
        await site.till.control(f"refunds/{row['provider_id']}/settle")


def _post(rng: Random) -> Json:
    """Return how the post misbehaves: lost, copied, shuffled, late."""
    return {
        "drop": rng.sample(EVENTS, rng.choice((0, 0, 2, 4, len(EVENTS)))),
        "drop_chance": rng.choice((0.0, 0.0, 0.3)),
        "jitter_s": rng.choice((0.0, 0.0, 2.0, 8.0)),
        "duplicates": rng.choice((0, 0, 1, 3)),
        "shuffle": rng.random() < 0.5,  # noqa: PLR2004 - a coin
        "delay_s": rng.choice((0.0, 0.0, 0.3, 2.0, 6.0)),
    }
