"""An emulator, Razorpay's own SDK to talk to it, and a place for its webhooks."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
import json
from typing import Any

from aiohttp import ClientSession, encode_basic_auth, web
from aiohttp.test_utils import TestServer
import pytest
import razorpay

from demo.razorpay_emulator import RazorpayEmulator

type Json = dict[str, Any]


@pytest.fixture(autouse=True)
def real_sockets(socket_enabled: None) -> None:
    """Let these tests use loopback, also where other tests may not."""


@pytest.fixture
async def emulator() -> AsyncIterator[RazorpayEmulator]:
    async with RazorpayEmulator(seed=7, ack_within_s=0.5) as running:
        yield running


@dataclass
class Sdk:
    """The SDK, called in a thread, as an integration has to."""

    client: razorpay.Client

    async def __call__[T](self, call: Callable[..., T], *args: object, **kw: Any) -> T:
        return await asyncio.to_thread(call, *args, timeout=(2, 5), **kw)

    async def link(self, **fields: object) -> Json:
        body = {"amount": 1000, "currency": "INR"} | fields
        link: Json = await self(self.client.payment_link.create, body)
        return link


@pytest.fixture
def sdk(emulator: RazorpayEmulator) -> Sdk:
    return make_sdk(emulator)


def make_sdk(emulator: RazorpayEmulator) -> Sdk:
    return Sdk(razorpay.Client(auth=emulator.auth, base_url=emulator.base_url))


def basic(emulator: RazorpayEmulator) -> dict[str, str]:
    return {"Authorization": encode_basic_auth(*emulator.auth)}


@pytest.fixture
async def browser() -> AsyncIterator[ClientSession]:
    async with ClientSession() as session:
        yield session


@dataclass
class Post:
    """One request that reached the receiver."""

    raw: bytes
    signature: str | None
    event_id: str

    @property
    def body(self) -> Json:
        body: Json = json.loads(self.raw)
        return body

    @property
    def event(self) -> str:
        return str(self.body["event"])


@dataclass
class Receiver:
    """A web server that takes webhooks and answers as told."""

    url: str = ""
    answers: list[int] = field(default_factory=list)
    always: int = 200
    hang: asyncio.Event | None = None
    posts: list[Post] = field(default_factory=list)

    async def take(self, request: web.Request) -> web.Response:
        headers = request.headers
        self.posts.append(
            Post(
                raw=await request.read(),
                signature=headers.get("X-Razorpay-Signature"),
                event_id=headers["x-razorpay-event-id"],
            )
        )
        if self.hang:
            await self.hang.wait()
        return web.Response(status=self.answers.pop(0) if self.answers else self.always)

    @property
    def events(self) -> list[str]:
        return [post.event for post in self.posts]


@pytest.fixture
async def receiver(emulator: RazorpayEmulator) -> AsyncIterator[Receiver]:
    taken = Receiver()
    app = web.Application()
    app.router.add_post("/hook", taken.take)
    async with TestServer(app, host="127.0.0.1") as server:
        taken.url = str(server.make_url("/hook"))
        emulator.webhooks.add(taken.url, "hook-secret")
        yield taken
        if taken.hang:
            taken.hang.set()
