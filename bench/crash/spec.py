"""The site that is soaked: bays of every kind, short sessions. Pure."""

from dataclasses import dataclass

from demo.bays import BaySpec, PlainBay, Starter
from demo.site import PlanSpec, SiteSpec


@dataclass(frozen=True, kw_only=True)
class SoakPlan:
    """How to soak one site.

    Without patience, an order whose link was never made may stay open: PayBay gives it
    two minutes, and nobody can pay it.
    """

    seed: str
    kills: int
    patient: bool = True


PLANS = tuple(
    PlanSpec(
        code=f"s{seconds}", name=f"{seconds} s", rupees=10 * seconds, seconds=seconds
    )
    for seconds in (2, 3, 4, 6)
)
"""Ten rupees a second: a rest of a tenth of a second is still worth a refund."""
BRIDGE_BAYS = (
    BaySpec(number=1, pin=17),
    BaySpec(number=2, pin=27),
    BaySpec(number=3, pin=22, starter=Starter.BLUEPRINT_BAY, claim_window_s=3),
    BaySpec(number=4, pin=23, starter=Starter.BLUEPRINT_RELAY, claim_window_s=3),
)
PLAIN_BAYS = tuple(PlainBay(number=number, pin=40 + number) for number in (5, 6, 7, 8))


def soak_site() -> SiteSpec:
    """Return the site; its windows are short enough to see them end."""
    return SiteSpec(
        plans=PLANS,
        bays=BRIDGE_BAYS,
        plain_bays=PLAIN_BAYS,
        start_window_s=45,
        resume_window_s=60,
        refund_budget="1000000.00",
    )
