"""What the customer's pages share: finding bays and orders, limits, pages in words."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, replace
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final, cast

from aiohttp import web
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from ...bay import Bay
from ...const import BAY_PAGE, DOMAIN, SUBENTRY_BAY
from ...domain.order_view import OrderView
from ...domain.orders import Order
from ...ledger import order_views
from ...ledger.reader import snapshot
from ...ledger_file import async_get_ledger
from ...site import PayBayConfigEntry, Site
from . import answers
from .about import About, terms_of_bay, terms_of_order
from .bay_page import Moment
from .buckets import Buckets
from .order_stage import Live, live_of
from .seats import Streams
from .texts import LANGUAGES
from .tokens import FormTokens, Once
from .visit import WATCH_CODE, Visit

RETRY_S: Final = 30
_READERS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """A bay by its public id; `site` and `bay` are None while they are not at work."""

    bay_id: str
    entry_id: str
    name: str
    test_mode: bool = False
    site: Site | None = None
    bay: Bay | None = None


class Desk:
    """Serves all customers of this Home Assistant."""

    def __init__(self, hass: HomeAssistant, secret: bytes) -> None:
        """Nobody has come yet; `secret` signs forms."""
        self.hass = hass
        self.tokens = FormTokens(secret)
        self.once = Once[Order](self._spawn)
        self.streams = Streams()
        self._looks = Buckets(burst=120, every_s=0.2)
        self._acts = Buckets(burst=20, every_s=6)
        self._everybody = Buckets(burst=200, every_s=0.005)
        self._finds = Buckets(burst=5, every_s=60)
        self._finds_of_bay = Buckets(burst=12, every_s=20)
        self._asks_of_bay = Buckets(burst=2, every_s=20)
        self._orders = Buckets(burst=8, every_s=20)
        self._orders_of_bay = Buckets(burst=15, every_s=10)
        # Readers have the file to themselves; they must not have all executors too.
        self.reading = asyncio.Semaphore(_READERS)

    @property
    def now_s(self) -> float:
        """Return monotonic seconds."""
        return self.hass.loop.time()

    @property
    def unix_s(self) -> float:
        """Return Unix seconds."""
        return dt_util.utcnow().timestamp()

    def may_look(self, visit: Visit) -> bool:
        """Return whether this client may have another page."""
        return self._looks.take(visit.client, self.now_s) and self._has_room()

    def may_act(self, visit: Visit) -> bool:
        """Return whether this client may do another thing to an order."""
        return self._acts.take(visit.client, self.now_s) and self._has_room()

    def _has_room(self) -> bool:
        """Return whether a page can be made without keeping payments waiting.

        A page takes a millisecond or two of the one event loop that webhooks need, too.
        """
        return self._everybody.take("", self.now_s)

    def may_order(self, visit: Visit, bay_id: str) -> bool:
        """Return whether this client may order, and anybody at this bay."""
        mine = self._orders.take(visit.client, self.now_s)
        return mine and self._orders_of_bay.take(bay_id, self.now_s)

    def may_find(self, visit: Visit, bay_id: str) -> bool:
        """Return whether this client may try a payment's number, and anybody here."""
        mine = self._finds.take(visit.client, self.now_s)
        return mine and self._finds_of_bay.take(bay_id, self.now_s)

    def may_ask(self, bay_id: str) -> bool:
        """Return whether the provider may be asked about a bay once more."""
        return self._asks_of_bay.take(bay_id, self.now_s)

    def door(self, bay_id: str) -> Door | None:
        """Return a bay that an owner has set up; None for any other id."""
        for entry in self.hass.config_entries.async_entries(DOMAIN):
            subentry = entry.subentries.get(bay_id)
            if subentry is None or subentry.subentry_type != SUBENTRY_BAY:
                continue
            site = self.site(entry.entry_id)
            bay = site.bays.get(bay_id) if site else None
            return Door(
                bay_id=bay_id,
                entry_id=entry.entry_id,
                name=subentry.title,
                test_mode=bool(site and site.test_mode),
                site=site if bay else None,
                bay=bay,
            )
        return None

    def site(self, entry_id: str) -> Site | None:
        """Return a site while it is at work."""
        found = self.hass.config_entries.async_get_entry(entry_id)
        entry = cast(PayBayConfigEntry | None, found)
        if entry is None or entry.domain != DOMAIN:
            return None
        if entry.state is not ConfigEntryState.LOADED:
            return None
        return entry.runtime_data if entry.runtime_data.open else None

    def has_entry(self, entry_id: str) -> bool:
        """Return whether an owner has set up such a site, at work or not."""
        found = self.hass.config_entries.async_get_entry(entry_id)
        return found is not None and found.domain == DOMAIN

    async def find(self, watch_code: str) -> OrderView | None:
        """Return the order that this key opens; raise LedgerError.

        Read beside the ledger's writer, so that no crowd of readers delays a payment.
        """
        if not WATCH_CODE.fullmatch(watch_code):
            return None
        ledger = await async_get_ledger(self.hass)
        async with self.reading:
            return await self.hass.async_add_executor_job(
                partial(_read, ledger.path, watch_code)
            )

    def bay_of(self, order: Order) -> tuple[Site | None, Bay | None]:
        """Return an order's site and bay, as far as they are at work."""
        site = self.site(order.site_id)
        return site, site.bays.get(order.bay_id) if site else None

    def live(self, order: Order) -> Live:
        """Return what the order's bay knows of it now."""
        site, bay = self.bay_of(order)
        is_open = site is not None and site.sign.is_open
        now_ms = self.moment(order.site_id).now_ms
        return live_of(bay, order, now_ms, is_open=is_open)

    def about_bay(self, bay_id: str) -> About | None:
        """Return who runs a bay; None for one that is not there."""
        if (door := self.door(bay_id)) is None:
            return None
        about = About.of(self.hass, door.entry_id)
        url = terms_of_bay(bay_id) if about.has_terms else None
        return replace(about, terms_url=url, topic=door.name)

    def about_order(self, order: Order) -> About:
        """Return who an order is with."""
        about = About.of(self.hass, order.site_id)
        url = terms_of_order(order) if about.has_terms else None
        topic = " · ".join(part for part in (order.bay_name, order.id) if part)
        return replace(about, terms_url=url, topic=topic)

    def moment(self, entry_id: str) -> Moment:
        """Return now, by the clock of a site if it is at work."""
        if site := self.site(entry_id):
            return Moment(now_ms=site.clock.now_ms(), zone=site.clock.zone())
        now_ms = int(dt_util.utcnow().timestamp() * 1000)
        return Moment(now_ms=now_ms, zone=dt_util.get_default_time_zone())

    def page(
        self,
        visit: Visit,
        template: str,
        *,
        title: str,
        status: HTTPStatus = HTTPStatus.OK,
        retry_after_s: int | None = None,
        about: About | None = None,
        **values: Any,
    ) -> web.Response:
        """Answer with a page in the visitor's language; `about` says whose it is."""
        shown = {"test_mode": False, "refresh_s": None, **values}
        text = answers.render(
            template,
            t=visit.t,
            title=title,
            about=about or About.of(self.hass, None),
            languages=LANGUAGES,
            **shown,
        )
        return visit.finish(answers.html(text, status, retry_after_s=retry_after_s))

    def message(
        self,
        visit: Visit,
        title: str,
        text: str,
        status: HTTPStatus,
        *,
        bay_id: str | None = None,
        refresh_s: int | None = None,
    ) -> web.Response:
        """Answer with a short text, and the way back to a bay."""
        return self.page(
            visit,
            "message.html",
            about=self.about_bay(bay_id) if bay_id else None,
            title=visit.t(title),
            text=visit.t(text),
            status=status,
            back=BAY_PAGE.format(bay=bay_id) if bay_id else None,
            refresh_s=refresh_s,
            retry_after_s=refresh_s,
        )

    def not_found(self, visit: Visit) -> web.Response:
        """Answer that there is nothing, and not why."""
        status = HTTPStatus.NOT_FOUND
        return self.message(visit, "title_not_found", "text_not_found", status)

    def too_fast(self, visit: Visit, bay_id: str | None = None) -> web.Response:
        """Answer that somebody must slow down, as cheaply as can be."""
        text = answers.render(
            "slow.html",
            t=visit.t,
            back=BAY_PAGE.format(bay=bay_id) if bay_id else None,
            refresh_s=RETRY_S,
        )
        status = HTTPStatus.TOO_MANY_REQUESTS
        return answers.html(text, status, retry_after_s=RETRY_S)

    def not_ready(self, visit: Visit, bay_id: str | None = None) -> web.Response:
        """Answer that the system cannot serve now."""
        return self.message(
            visit,
            "bay_not_ready",
            "not_ready_text",
            HTTPStatus.SERVICE_UNAVAILABLE,
            bay_id=bay_id,
            refresh_s=RETRY_S,
        )

    def bad_form(
        self, visit: Visit, status: HTTPStatus, bay_id: str | None = None
    ) -> web.Response:
        """Answer that a form was not taken."""
        foreign = status is HTTPStatus.FORBIDDEN
        text = "text_forbidden" if foreign else "text_bad_request"
        return self.message(visit, "title_bad_request", text, status, bay_id=bay_id)

    def _spawn(self, work: Coroutine[Any, Any, Order]) -> asyncio.Task[Order]:
        return self.hass.async_create_task(work, f"{DOMAIN} order", eager_start=False)


def _read(path: Path, watch_code: str) -> OrderView | None:
    with snapshot(path) as connection:
        return order_views.by_watch_code(connection, watch_code)
