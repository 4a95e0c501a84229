"""A broken law, and how much the laws forgive. Pure."""

from dataclasses import dataclass

from .evidence import BayFacts, Evidence, Row, Span

SLACK_S = 0.5
"""Commands and reports on their way, on a busy machine."""
CLAIM_S = 1.5
"""More where an automation turned on the relay itself: PayBay notices, claims the
order, and its time counts from then on."""
STRAY_S = 0.3
"""The same where nothing should be under way at all."""
REACTION_S = 3.0
"""How long a plain switch may stay on after PayBay can reach it again: the command's
way there on a busy machine. Seen in hundreds of kills: under 1 s."""
CHECKPOINT_S = 15.0
"""A plain switch found off after a crash has delivered up to its last checkpoint: what
came after is given again. The checkpoint is written every 15 s."""
LEAST_REFUND_MINOR = 100
"""The provider refunds no less than a rupee: smaller rests are kept as rounding."""
CRUMB_MS = 200
"""A rest too short to be worth another switching of the relay."""


@dataclass(frozen=True, kw_only=True)
class Violation:
    """A law that was broken, for which order or at which bay, and how."""

    law: str
    text: str
    order_id: str | None = None
    bay_id: str | None = None


def unwatched(evidence: Evidence, bay: BayFacts) -> list[Span]:
    """Return when nobody could end a session at this bay, through no fault of PayBay.

    A relay that keeps time ends by itself; only its own program's death leaves it on,
    until `off` has run. A plain switch knows no time: while Home Assistant or the
    broker is dead it stays as it is.
    """
    if bay.keeps_time:
        return [(k.at_s, k.over_s) for k in evidence.kills if k.part == "bridge"]
    return [(start_s, end_s + REACTION_S) for start_s, end_s in evidence.blind]


def is_lost(delivery: Row, bay: BayFacts, dark: list[Span], until_s: float) -> bool:
    """Tell whether a crash cost a delivery what came after its last checkpoint.

    When it ended is not known then, only that its order went on or ended by `until_s`.
    """
    began_s = delivery["started_ms"] / 1000
    seen = any(start_s <= until_s and end_s >= began_s for start_s, end_s in dark)
    return not bay.keeps_time and delivery["reason"] == "relay_off" and seen
