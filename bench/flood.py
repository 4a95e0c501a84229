"""A flood: requests on the public pages from many addresses, and webhooks among them.

    script/bench --flood [--requests N] [--at-once N] [--clients N]

Whoever wants a shop's payments to come late asks its public pages as fast as he can.
Only addresses of this machine (127.0.1.*) send, and each request is bounded.
"""

import argparse
import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from itertools import count, cycle
import statistics
import sys
import time

from aiohttp import ClientSession, ClientTimeout, TCPConnector

from demo.running import RunningSite, running

from .load import load_site
from .signed import captured

WEBHOOK_WITHIN_S = 1.0
"""Past this a flood counts as having delayed a webhook."""
WEBHOOK_EVERY_S = 0.1
REQUEST_WITHIN_S = 60.0
WATCH = "A" * 32
HTTP_OK = 200


@dataclass(frozen=True, kw_only=True)
class Flood:
    """What became of a flood: seconds, and answers by HTTP status."""

    webhooks_s: list[float]
    refused: int
    answers: Counter[int]
    took_s: float

    @property
    def worst_s(self) -> float:
        """Return how long the slowest webhook took."""
        return max(self.webhooks_s)


class Flooder:
    """Asks one site's public pages, from addresses of their own."""

    def __init__(self, site: RunningSite, sessions: Sequence[ClientSession]) -> None:
        self._site = site
        self._sessions = cycle(sessions)
        self._numbers = count(1)
        self._answers: Counter[int] = Counter()

    async def flood(self, requests: int, at_once: int) -> Flood:
        """Send so many requests, so many at a time, and webhooks meanwhile."""
        began_s = time.monotonic()
        left = iter(range(requests))
        flood = [asyncio.create_task(self._keep_asking(left)) for _ in range(at_once)]
        webhooks = await self._post_until(asyncio.gather(*flood))
        return Flood(
            webhooks_s=[took_s for took_s, _ in webhooks],
            refused=sum(not good for _, good in webhooks),
            answers=self._answers,
            took_s=time.monotonic() - began_s,
        )

    async def _keep_asking(self, left: Iterator[int]) -> None:
        for number in left:
            method, path, data = self._request(number)
            url = self._site.home.url + path
            async with next(self._sessions).request(
                method, url, data=data, allow_redirects=False
            ) as answer:
                await answer.read()
                self._answers[answer.status] += 1

    def _request(self, number: int) -> tuple[str, str, dict[str, str] | None]:
        """Return one of the things that cost something to answer."""
        page = f"/paybay/{self._site.spec.plain_bays[0].id}"
        order = f"/paybay/orders/{WATCH}"
        return (
            ("GET", page, None),
            ("POST", f"{page}/orders", {"plan": "five", "token": "x" * 40}),
            ("GET", order, None),
            ("GET", f"{order}/status", None),
            ("GET", f"{order}/return?razorpay_payment_id=pay_x", None),
        )[number % 5]

    async def _post_until(
        self, end: asyncio.Future[list[None]]
    ) -> list[tuple[float, bool]]:
        """Post webhooks at a steady pace, whatever became of those before."""
        posts = []
        while not end.done():
            posts.append(asyncio.create_task(self._post_webhook()))
            await asyncio.wait([end], timeout=WEBHOOK_EVERY_S)
        await end
        return await asyncio.gather(*posts)

    async def _post_webhook(self) -> tuple[float, bool]:
        """Tell of a payment that is nobody's here: it costs a commit all the same."""
        number, keys = next(self._numbers), self._site.spec.keys
        body, headers = captured(
            f"pay_flood{number:09}",
            None,
            5000,
            event_id=f"evt_flood{number}",
            secret=keys.webhook,
        )
        url = f"{self._site.home.url}/api/paybay/webhook/{keys.hook_id}"
        began_s = time.monotonic()
        async with (
            ClientSession() as http,
            http.post(url, data=body, headers=headers) as answer,
        ):
            return time.monotonic() - began_s, answer.status == HTTP_OK


@asynccontextmanager
async def flooder(site: RunningSite, clients: int) -> AsyncIterator[Flooder]:
    """Give so many clients an address each: 127.0.1.1 and those after it."""
    timeout = ClientTimeout(total=REQUEST_WITHIN_S)
    async with AsyncExitStack() as stack:
        sessions = [
            await stack.enter_async_context(
                ClientSession(
                    timeout=timeout,
                    connector=TCPConnector(local_addr=(f"127.0.1.{number}", 0)),
                )
            )
            for number in range(1, clients + 1)
        ]
        yield Flooder(site, sessions)


async def run(requests: int, at_once: int, clients: int) -> Flood:
    """Flood a site of its own."""
    async with running(load_site(1)) as site, flooder(site, clients) as crowd:
        await site.home.wait_state(site.spec.plain_bays[0].status, "available")
        return await crowd.flood(requests, at_once)


def report(found: Flood) -> str:
    """Return the figures of a flood."""
    p50, p99 = (
        statistics.quantiles(found.webhooks_s, n=100, method="inclusive")[at - 1] * 1000
        for at in (50, 99)
    )
    return (
        f"{found.answers.total()} requests in {found.took_s:.1f} s: "
        f"{dict(sorted(found.answers.items()))}\n"
        f"{len(found.webhooks_s)} webhooks, {found.refused} refused: p50 {p50:.0f} ms, "
        f"p99 {p99:.0f} ms, worst {found.worst_s * 1000:.0f} ms"
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run, print the figures, and return the exit status."""
    parser = argparse.ArgumentParser(prog="script/bench --flood", description=__doc__)
    parser.add_argument("--requests", type=int, default=10_000)
    parser.add_argument("--at-once", type=int, default=100)
    parser.add_argument("--clients", type=int, default=100, choices=range(1, 255))
    options = parser.parse_args(arguments)
    found = asyncio.run(run(options.requests, options.at_once, options.clients))
    print(report(found))
    return int(bool(found.refused) or found.worst_s > WEBHOOK_WITHIN_S)


if __name__ == "__main__":
    sys.exit(main())
