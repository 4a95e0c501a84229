"""Who asks for something, and whether they may."""

from homeassistant.auth.models import User
from homeassistant.auth.permissions.const import POLICY_CONTROL
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import Unauthorized, UnknownUser


async def async_user(hass: HomeAssistant, context: Context) -> User | None:
    """Return who asks; None is an automation or Home Assistant itself.

    Raise UnknownUser, or Unauthorized for somebody who was deactivated: the app on
    their phone may go on calling actions.
    """
    if context.user_id is None:
        return None
    user = await hass.auth.async_get_user(context.user_id)
    if user is None:
        raise UnknownUser(context=context)
    if not user.is_active:
        raise Unauthorized(context=context)
    return user


async def async_require_control(
    hass: HomeAssistant, context: Context, entity_id: str
) -> User | None:
    """Return who asks; refuse people who may not use the bay's switch either."""
    user = await async_user(hass, context)
    if user and not user.permissions.check_entity(entity_id, POLICY_CONTROL):
        raise Unauthorized(
            context=context, entity_id=entity_id, permission=POLICY_CONTROL
        )
    return user


async def async_require_admin(hass: HomeAssistant, context: Context) -> None:
    """Refuse people who are no administrators."""
    user = await async_user(hass, context)
    if user and not user.is_admin:
        raise Unauthorized(context=context)


async def async_names(hass: HomeAssistant) -> dict[str, str]:
    """Return the names of all users by their ids."""
    users = await hass.auth.async_get_users()
    return {user.id: user.name or user.id for user in users}
