"""Finding out how things stand at Razorpay."""

from ...domain.notices import LinkFact, LinkStatus, PaymentFact
from ..base import (
    LinkDetails,
    MalformedEventError,
    ProviderRefusedError,
    ProviderUnavailableError,
)
from .calls import Calls, read
from .entities import (
    Entity,
    entities,
    link_fact,
    link_payments,
    payment_fact,
    read_id,
)
from .pages import all_pages, readable, time_range

LOOKUP_PAUSES_S = (0.0, 0.5, 1.5, 3.0)
_PAID = frozenset({LinkStatus.PAID, LinkStatus.PARTIALLY_PAID})


class Lookup:
    """Reads links and payments; every method raises ProviderError."""

    def __init__(self, calls: Calls) -> None:
        """Take the way to the account."""
        self._calls = calls

    async def link(self, link_id: str) -> LinkDetails:
        """Return a link with its payments."""
        return await self.details(await self._entity(link_id))

    async def link_of_reference(self, reference_id: str) -> LinkDetails | None:
        """Return the link with this reference id."""
        listed = await self._listed(reference_id)
        # Paid links are listed without their payments.
        return await self.link(listed.id) if listed else None

    async def link_of_payment(self, payment_id: str) -> LinkDetails | None:
        """Return the link a payment was made on.

        The payment must be seen on it: were the filter ever ignored, the newest link
        would otherwise be credited with a stranger's money.
        """
        query = {"payment_id": payment_id}
        answer = await self._calls.get(lambda sdk: sdk.payment_link.all({**query}))
        for listed in entities(answer, "payment_links")[:1]:
            entity = await self._entity(str(listed.get("id")))
            details = await self.details(entity, unpaid_too=True)
            if any(payment.id == payment_id for payment in details.payments):
                return details
        return None

    async def created_link(
        self, reference_id: str, doubt: ProviderUnavailableError
    ) -> LinkFact:
        """Return the link that was created after all; else raise `doubt`.

        Asks a few times: nothing is documented about how soon a link is listed.
        """
        for pause_s in LOOKUP_PAUSES_S:
            await self._calls.pause(pause_s)
            if listed := await self._listed(reference_id):
                return listed
        raise doubt

    async def details(self, entity: Entity, *, unpaid_too: bool = False) -> LinkDetails:
        """Return a link entity's facts, with its order's payments once it is paid."""
        link = read(link_fact, entity)
        payments = {fact.id: fact for fact in read(link_payments, entity)}
        if payments or link.status in _PAID or unpaid_too:
            payments |= await self._order_payments(entity, needed=not payments)
        return LinkDetails(link=link, payments=tuple(payments.values()))

    async def payments_between(self, from_s: int, to_s: int) -> list[PaymentFact]:
        """Return all payments created in this span of Unix time, any state."""
        return await all_pages(self._page, payment_fact, time_range(from_s, to_s))

    async def _page(self, query: dict[str, int]) -> list[Entity]:
        answer = await self._calls.get(lambda sdk: sdk.payment.all({**query}))
        return entities(answer, "items")

    async def _entity(self, link_id: str) -> Entity:
        safe_id = path_id(link_id)
        return await self._calls.get(lambda sdk: sdk.payment_link.fetch(safe_id, {}))

    async def _listed(self, reference_id: str) -> LinkFact | None:
        query = {"reference_id": reference_id}
        answer = await self._calls.get(lambda sdk: sdk.payment_link.all({**query}))
        for entity in entities(answer, "payment_links"):
            if entity.get("reference_id") == reference_id:
                return read(link_fact, entity)
        return None

    async def _order_payments(
        self, entity: Entity, *, needed: bool
    ) -> dict[str, PaymentFact]:
        """Return what was paid on a link's order: with RRN, fee and refunds."""
        try:
            order_id = read_id(entity.get("order_id"))
            page = await self._calls.get(lambda sdk: sdk.order.payments(order_id))
        except MalformedEventError:
            return {}  # nobody has opened the link yet
        except ProviderRefusedError, ProviderUnavailableError:
            if needed:
                raise
            return {}
        return {
            fact.id: fact for fact in readable(entities(page, "items"), payment_fact)
        }


def path_id(value: str) -> str:
    """Return an id that is safe in a URL's path; refuse anything else ourselves."""
    try:
        return read_id(value)
    except MalformedEventError:
        raise ProviderRefusedError("this is not an id", 400, "id") from None
