"""The activity of a bay, as Home Assistant's events."""

from typing import override

from homeassistant.components.event import EventEntity, EventEntityDescription
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .bay import Bay
from .dispatcher import Dispatcher
from .domain.happenings import Happening, What
from .entity import BayEntity
from .site import PayBayConfigEntry

# Everything is pushed; nothing here talks to anyone.
PARALLEL_UPDATES = 0

ACTIVITY = EventEntityDescription(
    key="activity",
    translation_key="activity",
    event_types=[what.value for what in What],
)


async def async_setup_entry(
    hass: HomeAssistant,  # noqa: ARG001 - Home Assistant's signature
    entry: PayBayConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the activity of each bay."""
    site = entry.runtime_data
    for bay in site.bays.values():
        async_add_entities(
            [BayActivity(bay, site.dispatcher)], config_subentry_id=bay.config.id
        )


class BayActivity(BayEntity, EventEntity):
    """Everything worth telling of a bay; nothing of its customers."""

    def __init__(self, bay: Bay, dispatcher: Dispatcher) -> None:
        """Tell of this bay."""
        super().__init__(bay, ACTIVITY)
        self._dispatcher = dispatcher

    @override
    async def async_added_to_hass(self) -> None:
        """Listen to what happens at the site."""
        await super().async_added_to_hass()
        self.async_on_remove(self._dispatcher.listen(self._tell))

    @callback
    def _tell(self, happening: Happening) -> None:
        if happening.bay_id != self.bay.config.id:
            return
        order = happening.order
        self._trigger_event(
            happening.what,
            {
                "order_id": order.id if order else None,
                "plan": order.plan_code if order else None,
                "seconds": order.owed_ms / 1000 if order else None,
                "reason": happening.reason,
            },
        )
        self.async_write_ha_state()
