"""An emulated account, a provider on it, and an edge that misbehaves on demand."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from hypothesis import settings
import pytest

from custom_components.paybay.domain.money import Money
from custom_components.paybay.providers.base import LinkRequest
from custom_components.paybay.providers.razorpay import RazorpayProvider
from custom_components.paybay.providers.razorpay.calls import Run
from demo.razorpay_emulator import (
    KEY_ID,
    KEY_SECRET,
    WEBHOOK_SECRET,
    RazorpayEmulator,
)

settings.register_profile("paybay", deadline=None)
settings.load_profile("paybay")


@pytest.fixture(autouse=True)
def allow_loopback(socket_enabled: None) -> None:
    """Let tests reach the servers they start, whichever plugins are loaded."""


@pytest.fixture
async def emulator() -> AsyncIterator[RazorpayEmulator]:
    async with RazorpayEmulator(seed=7) as running:
        yield running


@pytest.fixture
def run() -> Iterator[Run]:
    """Run in threads, as Home Assistant's executor does."""
    with ThreadPoolExecutor(4) as threads:
        yield lambda call, *args: asyncio.get_running_loop().run_in_executor(
            threads, call, *args
        )


@dataclass
class Sleeper:
    """Sleeps in no time and remembers how long it should have."""

    slept: list[float] = field(default_factory=list)

    async def __call__(self, seconds: float) -> None:
        self.slept.append(seconds)


@pytest.fixture
def sleeper() -> Sleeper:
    return Sleeper()


class Maker:
    """Makes providers that differ in what a test is about."""

    def __init__(self, run: Run, sleeper: Sleeper) -> None:
        self.run = run
        self.sleeper = sleeper

    def __call__(self, base_url: str | None, **changes: Any) -> RazorpayProvider:
        options: dict[str, Any] = {
            "run": self.run,
            "sleep": self.sleeper,
            "key_id": KEY_ID,
            "key_secret": KEY_SECRET,
            "webhook_secrets": [WEBHOOK_SECRET],
            "base_url": base_url,
        }
        return RazorpayProvider(**(options | changes))


@pytest.fixture
def make(run: Run, sleeper: Sleeper) -> Maker:
    return Maker(run, sleeper)


@pytest.fixture
def provider(emulator: RazorpayEmulator, make: Maker) -> RazorpayProvider:
    return make(emulator.base_url)


@dataclass
class Request:
    """One request the edge has seen."""

    method: str
    path: str
    body: Any
    headers: dict[str, str]


_TOLD = ("Location", "Date")


@dataclass
class Edge:
    """A server that gives prepared answers, the last one for ever."""

    url: str = ""
    answers: list[web.Response] = field(default_factory=list)
    seen: list[Request] = field(default_factory=list)

    def answer(self, *bodies: Any, status: int = 200) -> None:
        """Prepare answers: text as it is, everything else as JSON."""
        for body in bodies:
            text = isinstance(body, str)
            self.answers.append(
                web.Response(text=body, status=status)
                if text
                else web.json_response(body, status=status)
            )

    async def handle(self, request: web.Request) -> web.Response:
        body = await request.json() if request.can_read_body else None
        headers = dict(request.headers)
        self.seen.append(Request(request.method, request.path_qs, body, headers))
        prepared = self.answers[0] if len(self.answers) == 1 else self.answers.pop(0)
        return web.Response(
            body=prepared.body,
            status=prepared.status,
            content_type=prepared.content_type,
            headers={k: v for k, v in prepared.headers.items() if k in _TOLD},
        )


@pytest.fixture
async def edge() -> AsyncIterator[Edge]:
    server = Edge()
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", server.handle)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    server.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield server
    await runner.cleanup()


@pytest.fixture
def request_for(emulator: RazorpayEmulator) -> Any:
    """Return a function that makes link requests for a reference id."""

    def make_request(reference_id: str = "ord_1", **changes: Any) -> LinkRequest:
        fields: dict[str, Any] = {
            "reference_id": reference_id,
            "amount": Money(1000, "INR"),
            "description": "10 minutes at Bay 1",
            "expires_s": emulator.clock.now() + 16 * 60,
            "notes": {"order_id": reference_id},
        }
        return LinkRequest(**(fields | changes))

    return make_request
