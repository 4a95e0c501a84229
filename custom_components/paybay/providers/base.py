"""All that PayBay asks of a payment company."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from ..domain.links import LinkTag
from ..domain.money import Money
from ..domain.notices import Channel, LinkFact, Notice, PaymentFact, QrFact, RefundFact
from ..domain.qr_codes import QrTag


class ProviderError(Exception):
    """The provider could not do what was asked; nothing is known to have changed."""


class ProviderAuthError(ProviderError):
    """The keys were refused."""


class ProviderUnavailableError(ProviderError):
    """No usable answer: network, timeout, throttling or a fault on their side.

    The request may have been carried out all the same. `status` is that of the
    HTTP answer, if there was one that said so itself.
    """

    def __init__(self, description: str = "", status: int | None = None) -> None:
        """Keep what the provider said."""
        super().__init__(description)
        self.status = status


class ProviderRefusedError(ProviderError):
    """The provider understood and said no; `description` is its own text."""

    def __init__(self, description: str, status: int, field_name: str | None) -> None:
        """Keep what the provider said."""
        super().__init__(description)
        self.description = description
        self.status = status
        self.field_name = field_name


class ProviderBalanceError(ProviderRefusedError):
    """The account does not hold enough money for this refund today."""


class ProviderFeatureError(ProviderRefusedError):
    """The account cannot do this until the provider's support enables it.

    With a `status` of 500 or more that is likely but not certain.
    """


class MalformedEventError(ProviderError):
    """A signed message that does not have the shape the provider documents."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkRequest:
    """What a payment link is asked for. `expires_s` is Unix seconds.

    The link carries `tag` in its notes, and gives it back.
    """

    reference_id: str
    amount: Money
    description: str
    expires_s: int
    tag: LinkTag | None = None
    notes: Mapping[str, str] = field(default_factory=dict)
    callback_url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkDetails:
    """A link and the payments made on it, newest state."""

    link: LinkFact
    payments: tuple[PaymentFact, ...] = ()

    def notices(self, channel: Channel, kind: str) -> list[Notice]:
        """Return what the link says: a notice for each captured payment, or one."""
        found: list[PaymentFact | None] = [p for p in self.payments if p.captured]
        return [
            Notice(
                channel=channel,
                kind=kind,
                payment=payment,
                link=self.link,
                reference_id=self.link.reference_id,
            )
            for payment in found or [None]
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkReturn:
    """What a browser says when it comes back from paying a link, signed."""

    link_id: str
    reference_id: str


class Capability(StrEnum):
    """What not every payment company can do."""

    LINKS = "links"
    PRINTED_QR = "printed_qr"
    REFUNDS = "refunds"


@dataclass(frozen=True, slots=True, kw_only=True)
class QrRequest:
    """What a printed QR code is asked for: for many payments, without an end.

    `amount` None lets each payer type one. `name` is for the owner's eyes,
    `description` is printed.
    """

    tag: QrTag
    name: str
    description: str
    amount: Money | None
    notes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Poster:
    """A picture with a QR code, ready to be printed."""

    content_type: str
    image: bytes


class PaymentProvider(Protocol):
    """One account at one payment company.

    Every method raises ProviderAuthError, ProviderUnavailableError or
    ProviderRefusedError; none blocks the event loop.
    """

    @property
    def test_mode(self) -> bool:
        """Whether the keys move no real money."""

    @property
    def capabilities(self) -> frozenset[Capability]:
        """What this company offers; an account may still lack a feature."""

    @property
    def min_link_life_s(self) -> int:
        """How long a link must live at least, in seconds."""

    def watch_time(self, on_time: Callable[[int], None]) -> None:
        """Call back, in any thread, with the provider's Unix ms as its answers tell."""

    async def check(self) -> None:
        """Make one cheap real call to see that the keys work."""

    async def create_link(self, request: LinkRequest) -> LinkFact:
        """Create a payment link; the same `reference_id` never makes two.

        After a timeout or a "reference ID already attempted" the link is looked up
        by its reference id before giving up.
        """

    async def fetch_link(self, link_id: str) -> LinkDetails:
        """Return a link with its payments."""

    async def find_link(
        self, *, reference_id: str | None = None, payment_id: str | None = None
    ) -> LinkDetails | None:
        """Return the link with this reference, or the one a payment was made on."""

    async def cancel_link(self, link_id: str) -> LinkDetails:
        """Cancel a link and return where it stands now: a payment may have won."""

    async def create_qr(self, request: QrRequest) -> QrFact:
        """Create a printed QR code for many payments.

        After a timeout it is looked for by its key before giving up: the same key
        never makes two as long as the provider lists what it has made. Raise
        ProviderFeatureError too.
        """

    async def fetch_qr(self, qr_id: str) -> QrFact:
        """Return a printed QR code as it stands now."""

    async def find_qr(
        self, *, key: str | None = None, payment_id: str | None = None
    ) -> QrFact | None:
        """Return the QR code with our key, or the one a payment was made on."""

    async def list_qrs(self) -> list[QrFact]:
        """Return all QR codes of the account, other shops' too."""

    async def close_qr(self, qr_id: str) -> QrFact:
        """Close a QR code and return where it stands now.

        ProviderRefusedError: the provider lets it be paid all the same.
        """

    async def qr_payments(
        self, qr_id: str, from_s: int, to_s: int
    ) -> list[PaymentFact]:
        """Return what was paid on a QR code in this span of Unix time, any state."""

    async def fetch_poster(self, image_url: str) -> Poster:
        """Return the picture of a QR code; raise ProviderRefusedError for any other.

        Only the provider's own addresses are asked.
        """

    async def payments_between(self, from_s: int, to_s: int) -> list[PaymentFact]:
        """Return all payments created in this span of Unix time, any state."""

    async def refund(self, payment_id: str, amount: Money, key: str) -> RefundFact:
        """Refund `amount` of a payment; the same `key` never refunds twice.

        Raise ProviderBalanceError too, when the account cannot pay it today.
        """

    async def fetch_payment(self, payment_id: str) -> PaymentFact:
        """Return a payment as it stands now."""

    async def fetch_refund(self, refund_id: str) -> RefundFact:
        """Return a refund as it stands now."""

    async def refunds_of(self, payment_id: str) -> list[RefundFact]:
        """Return all refunds of a payment, whoever asked for them."""

    def verify(self, body: bytes, signature: str) -> bool:
        """Return whether the raw body carries a signature of ours; never raise."""

    def parse(self, body: bytes, event_id: str | None) -> Notice:
        """Read a verified body; raise MalformedEventError if it has no known shape."""

    def read_return(self, query: Mapping[str, str]) -> LinkReturn | None:
        """Read the parameters a browser came back with; None unless signed.

        Never raise. It proves that a link was paid once, not what came of it.
        """
