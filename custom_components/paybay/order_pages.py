"""Pages of orders as actions and screens get them."""

from functools import partial
from pathlib import Path
from typing import Any

from homeassistant.core import HomeAssistant

from . import order_json
from .bay_lookup import bay_switches
from .domain.order_filter import Cursor, OrderFilter
from .errors import fault
from .ledger import LedgerError, order_views, references
from .ledger.reader import snapshot
from .ledger_file import async_get_ledger
from .people import async_names


async def async_read_page(
    hass: HomeAssistant,
    wanted: OrderFilter,
    *,
    after: Cursor | None,
    limit: int,
    whole: bool,
    signed_in: bool,
) -> dict[str, Any]:
    """Return `orders`, newest first, and the `next_cursor`; raise HomeAssistantError.

    `whole` orders come with their payments, deliveries, refunds and timeline. What
    customers wrote on them is for people who are `signed_in`, and for no automation.
    """
    try:
        ledger = await async_get_ledger(hass)
        # Not by the writer's thread: a long page must not keep a payment waiting.
        page = await hass.async_add_executor_job(
            partial(_read, ledger.path, wanted, after, limit, whole=whole)
        )
        if signed_in:
            await hass.async_add_executor_job(_add_references, ledger.path, page)
    except LedgerError as err:
        raise fault("ledger_failed", error=str(err)) from err
    names = await async_names(hass)
    switches = {bay_id: entity_id for entity_id, bay_id in bay_switches(hass).items()}
    for order in page["orders"]:
        order["bay"] = switches.get(order["bay_id"])
        order["by"] = names.get(order["by_user"])
        order["stopped_by_name"] = names.get(order["stopped_by"])
    return page


def _read(
    path: Path, wanted: OrderFilter, after: Cursor | None, limit: int, *, whole: bool
) -> dict[str, Any]:
    """Read a page and put it into plain values (blocking)."""
    with snapshot(path) as connection:
        page = order_views.page(
            connection, wanted, after=after, limit=limit, timeline=whole
        )
    show = order_json.full if whole else order_json.summary
    return {
        "orders": [show(view) for view in page.views],
        "next_cursor": page.next.pack() if page.next else None,
    }


def _add_references(path: Path, page: dict[str, Any]) -> None:
    """Add what customers wrote on the orders of a page (blocking)."""
    with snapshot(path) as connection:
        ids = [order["order_id"] for order in page["orders"]]
        found = references.of_orders(connection, ids)
    for order in page["orders"]:
        order["customer_reference"] = found.get(order["order_id"])
