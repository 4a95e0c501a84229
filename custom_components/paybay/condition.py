"""Conditions of automations: what a bay does now.

Home Assistant calls this interface not final: nothing else of PayBay knows it.
"""

from typing import override

from homeassistant.components.sensor import DOMAIN as SENSOR_DOMAIN
from homeassistant.core import HomeAssistant
from homeassistant.helpers.automation import DomainSpec
from homeassistant.helpers.condition import Condition, EntityStateConditionBase

from .domain.bay import BayStatus
from .own_entities import own_entities


class BayCondition(EntityStateConditionBase):
    """Holds while a bay has one status."""

    _domain_specs = {SENSOR_DOMAIN: DomainSpec()}  # noqa: RUF012 - as in the base

    @override
    def entity_filter(self, entities: set[str]) -> set[str]:
        """Return the bays' statuses among these entities."""
        found = super().entity_filter(entities)
        return own_entities(self._hass, found, "status")


class BayIsFree(BayCondition):
    """Holds while nobody uses, has paid for or is just paying for a bay."""

    _states = {BayStatus.AVAILABLE}  # noqa: RUF012 - as in the base


class BayIsCharging(BayCondition):
    """Holds while a customer has the power of a bay."""

    _states = {BayStatus.CHARGING}  # noqa: RUF012 - as in the base


CONDITIONS: dict[str, type[Condition]] = {
    "bay_is_charging": BayIsCharging,
    "bay_is_free": BayIsFree,
}


async def async_get_conditions(_hass: HomeAssistant) -> dict[str, type[Condition]]:
    """Return PayBay's conditions."""
    return CONDITIONS
