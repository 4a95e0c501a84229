"""The customer's addresses on Home Assistant's web server; nobody signs in here."""

from collections.abc import Awaitable, Callable
from urllib.parse import quote

from aiohttp import web
from homeassistant.core import HomeAssistant
from homeassistant.helpers.http import HomeAssistantView

from ...const import (
    BAY_FIND,
    BAY_ORDERS,
    BAY_PAGE,
    KIOSK,
    ORDER_PAGE,
    ORDER_RETURN,
    TERMS,
)
from ...domain.order_view import OrderView
from ...ledger import LedgerError
from . import answers, finding, kiosk, live, orders, start, stopping, terms
from .desk import Desk
from .kiosk import Kiosks
from .visit import Visit

type Handler = Callable[[Desk, Visit, OrderView], Awaitable[web.StreamResponse]]


def make_views(hass: HomeAssistant, secret: bytes) -> list[HomeAssistantView]:
    """Return all views of the customer's pages; `secret` signs their forms."""
    desk = Desk(hass, secret)
    kiosks = Kiosks(hass, hass.loop.time)
    return [
        AssetView(desk),
        # Before the bays' own: no bay is called "orders".
        OrderPageView(desk),
        OrderStatusView(desk),
        KioskView(desk, kiosks),
        KioskStatusView(desk, kiosks),
        OrderEventsView(desk),
        OrderReturnView(desk),
        OrderCancelView(desk),
        OrderStopView(desk),
        OrderTermsView(desk),
        BayTermsView(desk),
        BayFindView(desk),
        BayView(desk),
        BayOrdersView(desk),
    ]


class CustomerView(HomeAssistantView):
    """A page for anybody."""

    requires_auth = False
    cors_allowed = False

    def __init__(self, desk: Desk) -> None:
        """Serve at this desk."""
        self._desk = desk

    async def _with_order(
        self, request: web.Request, watch: str, handle: Handler, *, act: bool = False
    ) -> web.StreamResponse:
        """Handle a request about an order; 404 that tells nothing for any other key."""
        desk, visit = self._desk, Visit.of(request)
        if not (desk.may_act(visit) if act else desk.may_look(visit)):
            return desk.too_fast(visit)
        try:
            view = await desk.find(watch)
            if view is None:
                return desk.not_found(visit)
            return await handle(desk, visit, view)
        except LedgerError:
            return desk.not_ready(visit)


class BayView(CustomerView):
    """What a bay sells."""

    url = BAY_PAGE
    name = "paybay:bay"

    async def get(self, request: web.Request, bay: str) -> web.Response:
        """Answer with the bay's page: 404 for none, 503 while it serves nobody."""
        visit = Visit.of(request)
        if not self._desk.may_look(visit):
            return self._desk.too_fast(visit)
        return await start.show(self._desk, visit, bay)


class BayOrdersView(CustomerView):
    """The form on a bay's page."""

    url = BAY_ORDERS
    name = "paybay:bay:orders"

    async def get(self, request: web.Request, bay: str) -> web.Response:
        """Lead a browser that asks again for the form's answer back to the form."""
        page = BAY_PAGE.format(bay=quote(bay, safe=""))
        return Visit.of(request).finish(answers.see_other(page))

    async def post(self, request: web.Request, bay: str) -> web.Response:
        """Make an order and lead the browser to its payment, or to its page.

        403, 413, 415 and 400 for what is no form of ours, 429 for too many, 409 and
        503 with the bay's page if it cannot be sold now.
        """
        visit = Visit.of(request)
        if not self._desk.may_look(visit):
            return self._desk.too_fast(visit)
        return await start.order(self._desk, visit, bay)


class OrderPageView(CustomerView):
    """How an order stands."""

    url = ORDER_PAGE
    name = "paybay:order"

    async def get(self, request: web.Request, watch: str) -> web.StreamResponse:
        """Answer with the order's page."""
        return await self._with_order(request, watch, orders.show)


class OrderStatusView(CustomerView):
    """The same for programs."""

    url = ORDER_PAGE + "/status"
    name = "paybay:order:status"

    async def get(self, request: web.Request, watch: str) -> web.StreamResponse:
        """Answer with JSON; 304 while it is what the browser has."""
        return await self._with_order(request, watch, orders.status)


class OrderEventsView(CustomerView):
    """The same as it changes."""

    url = ORDER_PAGE + "/events"
    name = "paybay:order:events"

    async def get(self, request: web.Request, watch: str) -> web.StreamResponse:
        """Answer with server-sent events, each what `/status` tells."""
        return await self._with_order(request, watch, live.stream)


