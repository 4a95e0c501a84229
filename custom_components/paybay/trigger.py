"""Triggers of automations: what happens at a bay, in its owner's words.

Home Assistant calls this interface not final: nothing else of PayBay knows it.
"""

from typing import override

from homeassistant.components.binary_sensor import DOMAIN as BINARY_SENSOR_DOMAIN
from homeassistant.components.event import ATTR_EVENT_TYPE, DOMAIN as EVENT_DOMAIN
from homeassistant.const import STATE_ON
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers.automation import DomainSpec
from homeassistant.helpers.trigger import (
    NotTriggeredReasonReporter,
    StatelessEntityTriggerBase,
    Trigger,
    make_entity_target_state_trigger,
)

from .domain.happenings import What
from .event import ACTIVITY
from .own_entities import own_entities
from .problem_sensor import PROBLEM


class ActivityTrigger(StatelessEntityTriggerBase):
    """Fires when the activity of a bay tells one kind of happening."""

    _domain_specs = {EVENT_DOMAIN: DomainSpec()}  # noqa: RUF012 - as in the base
    _what: What

    @override
    def entity_filter(self, entities: set[str]) -> set[str]:
        """Return the bays' activities among these entities."""
        found = super().entity_filter(entities)
        return own_entities(self._hass, found, ACTIVITY.key)

    @override
    def is_valid_state(
        self, state: State, report_not_triggered: NotTriggeredReasonReporter
    ) -> bool:
        """Return whether this is the kind that is waited for."""
        return state.attributes.get(ATTR_EVENT_TYPE) == self._what


class BayProblemTrigger(
    make_entity_target_state_trigger(BINARY_SENSOR_DOMAIN, STATE_ON)  # type: ignore[misc]
):
    """Fires when something goes wrong with a bay."""

    @override
    def entity_filter(self, entities: set[str]) -> set[str]:
        """Return the bays' problems among these entities."""
        found = super().entity_filter(entities)
        return own_entities(self._hass, found, PROBLEM.key)


def _on(what: What) -> type[Trigger]:
    return type(f"On{what.title()}", (ActivityTrigger,), {"_what": what})


TRIGGERS: dict[str, type[Trigger]] = {
    "bay_problem": BayProblemTrigger,
    **{
        what.value: _on(what)
        for what in (
            What.ORDER_UNDELIVERED,
            What.PAYMENT_RECEIVED,
            What.SESSION_ENDED,
            What.SESSION_STARTED,
        )
    },
}


async def async_get_triggers(_hass: HomeAssistant) -> dict[str, type[Trigger]]:
    """Return PayBay's triggers."""
    return TRIGGERS
