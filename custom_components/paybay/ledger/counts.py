"""How many of everything a site has: numbers only, for diagnostics."""

from typing import Any

from sqlalchemy import Column, Connection, func, select

from .schema import deliveries, orders, payment_events, payments, qr_codes, refunds


def of_site(connection: Connection, site_id: str) -> dict[str, dict[str, int]]:
    """Return counts by state, verdict or reason."""

    def count(column: Column[Any]) -> dict[str, int]:
        query = select(column, func.count()).group_by(column).order_by(column)
        if "order_id" in column.table.c:
            query = query.join(orders, orders.c.id == column.table.c.order_id)
        own = "site_id" in column.table.c
        owner = column.table if own else orders
        rows = connection.execute(query.where(owner.c.site_id == site_id))
        return {str(value): number for value, number in rows}

    return {
        "orders": count(orders.c.state),
        "end_reasons": count(orders.c.reason),
        "deliveries": count(deliveries.c.state),
        "payments": count(payments.c.verdict),
        "refunds": count(refunds.c.state),
        "refund_reasons": count(refunds.c.reason),
        "qr_codes": count(qr_codes.c.state),
        "webhook_events": count(payment_events.c.verdict),
    }
