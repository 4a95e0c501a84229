"""The site's device and the bays' devices."""

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr

from .account import is_test_key
from .const import CONF_KEY_ID, DOMAIN
from .entry_data import bays_of
from .public_url import bay_url, kiosk_url
from .site import PayBayConfigEntry

MANUFACTURER = "PayBay"


@callback
def async_register_devices(hass: HomeAssistant, entry: PayBayConfigEntry) -> None:
    """Register the site first: each bay is reached through it."""
    registry = dr.async_get(hass)
    test_mode = is_test_key(entry.data[CONF_KEY_ID])
    site = registry.async_get_or_create(
        config_entry_id=entry.entry_id,
        identifiers={(DOMAIN, entry.entry_id)},
        manufacturer=MANUFACTURER,
        model="Razorpay account, test mode" if test_mode else "Razorpay account",
        name=entry.title,
        entry_type=dr.DeviceEntryType.SERVICE,
        configuration_url=kiosk_url(hass, entry.entry_id),
    )
    for bay in bays_of(entry).values():
        registry.async_get_or_create(
            config_entry_id=entry.entry_id,
            config_subentry_id=bay.id,
            identifiers={(DOMAIN, bay.id)},
            manufacturer=MANUFACTURER,
            model="Bay, test mode" if test_mode else "Bay",
            name=bay.name,
            via_device_id=site.id,
            configuration_url=bay_url(hass, bay.id),
        )


def bay_device_id(
    hass: HomeAssistant, entry: PayBayConfigEntry, bay_id: str
) -> str | None:
    """Return the id of a bay's device."""
    registry = dr.async_get(hass)
    device = registry.async_get_device_by_identifier((DOMAIN, bay_id), entry.entry_id)
    return device.id if device else None
