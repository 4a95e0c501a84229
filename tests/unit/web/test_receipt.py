"""The receipt: what it says, and that its sums are right."""

from dataclasses import replace
from datetime import UTC

import pytest

from custom_components.paybay.domain.merchant import Merchant
from custom_components.paybay.domain.money import Money
from custom_components.paybay.domain.order_view import (
    DeliveryView,
    OrderView,
    PaymentView,
    RefundView,
)
from custom_components.paybay.domain.orders import Order, OrderState
from custom_components.paybay.domain.refunds import RefundState
from custom_components.paybay.web.customer.bay_page import Moment
from custom_components.paybay.web.customer.receipt import receipt
from custom_components.paybay.web.customer.texts import texts_in

EN = texts_in("en")
MOMENT = Moment(now_ms=1_800_000_000_000, zone=UTC)
GREEN = Merchant(
    name="Green Corner", address="Street 1\n Pune ", gstin="27X", sac="9987"
)


def order(state: OrderState = OrderState.COMPLETED) -> Order:
    return Order(
        id="ord_1",
        site_id="site",
        bay_id="bay_1",
        bay_name="Bay 1",
        plan_code="ten_min",
        plan_name="Ten min",
        price=Money(1000, "INR"),
        owed_ms=600_000,
        watch_code="w" * 32,
        created_ms=MOMENT.now_ms,
        offer_ends_ms=MOMENT.now_ms,
        state=state,
        ran_ms=603_900,
    )


PAYMENT = PaymentView(
    id="pay_1",
    amount=Money(1000, "INR"),
    verdict="credited",
    channel="webhook",
    created_ms=MOMENT.now_ms,
    seen_ms=MOMENT.now_ms,
    method="upi",
    rrn="123456789012",
    fee_minor=None,
    tax_minor=None,
    refunded_minor=0,
)
DELIVERY = DeliveryView(
    started_ms=0,
    ended_ms=1,
    planned_ms=600_000,
    ran_ms=603_900,
    ran_mwh=1_250_000,
    state="ended",
    reason=None,
)
REFUND = RefundView(
    key="k",
    payment_id="pay_1",
    provider_id="rfnd_1",
    amount=Money(500, "INR"),
    state=RefundState.SENT,
    reason="rest",
    approved_by=None,
    problem=None,
    created_ms=MOMENT.now_ms,
    updated_ms=MOMENT.now_ms,
)
VIEW = OrderView(order=order(), payments=(PAYMENT,), deliveries=(DELIVERY,))


def rows(view: OrderView, merchant: Merchant = GREEN) -> dict[str, str]:
    return dict(receipt(view, merchant, MOMENT, EN).rows)


def test_it_proves_what_was_bought_paid_and_delivered() -> None:
    told = rows(VIEW)
    assert told["Order"] == "ord_1"
    assert told["Payment ID"] == "pay_1"
    assert told["Bank reference (RRN)"] == "123456789012"
    assert told["Seconds delivered"] == "603 s"
    assert told["Energy"] == "1.25 kWh"
    assert receipt(VIEW, GREEN, MOMENT, EN).merchant == (
        "Green Corner",
        "Street 1",
        "Pune",
    )


def test_with_a_gstin_it_splits_the_tax() -> None:
    told = rows(VIEW)
    assert told["GSTIN"] == "27X"
    assert told["SAC"] == "9987"
    assert told["Value before tax"] == "₹8.48"
    assert told["CGST 9\u00a0%"] == told["SGST 9\u00a0%"] == "₹0.76"


def test_the_tax_is_of_what_is_kept_also_while_a_refund_waits() -> None:
    half = replace(PAYMENT, refunded_minor=500)
    sent = replace(VIEW, payments=(half,), refunds=(REFUND,))
    waiting = replace(REFUND, provider_id=None, state=RefundState.DUE)
    for view in (sent, replace(VIEW, refunds=(waiting,))):
        told = rows(view)
        assert told["Paid in the end"] == "₹5"
        assert told["Value before tax"] == "₹4.24"
        assert told["CGST 9\u00a0%"] == told["SGST 9\u00a0%"] == "₹0.38"
    assert rows(sent)["Refund ID"].startswith("rfnd_1, ₹5, ")


def test_without_a_gstin_there_is_no_word_of_tax() -> None:
    told = rows(VIEW, replace(GREEN, gstin=""))
    assert not {"GSTIN", "SAC", "Value before tax"} & told.keys()


@pytest.mark.parametrize("half", ["2.5", "14", "0.25"])
def test_rates_are_exact(half: str) -> None:
    bp = round(float(half) * 200)
    assert f"CGST {half}\u00a0%" in rows(VIEW, replace(GREEN, tax_bp=bp))


def test_all_given_back_leaves_nothing_to_tax() -> None:
    all_back = replace(PAYMENT, refunded_minor=1000)
    told = rows(replace(VIEW, payments=(all_back,)))
    assert told["Paid in the end"] == "₹0"
    assert "Value before tax" not in told


def test_an_unpaid_order_has_no_seller_and_no_tax() -> None:
    unpaid = OrderView(order=order(OrderState.CREATED))
    made = receipt(unpaid, GREEN, MOMENT, EN)
    assert made.merchant == ()
    assert not made.is_paid
    assert "GSTIN" not in dict(made.rows)
