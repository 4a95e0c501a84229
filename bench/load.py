"""A rush: 64 webhooks at once, and 50 bays paid within one second.

    script/bench --load [--bays N] [--at-once N] [--rounds N]

Razorpay gives a webhook 5 s and then counts it as failed, so every answer has to come
within that; and every bay that was paid has to be on.
"""

import argparse
import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
import statistics
import sys
import time

from aiohttp import ClientSession, ClientTimeout

from demo.bays import PlainBay
from demo.recorder import PINS
from demo.running import RunningSite, running
from demo.site import PlanSpec, SiteSpec

from .signed import Signed, captured

ANSWER_WITHIN_S = 5.0
"""The provider's own limit (Razorpay, webhook best practices)."""
ON_WITHIN_S = 60.0
PLAN = PlanSpec(code="five", name="Five minutes", rupees=50, seconds=300)
ORDERS_AT_ONCE = 8
HTTP_OK = 200


def load_site(bays: int) -> SiteSpec:
    """Return a site of plain switches; the board has a pin for 64."""
    if not 0 < bays <= PINS:
        raise ValueError(f"between 1 and {PINS} bays, not {bays}")
    plain = tuple(
        PlainBay(number=number, pin=number - 1) for number in range(1, bays + 1)
    )
    return SiteSpec(plans=(PLAN,), bays=(), plain_bays=plain, bridge_runs=False)


@dataclass(frozen=True, kw_only=True)
class Rush:
    """What became of a rush: answers in seconds, and each bay's time to its relay."""

    answers_s: list[float]
    refused: int
    on_s: list[float]

    @property
    def kept_up(self) -> bool:
        """Tell whether each answer was a 2xx in time."""
        return not self.refused and max(self.answers_s) < ANSWER_WITHIN_S


class Crowd:
    """Everybody who pays at one site."""

    def __init__(self, site: RunningSite, session: ClientSession) -> None:
        self._site = site
        self._session = session
        self._numbers = count(1)
        hook = site.spec.keys.hook_id
        self._url = f"{site.home.url}/api/paybay/webhook/{hook}"

    async def order_everywhere(self) -> dict[PlainBay, str]:
        """Make an order at every bay and return their ids."""
        turn = asyncio.Semaphore(ORDERS_AT_ONCE)

        async def one(bay: PlainBay) -> str:
            async with turn:
                offer = await self._site.home.ask(
                    "paybay.create_order", bay=bay.switch, plan=PLAN.code
                )
            return str(offer["order_id"])

        bays = self._site.spec.plain_bays
        return dict(zip(bays, await asyncio.gather(*map(one, bays)), strict=True))

    async def post_at_once(self, number: int, rounds: int) -> Rush:
        """Have so many webhooks in flight at a time, the first of them for all bays.

        The others tell again of the same payments, under ids of their own, as events
        of several kinds do.
        """
        orders = await self.order_everywhere()
        began_s, answers = time.monotonic(), []
        for _ in range(rounds):
            posts = [self._event(list(orders.values()), at) for at in range(number)]
            answers += await asyncio.gather(*map(self._post, posts))
        return Rush(
            answers_s=[took_s for took_s, _ in answers],
            refused=sum(not good for _, good in answers),
            on_s=await self._see_all_on(dict.fromkeys(orders, began_s)),
        )

    async def pay_within_a_second(self) -> Rush:
        """Let a customer pay at every bay within one second, through the provider."""
        orders = await self.order_everywhere()
        paid_s: dict[PlainBay, float] = {}

        async def one(at: int, bay: PlainBay, order_id: str) -> None:
            await asyncio.sleep(at / len(orders))
            paid_s[bay] = time.monotonic()
            await self._site.till.control("pay", reference_id=order_id)

        pays = (one(at, *pair) for at, pair in enumerate(orders.items()))
        await asyncio.gather(*pays)
        on_s = await self._see_all_on(paid_s)
        await self._site.till.control("idle")
        tries = (await self._site.till.books())["deliveries"]
        return Rush(
            answers_s=[each["took_ms"] / 1000 for each in tries],
            refused=sum(not each["accepted"] for each in tries),
            on_s=on_s,
        )

    async def stop_all(self) -> None:
        """End every session."""
        for bay in self._site.spec.plain_bays:
            await self._site.home.ask("paybay.stop_session", bay=bay.switch)
            await self._site.home.wait_state(bay.status, "available")

    def _event(self, orders: list[str], at: int) -> Signed:
        order_id = orders[at % len(orders)]
        return captured(
            f"pay_{order_id[-14:]}",
            order_id,
            PLAN.rupees * 100,
            event_id=f"evt_{next(self._numbers)}",
            secret=self._site.spec.keys.webhook,
        )

    async def _post(self, signed: Signed) -> tuple[float, bool]:
        body, headers = signed
        began_s = time.monotonic()
        async with self._session.post(self._url, data=body, headers=headers) as answer:
            return time.monotonic() - began_s, answer.status == HTTP_OK

    async def _see_all_on(self, since_s: dict[PlainBay, float]) -> list[float]:
        """Return how long each bay's pin took to go high; raise LateError."""
        changes = await asyncio.gather(
            *(
                self._site.recorder.wait_for(
                    bay.pin, high=True, since_s=at_s, within_s=ON_WITHIN_S
                )
                for bay, at_s in since_s.items()
            )
        )
        began = list(since_s.values())
        return [change.mono_s - at for change, at in zip(changes, began, strict=True)]


async def rush(bays: int, at_once: int, rounds: int) -> list[tuple[str, Rush]]:
    """Run a site through both kinds of rush."""
    timeout = ClientTimeout(total=60)
    async with running(load_site(bays)) as site, ClientSession(timeout=timeout) as http:
        crowd = Crowd(site, http)
        for bay in site.spec.plain_bays:
            await site.home.wait_state(bay.status, "available")
        paid = await crowd.pay_within_a_second()
        await crowd.stop_all()
        posted = await crowd.post_at_once(at_once, rounds)
    return [
        (f"{bays} bays paid within one second", paid),
        (f"{at_once} webhooks in flight, {rounds} times", posted),
    ]


def report(name: str, found: Rush) -> str:
    """Return the figures of one rush."""
    return (
        f"{name}: {len(found.answers_s)} answers, {found.refused} refused\n"
        f"  answer      {_figures(found.answers_s)}\n"
        f"  relay on    {_figures(found.on_s)}  ({len(found.on_s)} bays)"
    )


def _figures(seconds: list[float]) -> str:
    cuts = statistics.quantiles(seconds, n=100, method="inclusive")
    p50, p95, p99 = (cuts[at - 1] * 1000 for at in (50, 95, 99))
    worst = max(seconds) * 1000
    return f"p50 {p50:.0f} ms, p95 {p95:.0f} ms, p99 {p99:.0f} ms, worst {worst:.0f} ms"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run, print the figures, and return the exit status."""
    parser = argparse.ArgumentParser(prog="script/bench --load", description=__doc__)
    parser.add_argument("--bays", type=int, default=50)
    parser.add_argument("--at-once", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=10)
    options = parser.parse_args(arguments)
    found = asyncio.run(rush(options.bays, options.at_once, options.rounds))
    for name, each in found:
        print(report(name, each))
    return int(not all(each.kept_up for _, each in found))


if __name__ == "__main__":
    sys.exit(main())
