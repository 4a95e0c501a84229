"""The bus event that tells automations of a paid order."""

from homeassistant.core import HomeAssistant, callback

from .const import EVENT_ORDER_PAID
from .devices import bay_device_id
from .domain.orders import Order
from .site import PayBayConfigEntry


@callback
def fire_paid_event(
    hass: HomeAssistant,
    entry: PayBayConfigEntry,
    order: Order,
    *,
    repeated: bool = False,
) -> None:
    """Fire `paybay_order_paid`; amounts in minor units, nothing of the customer.

    `repeated`: it may have been fired for this order before.
    """
    bay = entry.runtime_data.bays.get(order.bay_id)
    hass.bus.async_fire(
        EVENT_ORDER_PAID,
        {
            "order_id": order.id,
            "bay_id": order.bay_id,
            "bay": bay.config.name if bay else None,
            "device_id": bay_device_id(hass, entry, order.bay_id),
            "plan": order.plan_code,
            "seconds": order.owed_ms / 1000,
            "amount": order.price.minor,
            "currency": order.price.currency,
            "test_mode": entry.runtime_data.test_mode,
            "repeated": repeated,
        },
    )
