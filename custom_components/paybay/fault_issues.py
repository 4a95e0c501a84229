"""The repair issue of a bay whose own device says that something is wrong."""

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from .bay import Bay
from .const import DOMAIN

KNOWN = frozenset({"estop", "gpio_error", "over_current", "sensor_stale", "welded"})
"""Words of the Pi bridge that a text of their own explains."""


class FaultIssues:
    """Stands as long as the device says so; what is out of reach says nothing new."""

    def __init__(self, hass: HomeAssistant, bay: Bay) -> None:
        """Follow this bay."""
        self._hass = hass
        self._bay = bay
        self._shown: str | None = None
        self._unlisten = bay.listen(self._changed)
        self._changed()

    @callback
    def close(self) -> None:
        """Follow the bay no more."""
        self._unlisten()
        self._show(None)

    @callback
    def _changed(self) -> None:
        face = self._bay.face
        if face.in_reach:
            self._show(face.fault)

    @callback
    def _show(self, fault: str | None) -> None:
        """Put one fault in place of another."""
        if fault == self._shown:
            return
        config = self._bay.config
        issue_id = f"device_fault_{config.id}"
        self._shown = fault
        ir.async_delete_issue(self._hass, DOMAIN, issue_id)
        if fault is None:
            return
        word = fault if fault in KNOWN else "other"
        ir.async_create_issue(
            self._hass,
            DOMAIN,
            issue_id,
            is_fixable=False,
            severity=ir.IssueSeverity.ERROR,
            translation_key=f"device_fault_{word}",
            translation_placeholders={
                "bay": config.name,
                "relay": config.relay,
                "fault": fault,
            },
        )
