"""The right driver for a relay."""

from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er

from ..domain.bay import BayConfig
from ..domain.clock import Clock
from .auto_off import AutoOffDriver
from .auto_off_number import AutoOffNumber
from .base import RelayDriver
from .esphome import EsphomeDriver
from .find import BridgeAddress, EsphomeAddress, relay_address
from .switch import SwitchDriver


def make_driver(hass: HomeAssistant, bay: BayConfig, clock: Clock) -> RelayDriver:
    """Return a driver for a bay's relay, by what stands behind its entity."""
    match relay_address(hass, bay.relay):
        case BridgeAddress() as address:
            # MQTT's library is only installed where MQTT is set up.
            from .bridge import BridgeDriver  # noqa: PLC0415

            return BridgeDriver(hass, address, clock, bay.confirm_timeout_s)
        case EsphomeAddress() as address:
            return EsphomeDriver(hass, address, clock, bay.confirm_timeout_s)
    switch = SwitchDriver(hass, bay.relay, bay.confirm_timeout_s)
    if not (bay.auto_off or bay.auto_off_s):
        return switch
    return AutoOffDriver(
        hass,
        bay.relay,
        switch,
        clock,
        number=_number(hass, bay),
        timer_s=bay.auto_off_s,
    )


def _number(hass: HomeAssistant, bay: BayConfig) -> AutoOffNumber | None:
    if bay.auto_off is None:
        return None
    registry = er.async_get(hass)
    entity_id = er.async_resolve_entity_id(registry, bay.auto_off) or bay.auto_off
    return AutoOffNumber(hass, entity_id, bay.confirm_timeout_s)
