"""The repair issue of a relay that is on for nobody and does not go off."""

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from .bay import Bay
from .const import DOMAIN
from .domain.bay import BayStatus
from .domain.happenings import What

_UNCLEAR = frozenset({BayStatus.PROBLEM, BayStatus.OFFLINE})


class RelayIssues:
    """Stands as long as the bay has the problem, and no longer than Home Assistant."""

    def __init__(self, hass: HomeAssistant, bay: Bay) -> None:
        """Follow this bay."""
        self._hass = hass
        self._bay = bay
        self._unlisten = bay.listen(self._changed)
        self._closed = False

    @callback
    def happened(self, what: What) -> None:
        """Look, once the bay is done, whether it could switch off by itself."""
        self._hass.async_create_task(self._judge(what), DOMAIN)

    @callback
    def close(self) -> None:
        """Follow the bay no more."""
        self._closed = True
        self._unlisten()
        self._delete()

    async def _judge(self, what: What) -> None:
        await self._bay.settle()
        if self._closed or self._bay.face.status is not BayStatus.PROBLEM:
            return
        self._delete()
        config = self._bay.config
        ir.async_create_issue(
            self._hass,
            DOMAIN,
            f"{what}_{config.id}",
            is_fixable=False,
            severity=ir.IssueSeverity.ERROR,
            translation_key=what,
            translation_placeholders={"bay": config.name, "relay": config.relay},
        )

    @callback
    def _changed(self) -> None:
        """Take the issue back once the relay is known to be fine."""
        if self._bay.face.status not in _UNCLEAR:
            self._delete()

    @callback
    def _delete(self) -> None:
        for what in (What.RELAY_STRAY, What.RELAY_STUCK):
            ir.async_delete_issue(self._hass, DOMAIN, f"{what}_{self._bay.config.id}")
