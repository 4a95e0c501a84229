"""The right driver for a relay."""

from homeassistant.core import HomeAssistant

from ..domain.bay import BayConfig
from ..domain.clock import Clock
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
    return SwitchDriver(hass, bay.relay, bay.confirm_timeout_s)
