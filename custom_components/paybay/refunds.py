"""Refunds on their way: what is owed back is sent, asked after and settled.

Everything is read from the ledger, anew at each look: a crash between any two lines
only repeats a step, with the same idempotency key.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable
import logging
from typing import Any

from .domain.clock import Clock
from .domain.happenings import Happening
from .domain.money import Money
from .domain.orders import Order
from .ledger import Ledger, LedgerError, cash, refund_choices, refund_news, refunds
from .ledger.refunds import Refund
from .providers.base import PaymentProvider
from .refund_sender import RefundSender

_LOGGER = logging.getLogger(__name__)

RETRY_MS = 5_000
"""How soon to look again after something of our own failed."""
LOOK_MS = 3_600_000
"""How often to look at least: the budget is a new one each day."""
REASON = "refunded_already"


class Refunder:
    """Gives back what one site owes, as far as the budget or the owner lets it."""

    def __init__(
        self,
        site_id: str,
        ledger: Ledger,
        clock: Clock,
        provider: PaymentProvider,
        *,
        budget: Money,
        day_began_ms: Callable[[], int],
        spawn: Callable[[Coroutine[Any, Any, None]], Any],
        tell: Callable[[Happening], None],
        call_off: Callable[[Order, str], Awaitable[None]],
    ) -> None:
        """`budget` is what may go back each day without asking the owner.

        `day_began_ms` returns the Unix time at which the site's day began, `call_off`
        ends an order whose money went back, for a reason.
        """
        self._site_id = site_id
        self._ledger = ledger
        self._clock = clock
        self._sender = RefundSender(ledger, clock, provider, tell)
        self._budget = budget
        self._day_began_ms = day_began_ms
        self._spawn = spawn
        self._call_off = call_off
        self._listeners: set[Callable[[], None]] = set()
        self._cancel_timer: Callable[[], None] | None = None
        self._shown: list[tuple[object, ...]] = []
        self._waiting: list[asyncio.Future[None]] = []
        self._looking = False
        self._dirty = False
        self._open = False

    def open(self) -> None:
        """Go on with what the ledger says."""
        self._open = True
        self.poke()

    def close(self) -> None:
        """Send no more; what is on its way stays in the ledger."""
        self._open = False
        self._arm(None)

    def listen(self, on_change: Callable[[], None]) -> Callable[[], None]:
        """Call back when what is owed changes; return how to stop that."""
        self._listeners.add(on_change)
        return lambda: self._listeners.discard(on_change)

    def poke(self) -> None:
        """Something may have changed: look soon."""
        self._dirty = True
        if self._open and not self._looking:
            self._looking = True
            self._spawn(self._look_safely())

    async def settle(self) -> None:
        """Return after a look at everything known by now, whatever came of it."""
        looked = asyncio.get_running_loop().create_future()
        self._waiting.append(looked)
        self.poke()
        if self._looking:
            await looked

    async def take_in(self, payment_id: str) -> int:
        """Take in all refunds of a payment as the provider has them now.

        Return how many of them were made elsewhere or ended since we last knew.
        Raise ProviderError or LedgerError.
        """
        news = await self._sender.take_in(payment_id)
        self.poke()
        return news

    async def _look_safely(self) -> None:
        """Look until nothing changes; whatever goes wrong, another look follows."""
        try:
            while self._dirty and self._open:
                self._dirty = False
                self._arm(await self._look())
        except LedgerError as err:
            _LOGGER.warning("Refunds wait for the ledger: %s", err)
            self._arm(RETRY_MS)
        except Exception:
            # Without this one surprise would end all refunds.
            _LOGGER.exception("Unexpected error about refunds; trying again")
            self._arm(RETRY_MS)
        finally:
            self._looking = False
            waiting, self._waiting = self._waiting, []
            for looked in waiting:
                if not looked.done():
                    looked.set_result(None)

    async def _look(self) -> int:
        """Take every refund one step on; return when to look again, in ms."""
        await self.approve()
        await self._show()
        for refund in await self._in_work():
            if self._is_ready(refund) and self._open:
                await self._sender.advance(refund)
        await self._call_off_moot()
        await self._show()
        now_ms = self._clock.now_ms()
        waits = [refund.next_ms - now_ms for refund in await self._in_work()]
        return max(1, min([*waits, LOOK_MS]))

    def _is_ready(self, refund: Refund) -> bool:
        """Return whether it is time; a clock that was set back delays nothing."""
        return not 0 < refund.next_ms - self._clock.now_ms() <= LOOK_MS

    async def approve(self) -> None:
        """Let go what the day's budget allows; raise LedgerError."""
        now_ms, day_ms = self._clock.now_ms(), self._day_began_ms()
        await self._ledger.run(
            lambda c: refund_choices.approve_within(
                c, self._site_id, self._budget, day_ms, now_ms
            )
        )

    async def _call_off_moot(self) -> None:
        moot = await self._ledger.run(lambda c: refund_news.moot(c, self._site_id))
        for order in moot:
            await self._call_off(order, REASON)

    async def _in_work(self) -> Iterable[Refund]:
        return await self._ledger.run(lambda c: refunds.in_work(c, self._site_id))

    async def _show(self) -> None:
        """Tell the listeners when what is owed looks different from before."""
        found, by_hand = await self._ledger.run(
            lambda c: (
                refunds.unsettled(c, self._site_id),
                cash.due_back(c, self._site_id),
            )
        )
        shown: list[tuple[object, ...]] = [
            (refund.key, refund.state, refund.approved_by, refund.problem)
            for refund in found
        ]
        shown += [(order.id, order.cash_back_minor) for order in by_hand]
        if shown != self._shown:
            self._shown = shown
            for on_change in tuple(self._listeners):
                on_change()

    def _arm(self, delay_ms: int | None) -> None:
        if self._cancel_timer:
            self._cancel_timer()
            self._cancel_timer = None
        if delay_ms is not None and self._open:
            self._cancel_timer = self._clock.call_later(delay_ms, self.poke)
