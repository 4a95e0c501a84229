"""Sales by attendants: for cash, or for nothing within their daily limit."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from .bay import Bay
from .domain.clock import Clock
from .domain.hours import day_began_ms
from .domain.money import Money
from .domain.orders import Order, PaidBy
from .ledger import cash
from .offers import OfferRefusedError, Offers


@dataclass(frozen=True, slots=True, kw_only=True)
class Sale:
    """Who sells for what. `limited`: the daily limit of free time holds for them."""

    paid_by: PaidBy
    by_user: str | None = None
    note: str | None = None
    limited: bool = True


class WalkIns:
    """Sells at a site to customers who stand there."""

    def __init__(
        self,
        site_id: str,
        offers: Offers,
        clock: Clock,
        free_limit_ms: int,
        on_sold: Callable[[], None],
    ) -> None:
        """`free_limit_ms` is what each attendant may give away a day.

        `on_sold` hears of each sale, also of one that queues.
        """
        self._on_sold = on_sold
        self._site_id = site_id
        self._offers = offers
        self._clock = clock
        self.free_limit_ms = free_limit_ms

    async def sell(self, bay: Bay, plan_code: str, sale: Sale) -> Order:
        """Sell a plan and start it, or let it queue; return its order.

        Nothing is stored unless all of it can be. Raise OfferRefusedError,
        StartFailedError (then cash is owed back) or LedgerError.
        """
        plan = await self._offers.check(bay, plan_code)
        if sale.paid_by is PaidBy.CASH and plan.free:
            raise OfferRefusedError("nothing_to_pay")
        order = replace(
            self._offers.draft(bay, plan),
            paid_by=sale.paid_by,
            by_user=sale.by_user,
            note=sale.note,
        )
        if sale.paid_by is PaidBy.FREE:
            order = replace(order, price=Money(0, order.price.currency))
        sold = await self._offers.grant(
            bay, order, lambda connection: self._over(connection, order, sale)
        )
        self._on_sold()
        return sold

    def _over(self, connection: Connection, order: Order, sale: Sale) -> str | None:
        """Say whether an attendant gave away enough today."""
        if sale.paid_by is not PaidBy.FREE or not sale.limited or not sale.by_user:
            return None
        began_ms = day_began_ms(order.created_ms, self._clock.zone())
        given_ms = cash.given_free_ms(connection, self._site_id, sale.by_user, began_ms)
        over = given_ms + order.owed_ms > self.free_limit_ms
        return "free_limit" if over else None
