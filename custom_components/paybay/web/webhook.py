"""The provider's door: an event is acknowledged once it is durably stored.

Home Assistant's own webhooks answer 200 to what they never handled, and a payment
provider that sees 200 never tries again.
"""

import hashlib
from http import HTTPStatus
import logging
from typing import cast

from aiohttp import web
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers.http import HomeAssistantView
from homeassistant.util.aiohttp import MockRequest
from homeassistant.util.hass_dict import HassKey

from ..const import CONF_HOOK_ID, DOMAIN, WEBHOOK_PATH
from ..ledger import LedgerError
from ..ledger.payments import Verdict
from ..providers.base import MalformedEventError
from ..site import PayBayConfigEntry, Site
from ..webhook_watch import watch_of
from .body import read_body

_LOGGER = logging.getLogger(__name__)

MAX_BODY_BYTES = 64 * 1024
_SIGNATURE = "X-Razorpay-Signature"
_EVENT_ID = "x-razorpay-event-id"
_EVENT_ID_CHARS = 100
_QUIET_S = 600
_DOOR: HassKey[WebhookDoor] = HassKey("paybay_webhook_door")


class WebhookView(HomeAssistantView):
    """Takes signed events in."""

    url = WEBHOOK_PATH
    name = "api:paybay:webhook"
    requires_auth = False
    cors_allowed = False

    def __init__(self, hass: HomeAssistant) -> None:
        """Serve this Home Assistant."""
        self._door = door_of(hass)

    async def post(self, request: web.Request, hook: str) -> web.Response:
        """Answer as the door does."""
        return await self._door.take(request, hook)


class WebhookDoor:
    """What both addresses of a webhook lead to, ours and Home Assistant Cloud's."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Serve this Home Assistant."""
        self._hass = hass
        self._refused = 0
        self._quiet_until_s = 0.0

    async def take(self, request: web.Request | MockRequest, hook: str) -> web.Response:
        """Answer 200 after the commit, and only then.

        403 for a bad signature, 404 for an unknown hook, 413 past 64 KiB, 503 while the
        event cannot be stored. None of them counts as a failed login.
        """
        entry = _entry_of(self._hass, hook)
        if entry is None:
            return await self._show_to_watcher(request, hook)
        if _site_of(entry) is None:
            return _answer(HTTPStatus.SERVICE_UNAVAILABLE, "not_ready")
        body = await read_body(request, MAX_BODY_BYTES)
        if body is None:
            return _answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large")
        # Only now: the site may have been reloaded while the body arrived.
        site = _site_of(entry)
        if site is None:
            return _answer(HTTPStatus.SERVICE_UNAVAILABLE, "not_ready")
        if watch := watch_of(self._hass, hook):
            watch.came(body, request.headers.get(_SIGNATURE, ""))
        if not site.provider.verify(body, request.headers.get(_SIGNATURE, "")):
            site.webhook_health.refused()
            self._warn_of_forgery()
            return _answer(HTTPStatus.FORBIDDEN, "bad_signature")
        site.webhook_health.verified()
        return await _take(site, body, request.headers.get(_EVENT_ID))

    async def _show_to_watcher(
        self, request: web.Request | MockRequest, hook: str
    ) -> web.Response:
        """Let a site that is being set up see that events arrive.

        Nothing can be stored yet, so none is acknowledged: it is sent again, and by
        then there may be a site to store it.
        """
        watch = watch_of(self._hass, hook)
        if watch is None:
            return _answer(HTTPStatus.NOT_FOUND, "unknown_hook")
        body = await read_body(request, MAX_BODY_BYTES)
        if body is None:
            return _answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large")
        watch.came(body, request.headers.get(_SIGNATURE, ""))
        return _answer(HTTPStatus.SERVICE_UNAVAILABLE, "being_set_up")

    def _warn_of_forgery(self) -> None:
        """Log bad signatures, but let nobody fill the disk with them."""
        self._refused += 1
        if self._hass.loop.time() >= self._quiet_until_s:
            self._quiet_until_s = self._hass.loop.time() + _QUIET_S
            _LOGGER.warning(
                "%s webhooks with a bad signature were refused: is the secret at the "
                "provider the one PayBay shows?",
                self._refused,
            )
            self._refused = 0


def door_of(hass: HomeAssistant) -> WebhookDoor:
    """Return the one door of this Home Assistant."""
    return hass.data.setdefault(_DOOR, WebhookDoor(hass))


async def _take(site: Site, body: bytes, event_id: str | None) -> web.Response:
    usable_id = _usable(event_id, body)
    try:
        try:
            notice = site.provider.parse(body, usable_id)
        except MalformedEventError as err:
            # Signed, so theirs; refusing it for a day would disable the whole webhook.
            _LOGGER.warning("A signed event could not be read: %s", err)
            await site.intake.take_unreadable(usable_id)
            site.reconciler.sweep_soon()
            return _answer(HTTPStatus.OK, Verdict.UNREADABLE)
        taken = await site.intake.take(notice)
    except LedgerError as err:
        _LOGGER.warning("A webhook could not be stored: %s", err)
        return _answer(HTTPStatus.SERVICE_UNAVAILABLE, "not_stored")
    return _answer(HTTPStatus.OK, taken.verdict)


def _usable(event_id: str | None, body: bytes) -> str:
    """Return the event's id, or one made of its bytes: a resend has the same."""
    if event_id and len(event_id) <= _EVENT_ID_CHARS and event_id.isprintable():
        return event_id
    return "sha256:" + hashlib.sha256(body).hexdigest()


def _entry_of(hass: HomeAssistant, hook: str) -> PayBayConfigEntry | None:
    entries = hass.config_entries.async_entries(DOMAIN)
    found = (entry for entry in entries if entry.data[CONF_HOOK_ID] == hook)
    return cast(PayBayConfigEntry | None, next(found, None))


def _site_of(entry: PayBayConfigEntry) -> Site | None:
    """Return the entry's site while it can take payments in."""
    if entry.state is not ConfigEntryState.LOADED:
        return None
    return entry.runtime_data if entry.runtime_data.open else None


def _answer(status: HTTPStatus, verdict: str) -> web.Response:
    return web.json_response({"status": verdict}, status=status)
