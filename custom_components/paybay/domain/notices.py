"""Notices: what a provider said about money, whichever way it reached us."""

from dataclasses import dataclass
from enum import StrEnum

from .links import LinkTag
from .money import Money
from .qr_codes import QrTag


class Channel(StrEnum):
    """How a notice reached us."""

    WEBHOOK = "webhook"
    POLL = "poll"
    RETURN = "return"


class PaymentStatus(StrEnum):
    """A payment's own state at the provider."""

    CREATED = "created"
    AUTHORIZED = "authorized"
    CAPTURED = "captured"
    REFUNDED = "refunded"
    FAILED = "failed"


class LinkStatus(StrEnum):
    """A payment link's own state at the provider."""

    CREATED = "created"
    PARTIALLY_PAID = "partially_paid"
    PAID = "paid"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentFact:
    """A payment as the provider describes it; no personal data.

    `created_s` is the payment's own Unix time; `fee_minor` includes `tax_minor`.
    `reference_id` is the order id that the payment itself carries, if it does.
    `qr` is what its notes say of the printed QR code it was made on, if they do.
    """

    id: str
    status: PaymentStatus
    amount: Money
    created_s: int
    method: str | None = None
    rrn: str | None = None
    fee_minor: int | None = None
    tax_minor: int | None = None
    refunded_minor: int = 0
    reference_id: str | None = None
    qr: QrTag | None = None

    @property
    def captured(self) -> bool:
        """Whether the money was taken (a refund later does not undo that)."""
        return self.status in (PaymentStatus.CAPTURED, PaymentStatus.REFUNDED)


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkFact:
    """A payment link as the provider describes it.

    `tag` is what its notes say of it, None unless a PayBay site made it.
    """

    id: str
    reference_id: str | None
    status: LinkStatus
    amount: Money
    url: str
    tag: LinkTag | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class QrFact:
    """A printed QR code as the provider describes it.

    `amount` is None where the payer types one; `text` is what the code itself says,
    known to some accounts only. `payments` counts captured ones and may lag behind.
    """

    id: str
    active: bool
    amount: Money | None
    image_url: str
    created_s: int
    text: str | None = None
    payments: int = 0
    tag: QrTag | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundFact:
    """A refund as the provider describes it. `status`: pending, processed, failed.

    `key` is our idempotency key, None for a refund that PayBay did not ask for.
    """

    id: str
    payment_id: str
    amount: Money
    status: str
    key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One thing a provider said.

    `kind` is the provider's own event name (`payment.captured`), or `poll.*`;
    `event_id` is its unique id, only webhooks have one. `reference_id` is our order
    id where the message carries it.
    """

    channel: Channel
    kind: str
    event_id: str | None = None
    payment: PaymentFact | None = None
    link: LinkFact | None = None
    qr: QrFact | None = None
    refund: RefundFact | None = None
    reference_id: str | None = None
