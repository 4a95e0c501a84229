"""What comes back of an order that ends early."""

from dataclasses import replace

from .bay import BayConfig, RestPolicy
from .money import Money
from .orders import RUNNING, Order, OrderState
from .refunds import undelivered
from .view import CUSTOMER

STOPPED_BY_OWNER = "stopped_by_owner"
NOT_RESUMED = "not_resumed"
BY_POLICY = frozenset({NOT_RESUMED, STOPPED_BY_OWNER, CUSTOMER})
"""Ends whose rest the owner may keep. What a device broke goes back always."""


def keeps_rest(config: BayConfig, reason: str, ran_ms: int) -> bool:
    """Return whether the rest of an order that ended for this reason is kept.

    `ran_ms` is all it got. Who got nothing gets everything back.
    """
    return config.rest is RestPolicy.KEEP and reason in BY_POLICY and ran_ms > 0


def comes_back(
    order: Order, config: BayConfig, *, running_ms: int = 0, reason: str = CUSTOMER
) -> Money:
    """Return what would go back if a paid order ended now for this reason.

    `running_ms` is how long its open stretch has lasted. Nothing below the provider's
    minimum, and nothing of an order that is not paid or has ended.
    """
    nothing = Money(0, order.price.currency)
    if order.state is OrderState.PAID:
        return order.price
    so_far = replace(order, ran_ms=order.ran_ms + max(0, running_ms))
    if order.state not in RUNNING or keeps_rest(config, reason, so_far.ran_ms):
        return nothing
    return undelivered(order.price, so_far)
