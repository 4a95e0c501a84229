"""What the emulator keeps: links, QR codes, orders, payments and refunds.

Amounts are paise, times are Unix seconds, 0 means not set.
"""

from dataclasses import dataclass, field
from typing import Literal

from .errors import Json

type LinkStatus = Literal["created", "partially_paid", "paid", "cancelled", "expired"]
type PaymentStatus = Literal["created", "authorized", "captured", "refunded", "failed"]
type QrUsage = Literal["single_use", "multiple_use"]
type RefundStatus = Literal["pending", "processed", "failed"]
type Notes = dict[str, str]


@dataclass(kw_only=True)
class Link:
    """A payment link: one offer to one customer.

    `lateness` (0 to 1) says how late within the known lags its expiry is noticed.
    """

    id: str
    code: str
    amount: int
    currency: str
    created_at: int
    updated_at: int
    expire_by: int
    lateness: float = 0.0
    status: LinkStatus = "created"
    amount_paid: int = 0
    reference_id: str = ""
    description: str = ""
    accept_partial: bool = False
    first_min_partial_amount: int = 0
    upi_link: bool = False
    customer: Json = field(default_factory=dict)
    notes: Notes = field(default_factory=dict)
    notify: Json = field(default_factory=dict)
    reminder_enable: bool = False
    callback_url: str = ""
    callback_method: str = ""
    order_id: str = ""
    payment_ids: list[str] = field(default_factory=list)
    expired_at: int = 0
    cancelled_at: int = 0

    @property
    def is_open(self) -> bool:
        """Tell whether the offer still stands."""
        return self.status in ("created", "partially_paid")

    @property
    def amount_due(self) -> int:
        """Return what is still to be paid."""
        return self.amount - self.amount_paid


@dataclass(kw_only=True)
class QrCode:
    """A UPI QR code: printed once, paid by whoever scans it.

    Without an amount the payer types one; a single-use code closes when paid or at
    `close_by`.
    """

    id: str
    code: str
    usage: QrUsage
    created_at: int
    name: str = ""
    description: str = ""
    fixed_amount: bool = False
    payment_amount: int | None = None
    customer_id: str | None = None
    notes: Notes = field(default_factory=dict)
    close_by: int | None = None
    closed_at: int | None = None
    close_reason: Literal["on_demand", "paid"] | None = None
    status: Literal["active", "closed"] = "active"
    amount_received: int = 0
    payments_received: int = 0

    @property
    def is_open(self) -> bool:
        """Tell whether it takes payments."""
        return self.status == "active"


@dataclass(kw_only=True)
class Order:
    """The order behind a link, made when its page is first opened."""

    id: str
    amount: int
    currency: str
    created_at: int
    updated_at: int
    receipt: str | None = None
    link_id: str | None = None
    notes: Notes = field(default_factory=dict)
    amount_paid: int = 0
    attempts: int = 0
    status: Literal["created", "attempted", "paid"] = "created"


@dataclass(kw_only=True)
class Payment:
    """One attempt of a customer to pay an order."""

    id: str
    amount: int
    currency: str
    created_at: int
    order_id: str | None
    description: str
    rrn: str
    status: PaymentStatus = "created"
    captured: bool = False
    amount_refunded: int = 0
    notes: Notes = field(default_factory=dict)
    vpa: str | None = None
    fee: int | None = None
    tax: int | None = None
    error: Json | None = None
    captured_at: int = 0
    qr_id: str | None = None


@dataclass(kw_only=True)
class Refund:
    """Money on its way back to the customer."""

    id: str
    payment_id: str
    amount: int
    currency: str
    created_at: int
    speed: str
    rrn: str
    status: RefundStatus = "pending"
    receipt: str | None = None
    notes: Notes = field(default_factory=dict)
