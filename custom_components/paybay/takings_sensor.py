"""Sensors of what bays and sites took and delivered; for long-term statistics too."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import override

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import UnitOfTime
from homeassistant.util import dt as dt_util

from .domain.money import Money
from .entity import PayBayEntity
from .site import Site
from .takings import Books


@dataclass(frozen=True, kw_only=True)
class TakingsDescription(SensorEntityDescription):
    """A sensor of a sum, of one bay or (None) of all. `daily` ones begin anew each day.

    All are totals: what went back makes a sum smaller, and only that is subtracted.
    Money has the site's currency.
    """

    value_fn: Callable[[Books, str | None], int]
    daily: bool = True


def _money(
    key: str, value_fn: Callable[[Books, str | None], int], *, daily: bool = True
) -> TakingsDescription:
    return TakingsDescription(
        key=key,
        translation_key=key,
        device_class=SensorDeviceClass.MONETARY,
        state_class=SensorStateClass.TOTAL,
        suggested_display_precision=2,
        value_fn=value_fn,
        daily=daily,
    )


def _revenue_today(books: Books, bay_id: str | None) -> int:
    today = books.of_day(bay_id)
    return today.revenue - today.refunded


def _revenue_total(books: Books, bay_id: str | None) -> int:
    ever = books.before + books.since
    return ever.total() if bay_id is None else ever[bay_id]


def _cash_today(books: Books, bay_id: str | None) -> int:
    today = books.of_day(bay_id)
    return today.cash - today.cash_back


REVENUE_TODAY = _money("revenue_today", _revenue_today)
REVENUE_TOTAL = _money("revenue_total", _revenue_total, daily=False)
CASH_TODAY = _money("cash_today", _cash_today)
SESSIONS_TODAY = TakingsDescription(
    key="sessions_today",
    translation_key="sessions_today",
    state_class=SensorStateClass.TOTAL,
    value_fn=lambda books, bay_id: books.of_day(bay_id).sessions,
)
TIME_TODAY = TakingsDescription(
    key="time_today",
    translation_key="time_today",
    device_class=SensorDeviceClass.DURATION,
    state_class=SensorStateClass.TOTAL,
    native_unit_of_measurement=UnitOfTime.SECONDS,
    suggested_unit_of_measurement=UnitOfTime.MINUTES,
    suggested_display_precision=0,
    value_fn=lambda books, bay_id: books.of_day(bay_id).delivered_ms // 1000,
)
BAY_TAKINGS = (REVENUE_TODAY, REVENUE_TOTAL, SESSIONS_TODAY, TIME_TODAY)
SITE_TAKINGS = (REVENUE_TODAY, CASH_TODAY)


class TakingsSensor(PayBayEntity, SensorEntity):
    """What came in or was delivered, at one bay or at all of a site."""

    entity_description: TakingsDescription

    def __init__(
        self, site: Site, description: TakingsDescription, bay_id: str | None = None
    ) -> None:
        """Show a bay; None: the whole site, bays that are gone included."""
        super().__init__(bay_id or site.entry_id, description)
        self._takings = site.takings
        self._bay_id = bay_id
        if description.device_class is SensorDeviceClass.MONETARY:
            self._attr_native_unit_of_measurement = site.takings.currency

    @override
    async def async_added_to_hass(self) -> None:
        """Follow the books."""
        await super().async_added_to_hass()
        self.async_on_remove(self._takings.listen(self.async_write_ha_state))

    @property
    @override
    def available(self) -> bool:
        """Return whether the ledger could be read."""
        return self._takings.books is not None

    @property
    @override
    def native_value(self) -> int | Decimal | None:
        """Return the sum: money in major units, time in seconds."""
        if (books := self._takings.books) is None:
            return None
        value = self.entity_description.value_fn(books, self._bay_id)
        if self.device_class is SensorDeviceClass.MONETARY:
            return Money(value, self._takings.currency).major
        return value

    @property
    @override
    def last_reset(self) -> datetime | None:
        """Return when the day began that is counted."""
        if not self.entity_description.daily or self._takings.books is None:
            return None
        return dt_util.utc_from_timestamp(self._takings.books.day_ms / 1000)
