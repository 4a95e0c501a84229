"""Printed QR codes: what a sticker promises, and how it ends."""

from dataclasses import dataclass
from enum import StrEnum

from .money import Money


class QrState(StrEnum):
    """Where a printed QR code stands."""

    ASKED = "asked"
    """The provider was asked for it, and has not answered yet."""
    ACTIVE = "active"
    RETIRING = "retiring"
    """Taken out of use here; the provider still lets it be paid. Money goes back."""
    RETIRED = "retired"


class QrMode(StrEnum):
    """What a payer can pay on it."""

    FIXED = "fixed"
    OPEN = "open"


@dataclass(frozen=True, slots=True, kw_only=True)
class QrTag:
    """What a QR code's notes say of it, copied onto its payments by Razorpay."""

    key: str
    bay_id: str | None = None
    site_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class QrCode:
    """A printed QR code as the ledger has it; it is never forgotten.

    `key` is our own name for it, in its notes at the provider. The plan, price,
    `owed_ms` and `energy_wh` are those shown when it was made, and kept as long as
    it hangs there: all None for an open amount. `text` is what the code says, where
    the provider tells; `test_mode` means that no UPI app can pay it. Times are Unix
    milliseconds.
    """

    key: str
    site_id: str
    bay_id: str
    bay_name: str
    state: QrState
    created_ms: int
    test_mode: bool = False
    plan_code: str | None = None
    plan_name: str | None = None
    price: Money | None = None
    owed_ms: int | None = None
    energy_wh: int | None = None
    provider_id: str | None = None
    image_url: str | None = None
    text: str | None = None
    closed_ms: int | None = None
    answer: str | None = None

    @property
    def mode(self) -> QrMode:
        """Whether it takes one amount or any."""
        return QrMode.OPEN if self.price is None else QrMode.FIXED

    @property
    def in_use(self) -> bool:
        """Whether a payment on it is to be served."""
        return self.state in (QrState.ASKED, QrState.ACTIVE)
