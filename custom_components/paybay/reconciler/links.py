"""Payment links: each is asked for as often as a customer may be paying it."""

from collections.abc import Callable, Collection

from sqlalchemy import Connection

from ..domain.notices import Channel, LinkStatus
from ..domain.orders import Order, OrderState, OrderStep
from ..ledger import orders
from ..providers.base import LinkDetails, ProviderRefusedError
from .inquiry import Inquiry

EVERY_MS = 10_000
"""How often a link is asked for while its customer may be paying right now."""
FRESH_MS = 300_000
"""How long a customer is expected to take; later a link is asked for once a minute."""
LATER_EVERY_MS = 60_000
LATE_CAPTURE_MS = 3 * 24 * 3600 * 1000
"""A payment may be authorised up to three days late (Razorpay)."""
LINKLESS_MS = 120_000
"""How long a link may take to show up after we got no answer to asking for it."""


class Links:
    """Fetches the links of unpaid orders and withdraws those that are over."""

    def __init__(
        self, inquiry: Inquiry, bay_ids: Collection[str], is_open: Callable[[], bool]
    ) -> None:
        """Links nobody should pay are withdrawn.

        That is those for bays other than `bay_ids`, and all unless the site `is_open`.
        """
        self._ask = inquiry
        self._bay_ids = bay_ids
        self._is_open = is_open
        self._asked_ms: dict[str, int | None] = {}

    async def check_due(self) -> None:
        """Fetch the open links that are due."""
        open_orders = await self._open_orders()
        self._asked_ms = {
            order.id: self._asked_ms.get(order.id) for order in open_orders
        }
        for order in open_orders:
            if self._is_due(order):
                self._asked_ms[order.id] = self._ask.clock.monotonic_ms()
                await self._ask.safely(self._check(order))

    async def check_all(self) -> None:
        """Fetch every link that is open or ended within the last three days."""
        for order in [*await self._open_orders(), *await self._ended_orders()]:
            self._ask.tally.links += 1
            self._asked_ms[order.id] = self._ask.clock.monotonic_ms()
            await self._ask.safely(self._check(order))

    async def take(self, details: LinkDetails) -> None:
        """Take in what a link says, payment by payment."""
        for notice in details.notices(Channel.POLL, "poll.payment_link"):
            await self._ask.take(notice)

    def _is_due(self, order: Order) -> bool:
        now_ms = self._ask.clock.now_ms()
        age_ms, over_ms = now_ms - order.created_ms, now_ms - order.offer_ends_ms
        fresh = age_ms < FRESH_MS or 0 <= over_ms < LATER_EVERY_MS
        every_ms = EVERY_MS if fresh else LATER_EVERY_MS
        asked_ms = self._asked_ms[order.id]
        if asked_ms is None:
            return True
        # A look takes time itself: what is due by half of it is due now.
        since_ms = self._ask.clock.monotonic_ms() - asked_ms
        return since_ms >= every_ms - EVERY_MS // 2

    async def _open_orders(self) -> list[Order]:
        site_id, states = self._ask.site_id, [OrderState.CREATED]
        return list(
            await self._ask.ledger.run(lambda c: orders.of_site(c, site_id, states))
        )

    async def _ended_orders(self) -> list[Order]:
        """Return unpaid orders whose link ended, while a capture may still come."""
        site_id, states = self._ask.site_id, [OrderState.CANCELLED, OrderState.EXPIRED]
        since_ms = self._ask.clock.now_ms() - LATE_CAPTURE_MS
        found = await self._ask.ledger.run(
            lambda c: orders.of_site(c, site_id, states, since_ms)
        )
        return [order for order in found if order.link_id is not None]

    async def _check(self, order: Order) -> None:
        """Fetch an unpaid order's link and take in what it says."""
        if order.link_id is not None:
            details = await self._fetch(order, order.link_id)
            if details is None:
                return
        else:
            found = await self._ask.provider.find_link(reference_id=order.id)
            if found is None:
                await self._drop_if_old(order)
                return
            details = found
            await self._remember_link(order, details)
        if self._is_over(order) and details.link.status is LinkStatus.CREATED:
            details = await self._ask.provider.cancel_link(details.link.id)
        await self.take(details)

    def _is_over(self, order: Order) -> bool:
        ended = self._ask.clock.now_ms() >= order.offer_ends_ms
        return ended or order.bay_id not in self._bay_ids or not self._is_open()

    async def _fetch(self, order: Order, link_id: str) -> LinkDetails | None:
        """Fetch a link; one the provider no longer knows is given up after a while."""
        try:
            return await self._ask.provider.fetch_link(link_id)
        except ProviderRefusedError:
            if self._ask.clock.now_ms() > order.offer_ends_ms + LATE_CAPTURE_MS:
                await self._cancel(order, "link_lost")
                return None
            raise

    async def _remember_link(self, order: Order, details: LinkDetails) -> None:
        link, now_ms = details.link, self._ask.clock.now_ms()
        await self._ask.ledger.run(
            lambda c: orders.link(
                c, order.id, link_id=link.id, link_url=link.url, at_ms=now_ms
            )
        )

    async def _drop_if_old(self, order: Order) -> None:
        if self._ask.clock.now_ms() - order.created_ms > LINKLESS_MS:
            await self._cancel(order, "no_link")

    async def _cancel(self, order: Order, reason: str) -> None:
        """Cancel an order, unless it was paid while we asked."""
        now_ms = self._ask.clock.now_ms()

        def store(connection: Connection) -> None:
            if orders.get(connection, order.id).state is OrderState.CREATED:
                orders.step(
                    connection, order.id, OrderStep.CANCEL, now_ms, reason=reason
                )

        await self._ask.ledger.run(store)
