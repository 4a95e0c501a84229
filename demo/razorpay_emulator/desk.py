"""The operator's desk: everything a test or a person can make happen."""

from dataclasses import asdict

from . import checkout, links, payments, qr_codes, refunds
from .api.edge import Core
from .books import Books
from .checkout import OUTCOMES, Outcome
from .clock import Clock
from .errors import Json
from .faults import Faults, Quirks
from .link_shapes import link_json
from .models import Link, Payment, QrCode, Refund, RefundStatus
from .qr_shapes import qr_json, upi_text
from .shapes import order_json, payment_json, refund_json
from .webhooks import Webhooks


class Desk:
    """Methods for what customers, banks and Razorpay's own dashboard do."""

    def __init__(self, core: Core) -> None:
        self.core = core

    @property
    def books(self) -> Books:
        """Return all links, QR codes, orders, payments and refunds."""
        return self.core.books

    @property
    def clock(self) -> Clock:
        """Return the clock; `advance(seconds)` moves it."""
        return self.books.clock

    @property
    def faults(self) -> Faults:
        """Return the fault knobs."""
        return self.books.faults

    @property
    def quirks(self) -> Quirks:
        """Return the choices where Razorpay's behaviour varies."""
        return self.books.quirks

    @property
    def webhooks(self) -> Webhooks:
        """Return the endpoints, the events and the delivery log."""
        return self.core.webhooks

    async def idle(self) -> None:
        """Wait until no webhook is on its way (retries that wait do not count)."""
        await self.webhooks.idle()

    def link(self, name: str) -> Link:
        """Find a link by id, reference id or page code. Raises KeyError."""
        for link in self.books.links.values():
            if name in (link.id, link.reference_id, link.code):
                return link
        raise KeyError(name)

    def pay(
        self,
        name: str,
        outcome: Outcome = "success",
        *,
        amount: int | None = None,
        hours_late: float = 0,
        in_flight: bool = False,
    ) -> Payment:
        """Pay a link as a customer would.

        `amount` in paise is for links that accept parts. `in_flight` pays a link
        that takes no payment any more: the customer had begun before it closed.
        Raises KeyError for an unknown link, ValueError when it cannot be paid.
        """
        link = self.link(name)
        if outcome not in OUTCOMES:
            raise ValueError(f"outcome must be one of {', '.join(OUTCOMES)}")
        if not in_flight and not links.is_payable(self.books, link):
            raise ValueError(f"the link takes no payment: {link.status}")
        return checkout.pay(
            self.books, link, outcome, amount=amount, hours_late=hours_late
        )

    def qr_code(self, name: str) -> QrCode:
        """Find a QR code by id, short code or the text in its picture.

        Raises KeyError.
        """
        for qr in self.books.qr_codes.values():
            if name in (qr.id, qr.code, upi_text(qr)):
                return qr
        raise KeyError(name)

    def scan(
        self,
        name: str,
        amount: int | None = None,
        *,
        hours_late: float = 0,
        in_flight: bool = False,
        airtel: bool = False,
    ) -> Payment:
        """Scan a QR code and pay; `amount` in paise is for open amounts only.

        `in_flight` pays a code that has closed meanwhile, `airtel` from the bank
        whose payers Razorpay refunds. Raises KeyError, or ValueError.
        """
        qr = self.qr_code(name)
        if not in_flight and not qr.is_open:
            raise ValueError("the QR code is closed")
        paise = qr.payment_amount or amount
        if paise is None or (amount is not None and amount != paise):
            raise ValueError(f"the payer pays {qr.payment_amount or 'a typed amount'}")
        return qr_codes.scan(
            self.books, qr, paise, hours_late=hours_late, airtel=airtel
        )

    def close_qr_code(self, name: str) -> QrCode:
        """Close a QR code in Razorpay's dashboard."""
        qr = self.qr_code(name)
        qr_codes.close(self.books, qr)
        return qr

    def settle(self, payment_id: str) -> Payment:
        """Let the bank say yes to a pending or failed payment after all."""
        payment = self.books.payment(payment_id)
        if payment.status not in ("created", "failed"):
            raise ValueError(f"the payment is {payment.status}")
        payments.settle(self.books, payment)
        return payment

    def fail(self, payment_id: str) -> Payment:
        """Let the bank say no to a pending payment."""
        payment = self.books.payment(payment_id)
        if payment.status != "created":
            raise ValueError(f"the payment is {payment.status}")
        payments.fail(self.books, payment)
        return payment

    def expire(self, name: str) -> Link:
        """Expire a link now, whatever the clock says."""
        link = self.link(name)
        links.expire(self.books, link)
        return link

    def refund(self, payment_id: str, amount: int | None = None) -> Refund:
        """Refund in Razorpay's dashboard, without a word to the merchant's system.

        Raises ApiError as the API does.
        """
        payment = self.books.payment(payment_id)
        made = refunds.refund(self.books, payment, {"amount": amount})
        refunds.fail_if_told(self.books, made)
        return made

    def settle_refund(
        self, refund_id: str, status: RefundStatus = "processed"
    ) -> Refund:
        """End a pending refund as `processed` or `failed`."""
        made = self.books.refund(refund_id)
        refunds.settle_refund(self.books, made, status)
        return made

    def foreign_payment(self, amount: int = 25_000) -> Payment:
        """Let somebody pay another shop on the same account."""
        return checkout.foreign_payment(self.books, amount)

    def dispute(self, payment_id: str) -> Json:
        """Let a bank dispute a payment, and return the dispute."""
        return checkout.dispute(self.books, self.books.payment(payment_id))

    def snapshot(self) -> Json:
        """Return the books, the post and the knobs as JSON."""
        books, webhooks = self.books, self.webhooks
        return {
            "key_id": books.key_id,
            "links": [link_json(books, link) for link in books.links.values()],
            "qr_codes": [qr_json(books, qr) for qr in books.qr_codes.values()],
            "orders": [order_json(order) for order in books.orders.values()],
            "payments": [payment_json(each) for each in books.payments.values()],
            "refunds": [refund_json(each) for each in books.refunds.values()],
            "events": [
                {"id": event.id, "event": event.name, "at": event.happened_at}
                | {"entities": event.entity_ids}
                for event in webhooks.events.values()
            ],
            "deliveries": [attempt.as_json() for attempt in webhooks.log],
            "endpoints": [
                {"url": each.url, "enabled": each.enabled}
                for each in webhooks.endpoints
            ],
            "faults": self.faults.as_json(),
            "quirks": asdict(self.quirks),
            "clock": {
                "now": self.clock.now(),
                "scale": self.clock.scale,
                "retry_scale": webhooks.retry_scale,
                "offset_s": round(self.clock.offset_s, 3),
            },
        }
