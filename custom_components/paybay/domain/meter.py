"""How much energy a stretch of relay time delivered, from a meter that may misbehave.

Energy is counted in whole milliwatt-hours (mWh), time in ms of the monotonic clock.
What cannot be known is not counted: an unsure watt-hour stays the customer's.
"""

from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation

MWH_PER_WH = 1_000
MAX_POWER_MW = 50_000_000
"""No bay delivers more than 50 kW."""
STEP_MWH = 1_000 * MWH_PER_WH
"""Coarse meters count in steps of up to a kilowatt-hour, which may come at once."""
RESET_SHARE = Decimal("0.9")
"""A fall below this share is a reset, a smaller one is noise (as in Home Assistant)."""
_MS_PER_HOUR = 3_600_000
_BIGGEST = Decimal(10) ** 15

_MWH_PER = {
    "Wh": Decimal(1_000),
    "kWh": Decimal(1_000_000),
    "MWh": Decimal(1_000_000_000),
}
_MW_PER = {"mW": Decimal(1), "W": Decimal(1_000), "kW": Decimal(1_000_000)}

ENERGY_UNITS = frozenset(_MWH_PER)
POWER_UNITS = frozenset(_MW_PER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a meter says now; None is no word (unavailable, unknown, no number).

    `total_mwh` is an ever rising count, `power_mw` the power at this moment.
    """

    total_mwh: int | None = None
    power_mw: int | None = None

    @property
    def silent(self) -> bool:
        """Whether the meter says nothing at all."""
        return self.total_mwh is None and self.power_mw is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Metering:
    """The energy of one stretch so far.

    `last` is the last word of the meter, `heard_ms` when that was and `moved_ms` when
    the count last changed, on the monotonic clock. Begin with the delivered energy and
    the count that were stored, if there are any.
    """

    delivered_mwh: int = 0
    total_mwh: int | None = None
    power_mw: int | None = None
    heard_ms: int
    moved_ms: int
    carry: int = 0
    """What an integration left below a milliwatt-hour."""

    @classmethod
    def begin(
        cls,
        at_ms: int,
        *,
        delivered_mwh: int = 0,
        total_mwh: int | None = None,
        gone_ms: int = 0,
    ) -> Metering:
        """Begin or, `gone_ms` after it was last stored, go on.

        The silence counts from now: nobody listened before.
        """
        return cls(
            delivered_mwh=delivered_mwh,
            total_mwh=total_mwh,
            heard_ms=at_ms,
            moved_ms=at_ms - gone_ms,
        )

    def hear(self, reading: Reading, at_ms: int) -> Metering:
        """Return the metering after a reading."""
        if reading.silent:
            # What flows while nobody measures is not guessed from the power before.
            return replace(self, power_mw=None)
        if reading.total_mwh is not None:
            counted = self._count(reading.total_mwh, at_ms)
        else:
            counted = self._integrate(reading.power_mw, at_ms)
        return replace(counted, heard_ms=at_ms, power_mw=reading.power_mw)

    def silent_ms(self, at_ms: int) -> int:
        """Return for how long the meter has said nothing."""
        return max(0, at_ms - self.heard_ms)

    def _count(self, total_mwh: int, at_ms: int) -> Metering:
        """Add how far the count has risen since it was last heard."""
        last_mwh = self.total_mwh
        if last_mwh is None:
            return replace(self, total_mwh=total_mwh, moved_ms=at_ms)
        if total_mwh == last_mwh:
            return self
        if RESET_SHARE * last_mwh <= total_mwh < last_mwh:
            # Noise: the higher count stays, or the way back up would be paid for twice.
            return self
        # Begun anew from zero, or risen.
        rise_mwh = total_mwh if total_mwh < last_mwh else total_mwh - last_mwh
        possible = self._is_possible(rise_mwh, at_ms - self.moved_ms)
        return replace(
            self,
            delivered_mwh=self.delivered_mwh + (rise_mwh if possible else 0),
            total_mwh=total_mwh,
            moved_ms=at_ms,
        )

    def _is_possible(self, rise_mwh: int, since_ms: int) -> bool:
        most_mwh = MAX_POWER_MW * max(0, since_ms) // _MS_PER_HOUR
        return rise_mwh <= most_mwh + STEP_MWH

    def _integrate(self, power_mw: int | None, at_ms: int) -> Metering:
        """Add the trapezoid between two powers; the first one adds nothing."""
        if power_mw is None or self.power_mw is None:
            return self
        both_mw = max(0, power_mw) + max(0, self.power_mw)
        area = both_mw * max(0, at_ms - self.heard_ms) + self.carry
        added_mwh, carry = divmod(area, 2 * _MS_PER_HOUR)
        return replace(self, delivered_mwh=self.delivered_mwh + added_mwh, carry=carry)


def to_mwh(value: str, unit: str | None) -> int | None:
    """Return a meter's count in mWh; None if it is no energy."""
    return _scaled(value, _MWH_PER.get(unit or ""))


def to_mw(value: str, unit: str | None) -> int | None:
    """Return a power in mW; None if it is no power."""
    return _scaled(value, _MW_PER.get(unit or ""))


def _scaled(value: str, factor: Decimal | None) -> int | None:
    if factor is None:
        return None
    try:
        number = Decimal(value)
    except InvalidOperation:
        return None
    if not number.is_finite() or abs(number) > _BIGGEST:
        return None
    return int(number * factor)
