"""What customers may do with orders of their own: come back from paying, call off."""

from collections.abc import Mapping

from .domain.notices import Channel
from .domain.orders import OFFERED, Order, OrderState
from .intake import Intake
from .providers.base import LinkDetails, PaymentProvider, ProviderUnavailableError


class CustomerOrders:
    """Asks the provider on a customer's behalf; what it says goes to the intake."""

    def __init__(self, provider: PaymentProvider, intake: Intake) -> None:
        """Work for one site."""
        self._provider = provider
        self._intake = intake

    async def returned(self, order: Order, query: Mapping[str, str]) -> bool:
        """Take in what was paid, if the browser came back with signed words of it.

        Return False for words that are forged, another order's or no news; nothing is
        asked or changed then. Raise ProviderError or LedgerError.
        """
        told = self._provider.read_return(query)
        if told is None or told.reference_id != order.id or order.state not in OFFERED:
            return False
        # The words prove a payment, not that it is captured, nor how much it was.
        details = await self._provider.fetch_link(order.link_id or told.link_id)
        if details.link.reference_id not in (None, order.id):
            return False
        await self._take(details, Channel.RETURN, "return.payment_link")
        return True

    async def call_off(self, order: Order) -> None:
        """Cancel an unpaid order's link. A payment that came first is served.

        Raise ProviderError or LedgerError.
        """
        if order.state is not OrderState.CREATED:
            return
        details = await self._provider.cancel_link(await self._link_id(order))
        await self._take(details, Channel.POLL, "poll.payment_link")

    async def _link_id(self, order: Order) -> str:
        """Return the order's link, also if the answer to asking for it was lost."""
        if order.link_id is not None:
            return order.link_id
        found = await self._provider.find_link(reference_id=order.id)
        if found is None:
            raise ProviderUnavailableError("the link is not known yet")
        return found.link.id

    async def _take(self, details: LinkDetails, channel: Channel, kind: str) -> None:
        for notice in details.notices(channel, kind):
            await self._intake.take(notice)
