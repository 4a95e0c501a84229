"""A bay's rules, as the owner set them."""

from dataclasses import dataclass
from enum import StrEnum

from .amounts import OddAmountPolicy
from .hours import OpeningHours


class StartMode(StrEnum):
    """Who switches a paid bay on."""

    DIRECT = "direct"
    AUTOMATION = "automation"


class ClaimFallback(StrEnum):
    """What happens when no automation claimed a paid order in time."""

    START = "start"
    REFUND = "refund"


class BusyPolicy(StrEnum):
    """What becomes of a payment for a bay that serves somebody."""

    TOP_UP = "top_up"
    """It queues, and the relay stays on for it."""
    REFUND = "refund"


class RestPolicy(StrEnum):
    """What becomes of the rest of the money when a session ends early."""

    REFUND_REST = "refund_rest"
    KEEP = "keep"


class DriverKind(StrEnum):
    """What kind of relay a bay has."""

    SWITCH = "switch"
    BRIDGE = "bridge"
    ESPHOME = "esphome"


class BayStatus(StrEnum):
    """What a bay does now."""

    AVAILABLE = "available"
    RESERVED = "reserved"
    STARTING = "starting"
    CHARGING = "charging"
    PAUSED = "paused"
    OFFLINE = "offline"
    PROBLEM = "problem"
    OUT_OF_SERVICE = "out_of_service"


@dataclass(frozen=True, slots=True, kw_only=True)
class BayConfig:
    """One charging place. Windows and timeouts in seconds.

    `energy_meter` and `power_meter` are the registry ids (or entity ids) of sensors,
    `meter_silence_s` is how long they may say nothing before time alone decides, and
    a load of `plugged_w` watts or more is something plugged in. A start must show a
    load within `load_within_s` of the relay's proof; None: that proof is enough.

    `odd_amount` and the least and most in minor units (None: no limit) are for money
    that comes by a printed QR code without an amount. `relay` is the entity's present
    id, `relay_key` what a rename does not change.
    """

    id: str
    name: str
    relay: str
    relay_key: str = ""
    plan_codes: tuple[str, ...]
    start_mode: StartMode = StartMode.DIRECT
    claim_fallback: ClaimFallback = ClaimFallback.START
    claim_window_s: int = 10
    start_window_s: int = 300
    resume_window_s: int = 600
    confirm_timeout_s: int = 5
    auto_off: str | None = None
    auto_off_s: int = 0
    odd_amount: OddAmountPolicy = OddAmountPolicy.PRO_RATA
    min_amount_minor: int = 0
    max_amount_minor: int | None = None
    busy: BusyPolicy = BusyPolicy.TOP_UP
    max_queue_s: int = 4 * 3600
    rest: RestPolicy = RestPolicy.REFUND_REST
    customer_stop: bool = True
    hours: OpeningHours | None = None
    daily_cap_min: int = 0
    energy_meter: str | None = None
    power_meter: str | None = None
    meter_silence_s: int = 300
    plugged_w: int | None = None
    load_within_s: int | None = None

    @property
    def metered(self) -> bool:
        """Whether energy can be sold here."""
        return self.energy_meter is not None or self.power_meter is not None
