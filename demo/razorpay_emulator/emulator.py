"""The emulator as one object: state, post and HTTP server."""

import asyncio
from collections.abc import Iterable
from ipaddress import ip_address
from typing import Self

from aiohttp import web

from . import api, control, pay_page, qr_page
from .api.edge import CORE, Core, answer_errors, authenticate, not_found, tell_time
from .api.mishaps import inject_faults
from .books import Books
from .clock import Clock
from .desk import Desk
from .faults import Faults, Quirks
from .ids import Ids
from .links import expire_due, next_expiry
from .webhooks import ACK_WITHIN_S, Webhooks

KEY_ID = "rzp_test_emulator"
KEY_SECRET = "emulator-key-secret"
WEBHOOK_SECRET = "emulator-webhook-secret"
EXPIRY_CHECK_S = 1.0


class RazorpayEmulator(Desk):
    """An emulated Razorpay account on a loopback port.

    Use as an async context manager; then `base_url` is what the SDK takes. `webhooks`
    are pairs of URL and secret. `time_scale` runs the whole clock faster,
    `retry_scale` only the webhook retries.
    """

    def __init__(
        self,
        *,
        key_id: str = KEY_ID,
        key_secret: str = KEY_SECRET,
        webhooks: Iterable[tuple[str, str | None]] = (),
        host: str = "127.0.0.1",
        port: int = 0,
        time_scale: float = 1.0,
        retry_scale: float = 1.0,
        ack_within_s: float = ACK_WITHIN_S,
        seed: int | None = None,
        quirks: Quirks | None = None,
    ) -> None:
        self.host = require_loopback(host)
        self._port = port
        clock, ids, faults = Clock(scale=time_scale), Ids(seed), Faults()
        post = Webhooks(
            clock, ids, faults, retry_scale=retry_scale, ack_within_s=ack_within_s
        )
        for url, secret in webhooks:
            post.add(url, secret)
        books = Books(
            clock=clock,
            ids=ids,
            key_id=key_id,
            faults=faults,
            quirks=quirks or Quirks(),
            tell=post.publish,
        )
        super().__init__(Core(books=books, webhooks=post, key_secret=key_secret))
        self._runner = web.AppRunner(build_app(self.core), shutdown_timeout=1.0)
        self._expiry: asyncio.Task[None] | None = None

    @property
    def base_url(self) -> str:
        """Return where it listens, without `/v1`, as the SDK wants it."""
        return self.books.base_url

    @property
    def auth(self) -> tuple[str, str]:
        """Return key id and key secret, as the SDK wants them."""
        return self.books.key_id, self.core.key_secret

    async def __aenter__(self) -> Self:
        await self.webhooks.__aenter__()
        await self._runner.setup()
        await web.TCPSite(self._runner, self.host, self._port).start()
        host = f"[{self.host}]" if ":" in self.host else self.host
        self.books.base_url = f"http://{host}:{self._runner.addresses[0][1]}"
        self._expiry = asyncio.create_task(_expire_in_time(self.books))
        return self

    async def __aexit__(self, *_: object) -> None:
        self.core.closing.set()
        if self._expiry:
            self._expiry.cancel()
            await asyncio.gather(self._expiry, return_exceptions=True)
        await self.webhooks.__aexit__()
        await self._runner.cleanup()


def build_app(core: Core) -> web.Application:
    """Return the web application over a core."""
    app = web.Application(middlewares=[answer_errors, authenticate, inject_faults])
    app[CORE] = core
    app.on_response_prepare.append(tell_time)
    api.add_routes(app)
    pay_page.add_routes(app)
    qr_page.add_routes(app)
    control.add_routes(app)
    app.router.add_route("*", "/{tail:.*}", not_found)
    return app


def require_loopback(host: str) -> str:
    """Return the host if it is this machine only. Raises ValueError."""
    try:
        local = host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        local = False
    if not local:
        raise ValueError(f"the emulator listens on loopback only, not on {host}")
    return host


async def _expire_in_time(books: Books) -> None:
    """Expire links without waiting for a request, within about a second."""
    while True:
        now = books.clock.time()
        due = next_expiry(books)
        await books.clock.sleep_until(min(due or now + 1, now + EXPIRY_CHECK_S))
        expire_due(books)
