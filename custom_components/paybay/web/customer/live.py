"""Live news of an order: server-sent events for as many as can be served.

Whoever gets none asks again and again (`/status`): a limit here costs nobody the news.
https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
import json
from typing import Any, Final

from aiohttp import web

from ...bay import Bay
from ...domain.happenings import Happening
from ...domain.order_view import OrderView
from ...ledger import LedgerError
from ...site import Site
from . import answers, orders
from .desk import Desk
from .visit import Visit

BEAT_S: Final = 15
"""A page that hears nothing for longer takes its connection for lost."""
_SOONEST_S = 0.25
_LIFE_S = 900
_WRITE_S = 10
_RETRY_MS = 3000


async def stream(desk: Desk, visit: Visit, view: OrderView) -> web.StreamResponse:
    """Answer with an order's news as they come; 429 where too many listen.

    Also where the site is not at work: nobody there would tell any.
    """
    site, bay = desk.bay_of(view.order)
    with desk.streams.seat(visit.client) as seated:
        if not seated or site is None:
            return answers.nothing_more()
        return await _Stream(desk, visit, view).run(site, bay)


class _Stream:
    """One browser that listens."""

    def __init__(self, desk: Desk, visit: Visit, view: OrderView) -> None:
        self._desk = desk
        self._visit = visit
        self._view = view
        self._news = asyncio.Event()
        self._over = False
        self._version: str | None = None
        self._response = answers.events()

    async def run(self, site: Site, bay: Bay | None) -> web.StreamResponse:
        """Tell what is, and then what changes, until somebody has had enough."""
        with self._listening(site, bay):
            await self._response.prepare(self._visit.request)
            with suppress(ConnectionError, TimeoutError):
                await self._tell_all()
        return self._response

    async def _tell_all(self) -> None:
        await self._write(f"retry: {_RETRY_MS}\n\n")
        ends_s = self._desk.now_s + _LIFE_S
        while not self._over and self._desk.now_s < ends_s:
            self._news.clear()
            if not await self._tell():
                break
            await self._wait()

    async def _tell(self) -> bool:
        """Send what is new, else that we are there; False if no more will come."""
        with suppress(LedgerError):
            view = await self._desk.find(self._view.order.watch_code)
            if view is None:
                return False
            self._view = view
        told = orders.told(self._desk, self._visit, self._view)
        if told["version"] == self._version:
            await self._write(f"event: beat\ndata: {told['now_ms']}\n\n")
        else:
            self._version = told["version"]
            await self._write(f"data: {_one_line(told)}\n\n")
        return bool(told["poll_s"])

    async def _wait(self) -> None:
        """Wait for news, but not so long that the page takes us for lost."""
        with suppress(TimeoutError):
            async with asyncio.timeout(BEAT_S):
                await self._news.wait()
                # What happens together is told together.
                await asyncio.sleep(_SOONEST_S)

    async def _write(self, text: str) -> None:
        async with asyncio.timeout(_WRITE_S):
            await self._response.write(text.encode())

    @contextmanager
    def _listening(self, site: Site, bay: Bay | None) -> Iterator[None]:
        """Hear of whatever may change what the page says.

        A site closes when it is reloaded, and when Home Assistant stops.
        """
        leave: list[Callable[[], None]] = [
            site.dispatcher.listen(self._happened),
            site.refunder.listen(self._news.set),
            site.on_close(self._end),
        ]
        if bay is not None:
            leave.append(bay.listen(self._news.set))
        try:
            yield
        finally:
            for unlisten in leave:
                unlisten()

    def _happened(self, happening: Happening) -> None:
        if happening.bay_id == self._view.order.bay_id:
            self._news.set()

    def _end(self) -> None:
        """End it: the browser comes back by itself, to whoever is there then."""
        self._over = True
        self._news.set()


def _one_line(told: dict[str, Any]) -> str:
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))
