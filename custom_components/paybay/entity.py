"""What PayBay's entities have in common."""

from typing import override

from homeassistant.helpers.device_registry import DeviceInfo
from homeassistant.helpers.entity import Entity, EntityDescription

from .bay import Bay
from .const import DOMAIN
from .people import async_user


class PayBayEntity(Entity):
    """An entity on a device of PayBay's, told of changes."""

    _attr_has_entity_name = True
    _attr_should_poll = False

    def __init__(self, device_key: str, description: EntityDescription) -> None:
        """`device_key` is a bay's id or, for the site itself, its entry's id."""
        self.entity_description = description
        self._attr_unique_id = f"{device_key}_{description.key}"
        self._attr_device_info = DeviceInfo(identifiers={(DOMAIN, device_key)})

    async def _who(self) -> str | None:
        """Return the id of who uses it, None for an automation.

        Home Assistant asks for their permission, not whether they were deactivated.
        Raise Unauthorized then.
        """
        if self._context is None:
            return None
        user = await async_user(self.hass, self._context)
        return user.id if user else None


class BayEntity(PayBayEntity):
    """An entity of a bay. It stays available: being offline is a bay's status."""

    def __init__(self, bay: Bay, description: EntityDescription) -> None:
        """Show this bay."""
        super().__init__(bay.config.id, description)
        self.bay = bay

    @override
    async def async_added_to_hass(self) -> None:
        """Follow the bay."""
        await super().async_added_to_hass()
        self.async_on_remove(self.bay.listen(self.async_write_ha_state))
