"""The record of one purchase."""

from dataclasses import dataclass, field
import time

from .bays import AnyBay
from .site import PlanSpec


@dataclass(kw_only=True)
class Purchase:
    """One purchase; `moments` holds what happened, by the wall clock.

    `event_number` and `began_mono_s` tell which events and which changes of pins
    belong to it.
    """

    bay: AnyBay
    plan: PlanSpec
    order_id: str
    url: str
    event_number: int
    began_mono_s: float
    moments: dict[str, float] = field(default_factory=dict)

    def note(self, what: str, at: float | None = None) -> None:
        """Note a moment, now unless told otherwise."""
        self.moments[what] = time.time() if at is None else at
