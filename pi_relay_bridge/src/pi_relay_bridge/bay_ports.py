"""Everything one bay touches."""

from collections.abc import Callable
from dataclasses import dataclass

from .ports import ClockPort, GuardPort, RelayPort, StorePort, SupervisorPort
from .reporter import Reporter


@dataclass(frozen=True, kw_only=True)
class BayPorts:
    """One bay's edges.

    `set_timer` replaces the bay's only timer by one at this `up_s`, or by none.
    """

    clock: ClockPort
    relay: RelayPort
    guard: GuardPort
    supervisor: SupervisorPort
    store: StorePort
    reporter: Reporter
    set_timer: Callable[[float | None], None]
