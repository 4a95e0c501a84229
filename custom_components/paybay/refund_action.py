"""The action that gives money back."""

from decimal import Decimal
from typing import cast

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse
from homeassistant.helpers import config_validation as cv
from homeassistant.util import dt as dt_util
import voluptuous as vol

from .domain.money import Money, MoneyError
from .domain.orders import Order
from .errors import fault, mistake
from .ledger import LedgerError, orders, refund_wishes, refunds
from .ledger.refund_wishes import WishRefusedError
from .ledger_file import async_get_ledger
from .site import PayBayConfigEntry, Site

ATTR_AMOUNT = "amount"
ATTR_ORDER_ID = "order_id"

SERVICE_REFUND_ORDER = "refund_order"

SCHEMA = vol.Schema(
    {
        vol.Required(ATTR_ORDER_ID): cv.string,
        vol.Optional(ATTR_AMOUNT): vol.Any(int, float, str),
    }
)


async def async_refund_order(call: ServiceCall) -> ServiceResponse:
    """Let a waiting refund go, or make a new one; return how it stands by now."""
    order_id = call.data[ATTR_ORDER_ID]
    try:
        site, _, currency = await async_site_of(call.hass, order_id)
        minor = _minor(call.data.get(ATTR_AMOUNT), currency)
        now_ms = int(dt_util.utcnow().timestamp() * 1000)
        refund = await site.ledger.run(
            lambda c: refund_wishes.refund_order(c, order_id, minor, now_ms)
        )
        await site.refunder.settle()
        refund = await site.ledger.run(lambda c: refunds.get(c, refund.key))
    except WishRefusedError as err:
        raise mistake(f"refund_{err.reason}", order_id=order_id) from err
    except LedgerError as err:
        raise fault("ledger_failed", error=str(err)) from err
    return {
        "order_id": order_id,
        "payment_id": refund.payment_id,
        "amount": refund.amount.minor,
        "currency": refund.amount.currency,
        "state": refund.state.value,
        "problem": refund.problem.value if refund.problem else None,
    }


async def async_site_of(hass: HomeAssistant, order_id: str) -> tuple[Site, Order, str]:
    """Return the loaded site of an order, the order and its currency.

    Raise a translated error.
    """
    try:
        ledger = await async_get_ledger(hass)
        order = await ledger.run(lambda c: orders.find(c, order_id))
    except LedgerError as err:
        raise fault("ledger_failed", error=str(err)) from err
    if order is None:
        raise mistake("unknown_order", order_id=order_id)
    found = hass.config_entries.async_get_entry(order.site_id)
    entry = cast(PayBayConfigEntry | None, found)
    if entry is None or entry.state is not ConfigEntryState.LOADED:
        raise mistake("order_site_not_loaded", order_id=order_id)
    return entry.runtime_data, order, order.price.currency


def _minor(amount: float | str | None, currency: str) -> int | None:
    if amount is None:
        return None
    try:
        return Money.from_major(Decimal(str(amount)), currency).minor
    except (MoneyError, ArithmeticError) as err:
        raise mistake("not_an_amount", amount=str(amount)) from err
