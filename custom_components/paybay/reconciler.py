"""What no webhook told us: open links and unmatched payments are looked up."""

import asyncio
from collections.abc import Callable, Collection, Coroutine
import logging
from typing import Any

from sqlalchemy import Connection

from .domain.clock import Clock
from .domain.notices import Channel, LinkStatus, Notice, PaymentFact
from .domain.orders import Order, OrderState, OrderStep
from .intake import Intake
from .ledger import Ledger, LedgerError, orders, payments
from .providers.base import (
    LinkDetails,
    PaymentProvider,
    ProviderError,
    ProviderRefusedError,
    ProviderUnavailableError,
)

_LOGGER = logging.getLogger(__name__)

EVERY_MS = 10_000
"""How often a link is asked for while its customer may be paying right now."""
FRESH_MS = 300_000
"""How long a customer is expected to take; later a link is asked for once a minute."""
LATER_EVERY_MS = 60_000
LATE_CAPTURE_MS = 3 * 24 * 3600 * 1000
"""A payment may be authorised up to three days late (Razorpay)."""
LINKLESS_MS = 120_000
"""How long a link may take to show up after we got no answer to asking for it."""
RECONCILE_MS = 6 * 3600 * 1000
"""How often everything that may still bring money is asked for."""
PAID_KINDS = ("payment.captured", "order.paid", "payment_link.paid", "qr_code.credited")
_LOOKUP_PAUSES_MS = (1_000, 10_000, 60_000)


