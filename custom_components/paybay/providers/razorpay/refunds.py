"""Refunds at Razorpay."""

from ...domain.money import Money
from ...domain.notices import RefundFact
from ..base import ProviderBalanceError, ProviderRefusedError
from .calls import Calls, read
from .entities import REFUND_NOTE, entities, refund_fact
from .errors import is_no_balance
from .lookup import path_id
from .pages import PAGE


class Refunds:
    """Makes refunds and finds out about them."""

    def __init__(self, calls: Calls) -> None:
        """Take the way to call."""
        self._calls = calls

    async def make(self, payment_id: str, amount: Money, key: str) -> RefundFact:
        """Refund `amount`; safe to ask again with the same `key` and amount."""
        safe_id = path_id(payment_id)
        body = {"amount": amount.minor, "speed": "normal", "notes": {REFUND_NOTE: key}}
        headers = {"X-Refund-Idempotency": key}
        try:
            entity = await self._calls.once(
                lambda sdk: sdk.payment.refund(safe_id, body, headers=headers)
            )
        except ProviderRefusedError as err:
            if not is_no_balance(err):
                raise
            raise ProviderBalanceError(
                err.description, err.status, err.field_name
            ) from err
        return read(refund_fact, entity)

    async def fetch(self, refund_id: str) -> RefundFact:
        """Return a refund as it stands now."""
        safe_id = path_id(refund_id)
        entity = await self._calls.get(lambda sdk: sdk.refund.fetch(safe_id))
        return read(refund_fact, entity)

    async def of_payment(self, payment_id: str) -> list[RefundFact]:
        """Return a payment's refunds: up to 100, which one payment hardly ever has."""
        safe_id = path_id(payment_id)
        query = {"count": PAGE}
        answer = await self._calls.get(
            lambda sdk: sdk.payment.fetch_multiple_refund(safe_id, {**query})
        )
        return [read(refund_fact, item) for item in entities(answer, "items")]
