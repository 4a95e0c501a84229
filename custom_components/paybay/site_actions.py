"""Actions on a whole site."""

from dataclasses import asdict
from typing import cast

from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.helpers import config_validation as cv, service
import voluptuous as vol

from .const import DOMAIN
from .site import PayBayConfigEntry, Site

ATTR_CONFIG_ENTRY_ID = "config_entry_id"

SERVICE_RECONCILE = "reconcile"

_SITE = {vol.Required(ATTR_CONFIG_ENTRY_ID): cv.string}


@callback
def async_setup_site_actions(hass: HomeAssistant) -> None:
    """Register the actions."""
    service.async_register_admin_service(
        hass,
        DOMAIN,
        SERVICE_RECONCILE,
        _reconcile,
        schema=vol.Schema(_SITE),
        supports_response=SupportsResponse.OPTIONAL,
    )


async def _reconcile(call: ServiceCall) -> ServiceResponse:
    """Look at every payment of the last days; return what was seen and found."""
    tally = await _site_of(call).reconciler.reconcile(thorough=True)
    return {**asdict(tally), "complete": tally.unanswered == 0}


def _site_of(call: ServiceCall) -> Site:
    """Return the loaded site that a call names."""
    entry_id = call.data[ATTR_CONFIG_ENTRY_ID]
    entry = service.async_get_config_entry(call.hass, DOMAIN, entry_id)
    return cast(PayBayConfigEntry, entry).runtime_data
