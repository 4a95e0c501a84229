"""The least a durable paid switch can do inside Home Assistant: the yardstick.

A signed POST is verified, committed once (SQLite, WAL, synchronous=FULL, its own
thread) and answered; then the switch is turned on. No orders, no proof, no restart.
"""

from concurrent.futures import ThreadPoolExecutor
import hashlib
import hmac
import json
import sqlite3
from typing import Any

from aiohttp import web
from homeassistant.core import HomeAssistant
from homeassistant.helpers.http import HomeAssistantView

DOMAIN = "bare_bay"


class BareView(HomeAssistantView):
    """Verify, commit, answer, switch on."""

    url = "/api/bare_bay"
    name = "api:bare_bay"
    requires_auth = False

    def __init__(self, hass: HomeAssistant, secret: str, relay: str) -> None:
        """Open the file."""
        self._hass = hass
        self._secret = secret.encode()
        self._relay = relay
        self._thread = ThreadPoolExecutor(max_workers=1)
        self._thread.submit(self._open).result()

    async def post(self, request: web.Request) -> web.Response:
        """Take one payment in."""
        body = await request.read()
        expected = hmac.new(self._secret, body, hashlib.sha256).hexdigest()
        signature = request.headers.get("X-Razorpay-Signature", "")
        if not hmac.compare_digest(expected, signature):
            return web.Response(status=403)
        event = json.loads(body)
        key = event["payload"]["payment"]["entity"]["id"]
        await self._hass.loop.run_in_executor(self._thread, self._store, key)
        self._hass.async_create_task(self._switch_on())
        return web.Response()

    def _open(self) -> None:
        self._file = sqlite3.connect(
            self._hass.config.path("bare.db"), isolation_level=None
        )
        self._file.execute("PRAGMA journal_mode=WAL")
        self._file.execute("PRAGMA synchronous=FULL")
        self._file.execute("CREATE TABLE seen (id TEXT PRIMARY KEY)")

    def _store(self, key: str) -> None:
        self._file.execute("INSERT INTO seen VALUES (?)", (key,))

    async def _switch_on(self) -> None:
        target = {"entity_id": self._relay}
        await self._hass.services.async_call("switch", "turn_on", target)


async def async_setup(hass: HomeAssistant, config: dict[str, Any]) -> bool:
    """Register the view."""
    options = config[DOMAIN]
    hass.http.register_view(BareView(hass, options["secret"], options["relay"]))
    return True
