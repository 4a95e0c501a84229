"""What a user may see and do, as Home Assistant's permissions say."""

from homeassistant.auth.models import User
from homeassistant.auth.permissions.const import POLICY_CONTROL, POLICY_READ
from homeassistant.core import HomeAssistant

from ..bay_lookup import bay_switches
from .snapshot import Viewer


def viewer_of(hass: HomeAssistant, user: User) -> Viewer:
    """Return a user's rights: to a bay they are those to its switch."""
    return Viewer(
        admin=user.is_admin,
        sees=_bays(hass, user, POLICY_READ),
        controls=_bays(hass, user, POLICY_CONTROL),
    )


def _bays(hass: HomeAssistant, user: User, policy: str) -> frozenset[str] | None:
    """Return the ids of the bays that a policy grants; None: all, also removed ones."""
    rights = user.permissions
    if rights.access_all_entities(policy):
        return None
    return frozenset(
        bay_id
        for entity_id, bay_id in bay_switches(hass).items()
        if rights.check_entity(entity_id, policy)
    )
