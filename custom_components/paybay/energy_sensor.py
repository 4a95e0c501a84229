"""Energy sensors of a metered bay: what its customers got, today and ever."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
import logging
from typing import override

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import UnitOfEnergy
from homeassistant.core import callback
from homeassistant.helpers.event import async_track_time_change
from homeassistant.util import dt as dt_util

from .bay import Bay
from .domain.meter import MWH_PER_WH
from .entity import BayEntity
from .ledger import LedgerError
from .ledger.energy_days import EnergySums

_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class EnergySensorDescription(SensorEntityDescription):
    """A sensor that shows one of a bay's energies; `daily` ones begin anew each day."""

    value_fn: Callable[[EnergySums], int]
    daily: bool = False


def _described(
    key: str, value_fn: Callable[[EnergySums], int], *, daily: bool = False
) -> EnergySensorDescription:
    return EnergySensorDescription(
        key=key,
        translation_key=key,
        device_class=SensorDeviceClass.ENERGY,
        # Not an increasing one: a ledger that came back from a backup has less, and
        # what is less would be taken for a new meter, and counted again.
        state_class=SensorStateClass.TOTAL,
        native_unit_of_measurement=UnitOfEnergy.WATT_HOUR,
        suggested_unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR,
        suggested_display_precision=2,
        value_fn=value_fn,
        daily=daily,
    )


ENERGY_SENSORS = (
    _described("energy_today", lambda sums: sums.today_mwh, daily=True),
    _described("energy_total", lambda sums: sums.total_mwh),
)


class EnergySensor(BayEntity, SensorEntity):
    """The energy of sessions, as the bay's meter counted it."""

    entity_description: EnergySensorDescription

    def __init__(self, bay: Bay, description: EnergySensorDescription) -> None:
        """Show this bay."""
        super().__init__(bay, description)
        self._sums: EnergySums | None = None

    @override
    async def async_added_to_hass(self) -> None:
        """Read the ledger, and follow what is added to it."""
        await super().async_added_to_hass()
        self.async_on_remove(self.bay.energy.listen(self._show))
        self.async_on_remove(
            async_track_time_change(
                self.hass, self._new_day, hour=0, minute=0, second=0
            )
        )
        await self._read()

    @property
    @override
    def native_value(self) -> float | None:
        """Return the energy in watt-hours."""
        if self._sums is None:
            return None
        return self.entity_description.value_fn(self._sums) / MWH_PER_WH

    @property
    @override
    def available(self) -> bool:
        """Return whether the ledger could be read."""
        return self._sums is not None

    @property
    @override
    def last_reset(self) -> datetime | None:
        """Return when the day began that is counted."""
        if self._sums is None or not self.entity_description.daily:
            return None
        return dt_util.utc_from_timestamp(self._sums.day_ms / 1000)

    async def _read(self) -> None:
        try:
            self._sums = await self.bay.energy.sums()
        except LedgerError as err:
            _LOGGER.warning(
                "The energy of %s is not known: %s", self.bay.config.name, err
            )

    async def _new_day(self, _now: datetime) -> None:
        await self._read()
        self.async_write_ha_state()

    @callback
    def _show(self, sums: EnergySums) -> None:
        self._sums = sums
        self.async_write_ha_state()
