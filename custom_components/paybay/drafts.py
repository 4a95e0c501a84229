"""An order, and what the provider is asked for it, before either exists."""

from .domain.bay import BayConfig
from .domain.ids import new_order_id, new_watch_code
from .domain.links import LinkTag
from .domain.orders import Order, OrderState, PaidBy
from .domain.plans import Plan
from .providers.base import LinkRequest


def draft_order(
    site_id: str,
    bay: BayConfig,
    plan: Plan,
    *,
    test_mode: bool,
    now_ms: int,
    open_s: int,
) -> Order:
    """Return an order of a plan at a bay, to be paid within `open_s` seconds."""
    return Order(
        id=new_order_id(),
        site_id=site_id,
        bay_id=bay.id,
        bay_name=bay.name,
        test_mode=test_mode,
        plan_code=plan.code,
        plan_name=plan.name,
        price=plan.price,
        owed_ms=plan.owed_ms,
        state=OrderState.CREATED,
        watch_code=new_watch_code(),
        created_ms=now_ms,
        offer_ends_ms=now_ms + open_s * 1000,
        energy_wh=plan.energy_wh,
        paid_by=PaidBy.FREE if plan.free else PaidBy.ONLINE,
    )


def link_request(order: Order, return_url: str | None) -> LinkRequest:
    """Return what to ask the provider for, so that an order can be paid."""
    return LinkRequest(
        reference_id=order.id,
        amount=order.price,
        description=f"{order.bay_name}: {order.plan_name}",
        expires_s=order.offer_ends_ms // 1000,
        tag=LinkTag(
            order_id=order.id,
            site_id=order.site_id,
            bay_id=order.bay_id,
            bay_name=order.bay_name,
            plan_code=order.plan_code,
            plan_name=order.plan_name,
        ),
        callback_url=return_url,
    )