class OrderReturnView(CustomerView):
    """Where the provider sends a browser after paying."""

    url = ORDER_RETURN
    name = "paybay:order:return"

    async def get(self, request: web.Request, watch: str) -> web.StreamResponse:
        """Have a signed return confirmed, and show the order whatever it was."""
        return await self._with_order(request, watch, orders.returned, act=True)


class OrderCancelView(CustomerView):
    """Calling an unpaid order off."""

    url = ORDER_PAGE + "/cancel"
    name = "paybay:order:cancel"

    async def get(self, request: web.Request, watch: str) -> web.Response:
        """Lead a browser that asks again back to the order."""
        page = ORDER_PAGE.format(watch=quote(watch, safe=""))
        return Visit.of(request).finish(answers.see_other(page))

    async def post(self, request: web.Request, watch: str) -> web.StreamResponse:
        """Cancel the link at the provider."""
        return await self._with_order(request, watch, orders.cancel, act=True)


class OrderStopView(CustomerView):
    """Ending one's own session."""

    url = ORDER_PAGE + "/stop"
    name = "paybay:order:stop"

    async def get(self, request: web.Request, watch: str) -> web.StreamResponse:
        """Ask once more, and say what comes back."""
        return await self._with_order(request, watch, stopping.ask)

    async def post(self, request: web.Request, watch: str) -> web.StreamResponse:
        """End the session."""
        return await self._with_order(request, watch, stopping.stop, act=True)


class OrderTermsView(CustomerView):
    """What was agreed for an order."""

    url = ORDER_PAGE + TERMS
    name = "paybay:order:terms"

    async def get(self, request: web.Request, watch: str) -> web.StreamResponse:
        """Answer with the owner's terms and refund policy."""
        return await self._with_order(request, watch, terms.of_order)


class BayTermsView(CustomerView):
    """What is agreed by paying at a bay."""

    url = BAY_PAGE + TERMS
    name = "paybay:bay:terms"

    async def get(self, request: web.Request, bay: str) -> web.Response:
        """Answer with the owner's terms and refund policy."""
        visit = Visit.of(request)
        if not self._desk.may_look(visit):
            return self._desk.too_fast(visit)
        return await terms.of_bay(self._desk, visit, bay)


class BayFindView(CustomerView):
    """Finding what was paid at a bay by its bank's number."""

    url = BAY_FIND
    name = "paybay:bay:find"

    async def get(self, _request: web.Request, bay: str) -> web.Response:
        """Lead a browser that asks again back to the form."""
        return answers.see_other(BAY_PAGE.format(bay=quote(bay, safe="")))

    async def post(self, request: web.Request, bay: str) -> web.Response:
        """Answer how that order stands; 404 for any number that is none here."""
        visit = Visit.of(request)
        if not self._desk.may_look(visit):
            return self._desk.too_fast(visit)
        return await finding.find(self._desk, visit, bay)


class _KioskView(CustomerView):
    """A page of a site's screen."""

    def __init__(self, desk: Desk, kiosks: Kiosks) -> None:
        """Serve at this desk, with these screens."""
        super().__init__(desk)
        self._kiosks = kiosks


class KioskView(_KioskView):
    """The screen beside a site's bays."""

    url = KIOSK
    name = "paybay:kiosk"

    async def get(self, request: web.Request, entry: str) -> web.StreamResponse:
        """Answer with all bays of a site."""
        visit = Visit.of(request)
        if not self._desk.may_look(visit):
            return self._desk.too_fast(visit)
        return await kiosk.show(self._desk, self._kiosks, visit, entry)


class KioskStatusView(_KioskView):
    """What changes on it."""

    url = KIOSK + "/status"
    name = "paybay:kiosk:status"

    async def get(self, request: web.Request, entry: str) -> web.StreamResponse:
        """Answer with JSON; 304 while it is what the browser has."""
        visit = Visit.of(request)
        if not self._desk.may_look(visit):
            return self._desk.too_fast(visit)
        return await kiosk.status(self._desk, self._kiosks, visit, entry)


class AssetView(CustomerView):
    """The stylesheet and the script."""

    url = answers.STATIC_PATH
    name = "paybay:static"

    async def get(self, _request: web.Request, name: str) -> web.Response:
        """Answer with a file, by the name that the pages know it by."""
        return answers.asset(name)
