"""What a demo site consists of: plans, bays, keys and ports."""

from contextlib import ExitStack
from dataclasses import dataclass, field
import secrets
import socket

from .bays import AnyBay, BaySpec, EsphomeBay, PlainBay, Starter

OWNER = "owner"
OWNER_PASSWORD = "paybay-demo"


@dataclass(frozen=True, kw_only=True)
class PlanSpec:
    """A price and the seconds it buys, or less if its energy is used before."""

    code: str
    name: str
    rupees: int
    seconds: int
    energy_wh: int | None = None


@dataclass(frozen=True, kw_only=True)
class Ports:
    """Where the parts listen, on loopback."""

    broker: int
    emulator: int
    home_assistant: int
    esphome: int


@dataclass(frozen=True, kw_only=True)
class Keys:
    """The secrets of one run; `paybay_webhook` is what PayBay believes in."""

    key_id: str = "rzp_test_demo0000000001"
    key_secret: str = field(default_factory=secrets.token_hex)
    hook_id: str = field(default_factory=lambda: secrets.token_hex(16))
    webhook: str = field(default_factory=secrets.token_hex)
    paybay_webhook: str | None = None


@dataclass(frozen=True, kw_only=True)
class SiteSpec:
    """A whole site. The first plan is the shortest.

    One that is not `set_up` has its devices and no PayBay yet. `public_url` is what the
    owner told Home Assistant of its address; None: loopback.
    """

    plans: tuple[PlanSpec, ...]
    bays: tuple[BaySpec, ...]
    plain_bays: tuple[PlainBay, ...] = ()
    esphome_bays: tuple[EsphomeBay, ...] = ()
    keys: Keys = field(default_factory=Keys)
    bridge_runs: bool = True
    retry_scale: float = 60.0
    bridge_restart_s: float = 1.0
    start_window_s: int = 300
    resume_window_s: int = 600
    refund_budget: str = "500.00"
    set_up: bool = True
    public_url: str | None = None

    @property
    def all_bays(self) -> tuple[AnyBay, ...]:
        """Return the bays of every kind."""
        return (*self.bays, *self.plain_bays, *self.esphome_bays)

    def bay(self, number: int) -> BaySpec:
        """Return a bay by its number; raise KeyError."""
        return {bay.number: bay for bay in self.bays}[number]

    def plan(self, code: str) -> PlanSpec:
        """Return a plan by its code; raise KeyError."""
        return {plan.code: plan for plan in self.plans}[code]


PLANS = (
    PlanSpec(code="three_sec", name="Three seconds", rupees=5, seconds=3),
    PlanSpec(code="eight_sec", name="Eight seconds", rupees=10, seconds=8),
    PlanSpec(code="minute", name="A minute", rupees=20, seconds=60),
)
BAYS = (
    BaySpec(number=1, pin=17),
    BaySpec(number=2, pin=27),
    BaySpec(number=3, pin=22, starter=Starter.BLUEPRINT_BAY),
)


def demo_site() -> SiteSpec:
    """Return the site that `script/demo` shows."""
    return SiteSpec(plans=PLANS, bays=BAYS)


def free_ports() -> Ports:
    """Return ports that nobody listens on now."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(4)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        broker, emulator, home, esphome = (s.getsockname()[1] for s in sockets)
    return Ports(broker=broker, emulator=emulator, home_assistant=home, esphome=esphome)
