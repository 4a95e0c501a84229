"""Has the takings begin anew with each local day."""

from datetime import datetime

from homeassistant.const import EVENT_CORE_CONFIG_UPDATE
from homeassistant.core import CALLBACK_TYPE, Event, HomeAssistant, callback
from homeassistant.helpers.event import async_track_time_change

from .takings import Takings


@callback
def async_watch_takings(hass: HomeAssistant, takings: Takings) -> CALLBACK_TYPE:
    """Read them now, at each midnight, and when the time zone changes."""

    async def refresh(_reason: datetime | Event) -> None:
        await takings.refresh()

    stops = (
        async_track_time_change(hass, refresh, hour=0, minute=0, second=0),
        hass.bus.async_listen(EVENT_CORE_CONFIG_UPDATE, refresh),
    )
    takings.open()

    @callback
    def stop() -> None:
        for each in stops:
            each()

    return stop
