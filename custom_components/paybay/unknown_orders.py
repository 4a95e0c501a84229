"""Money for an order of ours that this ledger does not know.

It was made after the backup that was restored, or in a ledger that is gone. The link
says that it is ours, by the site's mark in its notes. What became of the order nobody
knows, so it never starts, and its money waits for the owner's word.
"""

from sqlalchemy import Connection

from .domain.ids import new_order_id, new_watch_code
from .domain.links import LinkTag
from .domain.notices import Notice, PaymentFact
from .domain.orders import Order, OrderState
from .domain.refunds import ORDER_UNKNOWN
from .ledger import orders
from .qr_sales import Sale

_NO_PLAN = "unknown"
_NO_PLAN_NAME = "?"


class UnknownOrders:
    """Writes one site's lost orders down again, as far as their links tell."""

    def __init__(self, site_id: str, *, test_mode: bool) -> None:
        """Take the mark that the site's links carry."""
        self._site_id = site_id
        self._test_mode = test_mode

    def make(
        self, connection: Connection, notice: Notice, fact: PaymentFact, now_ms: int
    ) -> Sale | None:
        """Make the order for a payment on a link of ours; None if it is not.

        Only the link is believed: the notes of a payment may come from a browser.
        """
        tag = notice.link.tag if notice.link else None
        if tag is None or tag.site_id != self._site_id:
            return None
        order = self._order(_free_id(connection, notice, tag), tag, fact, now_ms)
        orders.add(connection, order)
        return Sale(order=order, refusal=ORDER_UNKNOWN)

    def _order(
        self, order_id: str, tag: LinkTag, fact: PaymentFact, now_ms: int
    ) -> Order:
        return Order(
            id=order_id,
            site_id=self._site_id,
            bay_id=tag.bay_id,
            bay_name=tag.bay_name,
            test_mode=self._test_mode,
            plan_code=tag.plan_code or _NO_PLAN,
            plan_name=tag.plan_name or _NO_PLAN_NAME,
            price=fact.amount,
            owed_ms=0,
            state=OrderState.CREATED,
            watch_code=new_watch_code(),
            created_ms=now_ms,
            offer_ends_ms=now_ms,
        )


def _free_id(connection: Connection, notice: Notice, tag: LinkTag) -> str:
    """Return the id the order had; another if that one is taken."""
    lost = (notice.link and notice.link.reference_id) or tag.order_id
    if lost is None or orders.find(connection, lost) is not None:
        return new_order_id()
    return lost
