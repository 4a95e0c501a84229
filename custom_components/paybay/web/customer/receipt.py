"""A receipt: what was bought of whom, what was delivered, and what it cost."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from ...domain.merchant import Merchant, tax_split
from ...domain.money import Money
from ...domain.order_view import OrderView
from ...domain.orders import ENDED
from . import wording
from .bay_page import Moment
from .texts import Texts

type Row = tuple[str, str]

_BP_PER_PERCENT = 100
_GST_CURRENCY = "INR"
_SECONDS_UNSAID_MS = 600_000
"""From here on people read a time without its seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """The merchant's lines, and rows of a name and a value."""

    merchant: tuple[str, ...]
    rows: tuple[Row, ...]
    is_paid: bool


def receipt(view: OrderView, merchant: Merchant, moment: Moment, t: Texts) -> Receipt:
    """Return the receipt of an order as it stands."""
    rows = (
        *_bought(view, t),
        *_paid(view, moment, t),
        *_delivered(view, t),
        *_refunds(view, moment, t),
        *_tax(view, merchant, t),
    )
    head = (merchant.name, *merchant.address.splitlines()) if view.payments else ()
    return Receipt(
        merchant=tuple(line.strip() for line in head if line.strip()),
        rows=rows,
        is_paid=bool(view.payments),
    )


def _bought(view: OrderView, t: Texts) -> Iterator[Row]:
    order = view.order
    yield t("row_order"), order.id
    if order.bay_name:
        yield t("row_place"), order.bay_name
    yield t("row_plan"), order.plan_name
    yield t("row_price"), wording.money(order.price) if order.price.minor else t("free")
    yield t("row_bought"), wording.duration(t, order.owed_ms)


def _paid(view: OrderView, moment: Moment, t: Texts) -> Iterator[Row]:
    for payment in view.payments:
        yield t("row_paid"), wording.money(payment.amount)
        yield t("row_paid_at"), wording.date_of(t, payment.created_ms, moment.zone)
        yield t("row_payment"), payment.id
        if payment.rrn:
            yield t("row_rrn"), payment.rrn


def _delivered(view: OrderView, t: Texts) -> Iterator[Row]:
    if view.deliveries and view.order.state in ENDED:
        yield t("row_got"), wording.duration(t, view.delivered_ms)
    if view.deliveries and view.delivered_ms >= _SECONDS_UNSAID_MS:
        seconds = view.delivered_ms // 1000
        yield t("row_got_seconds"), t("unit_s", count=seconds)
    if view.delivered_mwh is not None:
        yield t("row_energy"), wording.energy(view.delivered_mwh)


def _refunds(view: OrderView, moment: Moment, t: Texts) -> Iterator[Row]:
    for refund in view.refunds:
        if refund.provider_id:
            amount = wording.money(refund.amount)
            at = wording.date_of(t, refund.updated_ms, moment.zone)
            yield t("row_refund"), f"{refund.provider_id}, {amount}, {at}"
    if view.refunded.minor:
        yield t("row_refunded"), wording.money(view.refunded)
    if kept := _kept_after_refunds(view):
        yield t("row_kept"), wording.money(kept)


def _kept_after_refunds(view: OrderView) -> Money | None:
    """Return what a customer has paid in the end; None if nothing goes back."""
    if not view.refunded.minor and not view.refund_pending.minor:
        return None
    return view.net - view.refund_pending


def _tax(view: OrderView, merchant: Merchant, t: Texts) -> Iterator[Row]:
    """Yield the tax within what the merchant keeps."""
    if not merchant.gstin or not view.payments:
        return
    yield t("row_gstin"), merchant.gstin
    if merchant.sac:
        yield t("row_sac"), merchant.sac
    kept = view.net - view.refund_pending
    if kept.currency != _GST_CURRENCY or kept.minor <= 0 or not merchant.tax_bp:
        return
    split, rate = tax_split(kept, merchant.tax_bp), _half_rate(merchant.tax_bp)
    yield t("row_taxable"), wording.money(split.taxable)
    yield t("row_cgst", rate=rate), wording.money(split.cgst)
    yield t("row_sgst", rate=rate), wording.money(split.sgst)


def _half_rate(tax_bp: int) -> str:
    """Return `9 %` for 1800 basis points."""
    half = Decimal(tax_bp) / 2 / _BP_PER_PERCENT
    return f"{half.normalize():f}\u00a0%"
