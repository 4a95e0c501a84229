"""The emulator's books: everything it knows, and the events it has to tell."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from .clock import Clock
from .errors import ID_UNKNOWN, ApiError, Json, LinkError
from .events import Event, build_event
from .faults import Faults, Quirks
from .ids import Ids, is_id
from .listing import Dated
from .models import Link, Order, Payment, QrCode, Refund


@dataclass(kw_only=True)
class Idempotent:
    """A refund request remembered by its key; no answer yet means in progress."""

    request: Json
    answer: Json | None = None
    error: ApiError | None = None


@dataclass(kw_only=True)
class Books:
    """All state of one emulated account."""

    clock: Clock
    ids: Ids
    key_id: str
    faults: Faults = field(default_factory=Faults)
    quirks: Quirks = field(default_factory=Quirks)
    base_url: str = ""
    links: dict[str, Link] = field(default_factory=dict)
    qr_codes: dict[str, QrCode] = field(default_factory=dict)
    orders: dict[str, Order] = field(default_factory=dict)
    payments: dict[str, Payment] = field(default_factory=dict)
    refunds: dict[str, Refund] = field(default_factory=dict)
    idempotency: dict[str, Idempotent] = field(default_factory=dict)
    account_id: str = ""
    tell: Callable[[Event], None] = lambda _event: None

    def __post_init__(self) -> None:
        """Name the account."""
        self.account_id = self.account_id or self.ids.new("acc")

    @property
    def test_mode(self) -> bool:
        """Tell whether the key is a test key."""
        return not self.key_id.startswith("rzp_live_")

    def emit(self, name: str, **entities: Json) -> None:
        """Tell of an event, with each entity as it stands now."""
        self.tell(
            build_event(
                name,
                entities,
                ids=self.ids,
                account_id=self.account_id,
                now=self.clock.now(),
                shuffle=self.quirks.shuffle_keys,
            )
        )

    def listed[T: Dated](self, items: Iterable[T]) -> list[T]:
        """Return what lists show already."""
        until = self.clock.now() - self.quirks.list_lag_s
        return [item for item in items if item.created_at <= until]

    def link(self, link_id: str) -> Link:
        """Return a link, or refuse as the payment links service does."""
        if not is_id("plink", link_id):
            stripped = link_id.removeprefix("plink_")
            msg = f"invalid input [strippedId] = [{stripped}]"
            raise LinkError(msg)
        if link_id not in self.links:
            raise LinkError(ID_UNKNOWN)
        return self.links[link_id]

    def qr_code(self, qr_id: str) -> QrCode:
        """Return a QR code, or refuse."""
        return _find(self.qr_codes, "qr", qr_id)

    def order(self, order_id: str) -> Order:
        """Return an order, or refuse."""
        return _find(self.orders, "order", order_id)

    def payment(self, payment_id: str) -> Payment:
        """Return a payment, or refuse."""
        return _find(self.payments, "pay", payment_id)

    def refund(self, refund_id: str) -> Refund:
        """Return a refund, or refuse."""
        return _find(self.refunds, "rfnd", refund_id)

    def link_of(self, payment: Payment) -> Link | None:
        """Return the link a payment was made on, if it was made on one."""
        order = self.orders.get(payment.order_id or "")
        return self.links.get(order.link_id or "") if order else None


def _find[T](kept: dict[str, T], prefix: str, wanted: str) -> T:
    if not is_id(prefix, wanted):
        msg = f"{wanted} is not a valid id"
        raise ApiError(msg)
    if wanted not in kept:
        raise ApiError(ID_UNKNOWN)
    return kept[wanted]
