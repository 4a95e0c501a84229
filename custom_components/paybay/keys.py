"""The account's keys: new ones are asked for once the provider refuses these."""

from collections.abc import Callable

from homeassistant.core import HomeAssistant, callback

from .site import PayBayConfigEntry


@callback
def async_track_keys(
    hass: HomeAssistant, entry: PayBayConfigEntry
) -> Callable[[], None]:
    """Ask for new keys when they are refused; sessions go on regardless."""
    reachability = entry.runtime_data.reachability

    @callback
    def changed() -> None:
        if reachability.refused:
            entry.async_start_reauth(hass)

    return reachability.listen(changed)
