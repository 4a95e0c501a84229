"""Plans: a price and what it buys."""

from dataclasses import dataclass
import re

from .money import Money

MIN_PRICE_MINOR = 100
"""Razorpay's floor: one rupee."""
MAX_PRICE_MINOR = 10_000_000
"""UPI's person-to-merchant limit of 1,00,000 rupees a payment."""
MAX_DURATION_S = 24 * 3600
CODE = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")


class PlanError(ValueError):
    """A plan that cannot be sold; `key` names the field at fault.

    `reason` is the translation key of the message shown in forms.
    """

    def __init__(self, key: str, reason: str, message: str) -> None:
        """Remember the field and the reason."""
        super().__init__(message)
        self.key = key
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """`price` buys `duration_s` seconds (and at most `energy_wh`, if set)."""

    code: str
    name: str
    price: Money
    duration_s: int
    energy_wh: int | None = None

    def __post_init__(self) -> None:
        """Refuse what the provider or a device would refuse later."""
        _check_code(self.code)
        _check_price(self.price)
        _check_duration(self.duration_s)
        if self.energy_wh is not None and self.energy_wh <= 0:
            raise PlanError("energy_wh", "plan_energy", "energy_wh must be above 0")

    @property
    def free(self) -> bool:
        """Whether the plan costs nothing."""
        return self.price.minor == 0

    @property
    def owed_ms(self) -> int:
        """What the plan promises, in milliseconds."""
        return self.duration_s * 1000


def _check_code(code: str) -> None:
    if not CODE.fullmatch(code):
        message = f"{code!r}: a code is 1 to 40 of a-z, 0-9, _ and -"
        raise PlanError("code", "plan_code", message)


def _check_price(price: Money) -> None:
    if price.minor != 0 and not MIN_PRICE_MINOR <= price.minor <= MAX_PRICE_MINOR:
        message = f"amount must be 0 (free) or from 1.00 to 100000.00, not {price}"
        raise PlanError("amount", "plan_amount", message)


def _check_duration(duration_s: int) -> None:
    if not 1 <= duration_s <= MAX_DURATION_S:
        message = f"duration must be 1 second to 24 hours, not {duration_s} s"
        raise PlanError("duration", "plan_duration", message)
