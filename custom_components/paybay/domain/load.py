"""Whether a bay that was switched on feeds anything: a start's second proof.

The first is the relay's own word. A contact that is burnt, a blown fuse or a charger
that refuses leaves the relay on and the customer with nothing.
"""

from dataclasses import dataclass
from enum import StrEnum

from .bay import BayConfig
from .meter import Reading

DEFAULT_LOAD_W = 5
"""What counts as a load where the owner said nothing: above a charger's own thirst."""
_MW_PER_W = 1_000


class Load(StrEnum):
    """What is known of a load; the failures are reasons of a start that failed."""

    SEEN = "seen"
    AWAITED = "awaited"
    MISSING = "no_load"
    UNKNOWN = "load_unknown"
    """The sensor said nothing all the time: no proof either."""


NOT_SEEN = frozenset({Load.MISSING, Load.UNKNOWN})


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadWait:
    """What is waited for: `least_mw` milliwatts, `within_ms` of the relay's proof.

    `before_mw` is what the sensor said before the relay was switched on.
    """

    within_ms: int
    least_mw: int
    before_mw: int | None = None

    def judge(self, reading: Reading, waited_ms: int) -> Load:
        """Return what a reading says, `waited_ms` after the relay's proof."""
        if reading.power_mw is not None and self._is_load(reading.power_mw):
            return Load.SEEN
        if waited_ms < self.within_ms:
            return Load.AWAITED
        return Load.UNKNOWN if reading.power_mw is None else Load.MISSING

    def _is_load(self, power_mw: int) -> bool:
        # A load that was there before the relay was on is a word of the last session.
        stale = self.before_mw is not None and self.before_mw >= self.least_mw
        return power_mw >= self.least_mw and not (stale and power_mw == self.before_mw)


def expected(config: BayConfig, for_ms: int, before: Reading) -> LoadWait | None:
    """Return what a bay waits for once it is on; None where it asks for no load.

    Never for more than half of `for_ms`, the time that was paid for.
    """
    if config.load_within_s is None or config.power_meter is None:
        return None
    return LoadWait(
        within_ms=min(config.load_within_s * 1000, for_ms // 2),
        least_mw=(config.plugged_w or DEFAULT_LOAD_W) * _MW_PER_W,
        before_mw=before.power_mw,
    )
