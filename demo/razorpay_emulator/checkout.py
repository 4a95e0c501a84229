"""What customers do: pay a link, pay another shop, dispute a payment."""

from collections.abc import Callable
from typing import Literal, get_args

from .books import Books
from .errors import Json
from .models import Link, Order, Payment
from .payments import attempt, authorize, fail, settle
from .shapes import payment_json

type Outcome = Literal["success", "fail", "fail_then_capture", "authorize", "pending"]
OUTCOMES: tuple[str, ...] = get_args(Outcome.__value__)

type Step = Callable[[Books, Payment], None]

_STEPS: dict[Outcome, tuple[Step, ...]] = {
    "success": (settle,),
    "fail": (fail,),
    "fail_then_capture": (fail, settle),
    "authorize": (authorize,),
    "pending": (),
}


def pay(
    books: Books,
    link: Link,
    outcome: Outcome = "success",
    *,
    amount: int | None = None,
    hours_late: float = 0,
) -> Payment:
    """Let a customer try to pay a link.

    `hours_late` puts the payment's `created_at` that far into the past: the bank
    answered late. The link need not be open any more: a payment in flight is not
    stopped by a cancel.
    """
    order = order_of(books, link)
    paise = amount or link.amount_due or link.amount
    payment = attempt(books, order, paise, hours_late=hours_late)
    payment.description = f"#{link.id.removeprefix('plink_')}"
    if books.quirks.copy_link_notes:
        payment.notes = dict(link.notes)
    for step in _STEPS[outcome]:
        step(books, payment)
    return payment


def order_of(books: Books, link: Link) -> Order:
    """Return the order behind a link, and make it if there is none yet."""
    if not link.order_id:
        order = _new_order(books, link.amount, link.currency)
        order.receipt = link.reference_id or None
        order.link_id = link.id
        order.notes = dict(link.notes)
        link.order_id = order.id
    return books.orders[link.order_id]


def foreign_payment(books: Books, amount: int) -> Payment:
    """Let somebody pay another shop on the same account."""
    order = _new_order(books, amount, "INR")
    order.receipt = f"shop-{books.ids.bare(6)}"
    payment = attempt(books, order, amount)
    payment.description = "Another shop"
    settle(books, payment)
    return payment


def dispute(books: Books, payment: Payment) -> Json:
    """Let the customer's bank dispute a payment."""
    now = books.clock.now()
    entity: Json = {
        "id": books.ids.new("disp"),
        "entity": "dispute",
        "payment_id": payment.id,
        "amount": payment.amount,
        "amount_deducted": 0,
        "currency": payment.currency,
        "reason_code": "goods_or_services_not_provided",
        "respond_by": now + 7 * 24 * 3600,
        "status": "open",
        "phase": "chargeback",
        "evidence": {},
        "created_at": now,
    }
    books.emit("payment.dispute.created", payment=payment_json(payment), dispute=entity)
    return entity


def _new_order(books: Books, amount: int, currency: str) -> Order:
    now = books.clock.now()
    order = Order(
        id=books.ids.new("order"),
        amount=amount,
        currency=currency,
        created_at=now,
        updated_at=now,
    )
    books.orders[order.id] = order
    return order