class Reconciler:
    """Asks the provider where things stand; everything it learns goes to the intake."""

    def __init__(
        self,
        site_id: str,
        ledger: Ledger,
        clock: Clock,
        provider: PaymentProvider,
        *,
        intake: Intake,
        bay_ids: Collection[str],
        spawn: Callable[[Coroutine[Any, Any, None]], Any],
    ) -> None:
        """`spawn` runs a coroutine in the background.

        Links for bays other than `bay_ids` are withdrawn: nobody should pay them.
        """
        self._site_id = site_id
        self._ledger = ledger
        self._clock = clock
        self._provider = provider
        self._intake = intake
        self._bay_ids = bay_ids
        self._spawn = spawn
        self._cancel_timer: Callable[[], None] | None = None
        self._looking: set[str] = set()
        self._asked_ms: dict[str, int] = {}
        self._reconciled_ms = 0
        self._open = False

    def open(self) -> None:
        """Look at everything once now, then at open links as often as they deserve."""
        self._open = True
        self._spawn(self._begin())

    def close(self) -> None:
        """Look no more."""
        self._open = False
        if self._cancel_timer:
            self._cancel_timer()

    def look_up(self, payment_id: str) -> None:
        """Find out in the background whether a captured payment is one of ours."""
        if payment_id not in self._looking:
            self._looking.add(payment_id)
            self._spawn(self._look_up(payment_id))

    async def reconcile(self) -> int:
        """Fetch what may still bring money; return how many were asked.

        That is every open link, every link that ended within the last three days,
        and every captured payment that matched nothing.
        """
        self._reconciled_ms = self._clock.monotonic_ms()
        open_orders = [*await self._open_orders(), *await self._ended_orders()]
        for order in open_orders:
            await self._safely(self._check(order))
        since_ms = self._clock.now_ms() - LATE_CAPTURE_MS
        strangers = await self._ledger.run(
            lambda c: payments.unmatched(c, self._site_id, since_ms, PAID_KINDS)
        )
        for payment_id in strangers:
            await self._safely(self._match(payment_id))
        return len(open_orders) + len(strangers)

    async def _begin(self) -> None:
        try:
            await self._safely(self.reconcile())
        finally:
            self._schedule()

    def _schedule(self) -> None:
        if self._open:
            self._cancel_timer = self._clock.call_later(
                EVERY_MS, lambda: self._spawn(self._sweep())
            )

    async def _sweep(self) -> None:
        """Fetch open links: without a webhook this is how payments are found."""
        try:
            await self._safely(self.sweep())
            if self._clock.monotonic_ms() - self._reconciled_ms >= RECONCILE_MS:
                await self._safely(self.reconcile())
        finally:
            self._schedule()

    async def sweep(self) -> None:
        """Fetch the links that are due."""
        open_orders = await self._open_orders()
        self._asked_ms = {
            order.id: self._asked_ms.get(order.id, 0) for order in open_orders
        }
        for order in open_orders:
            if self._is_due(order):
                self._asked_ms[order.id] = self._clock.monotonic_ms()
                await self._safely(self._check(order))

    def _is_due(self, order: Order) -> bool:
        now_ms = self._clock.now_ms()
        age_ms, over_ms = now_ms - order.created_ms, now_ms - order.offer_ends_ms
        fresh = age_ms < FRESH_MS or 0 <= over_ms < LATER_EVERY_MS
        every_ms = EVERY_MS if fresh else LATER_EVERY_MS
        # A sweep takes time itself: what is due by half of it is due now.
        since_ms = self._clock.monotonic_ms() - self._asked_ms[order.id]
        return since_ms >= every_ms - EVERY_MS // 2

    async def _open_orders(self) -> list[Order]:
        created = [OrderState.CREATED]
        return list(
            await self._ledger.run(lambda c: orders.of_site(c, self._site_id, created))
        )

    async def _ended_orders(self) -> list[Order]:
        """Return unpaid orders whose link ended, while a capture may still come."""
        states = [OrderState.CANCELLED, OrderState.EXPIRED]
        since_ms = self._clock.now_ms() - LATE_CAPTURE_MS
        found = await self._ledger.run(
            lambda c: orders.of_site(c, self._site_id, states, since_ms)
        )
        return [order for order in found if order.link_id is not None]

    async def _check(self, order: Order) -> None:
        """Fetch an unpaid order's link and take in what it says."""
        if order.link_id is not None:
            details = await self._fetch(order, order.link_id)
            if details is None:
                return
        else:
            found = await self._provider.find_link(reference_id=order.id)
            if found is None:
                await self._drop_if_old(order)
                return
            details = found
            await self._remember_link(order, details)
        if self._is_over(order) and details.link.status is LinkStatus.CREATED:
            details = await self._provider.cancel_link(details.link.id)
        await self._take(details)

    def _is_over(self, order: Order) -> bool:
        ended = self._clock.now_ms() >= order.offer_ends_ms
        return ended or order.bay_id not in self._bay_ids

    async def _fetch(self, order: Order, link_id: str) -> LinkDetails | None:
        """Fetch a link; one the provider no longer knows is given up after a while."""
        try:
            return await self._provider.fetch_link(link_id)
        except ProviderRefusedError:
            if self._clock.now_ms() > order.offer_ends_ms + LATE_CAPTURE_MS:
                await self._cancel(order, "link_lost")
                return None
            raise

    async def _remember_link(self, order: Order, details: LinkDetails) -> None:
        link = details.link
        await self._ledger.run(
            lambda c: orders.change(c, order.id, link_id=link.id, link_url=link.url)
        )

    async def _drop_if_old(self, order: Order) -> None:
        now_ms = self._clock.now_ms()
        if now_ms - order.created_ms > LINKLESS_MS:
            await self._cancel(order, "no_link")

    async def _cancel(self, order: Order, reason: str) -> None:
        """Cancel an order, unless it was paid while we asked."""
        now_ms = self._clock.now_ms()

        def store(connection: Connection) -> None:
            if orders.get(connection, order.id).state is OrderState.CREATED:
                orders.step(
                    connection, order.id, OrderStep.CANCEL, now_ms, reason=reason
                )

        await self._ledger.run(store)

    async def _take(self, details: LinkDetails) -> None:
        link = details.link
        found: list[PaymentFact | None] = [p for p in details.payments if p.captured]
        for payment in found or [None]:
            await self._intake.take(
                Notice(
                    channel=Channel.POLL,
                    kind="poll.payment_link",
                    payment=payment,
                    link=link,
                    reference_id=link.reference_id,
                )
            )

    async def _look_up(self, payment_id: str) -> None:
        """Ask a few times: the provider's lists may lag behind its events."""
        try:
            for pause_ms in _LOOKUP_PAUSES_MS:
                if await self._safely(self._match(payment_id)) or not self._open:
                    return
                await asyncio.sleep(pause_ms / 1000)
        finally:
            self._looking.discard(payment_id)

    async def _match(self, payment_id: str) -> bool:
        """Take in the link a payment was made on, if it is ours."""
        if await self._ledger.run(lambda c: payments.find(c, payment_id)):
            return True
        details = await self._provider.find_link(payment_id=payment_id)
        if details is None:
            return False
        await self._take(details)
        return True

    async def _safely[T](self, work: Coroutine[Any, Any, T]) -> T | None:
        """Do one thing; whatever fails will be looked at again."""
        try:
            return await work
        except ProviderUnavailableError as err:
            _LOGGER.info("The provider cannot be asked now: %s", err)
        except ProviderError as err:
            _LOGGER.warning("The provider refused a look-up: %s", err)
        except LedgerError as err:
            _LOGGER.warning("The ledger cannot be used: %s", err)
        except Exception:
            # Without this one surprise would end all polling.
            _LOGGER.exception("Unexpected error while reconciling")
        return None
