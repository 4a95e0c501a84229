"""The bays of a demo site, and how Home Assistant names what belongs to them. Pure."""

from dataclasses import dataclass
from enum import StrEnum
from typing import override

NODE = "demo"
"""The bridge's name in its topics."""
PLAIN = "plain"
"""The plain relays' common topic."""


ESPHOME_NODE = "paybay-node"
ESPHOME_MAC = "06:35:69:AB:F6:01"
"""The ESPHome node's name and address, as its YAML has them."""


class Starter(StrEnum):
    """Who switches a bay on once it is paid."""

    PAYBAY = "paybay"
    BLUEPRINT_BAY = "blueprint_bay"
    """The shipped blueprint, turning on PayBay's own switch."""
    BLUEPRINT_RELAY = "blueprint_relay"
    """The shipped blueprint, turning on the relay itself."""


@dataclass(frozen=True, kw_only=True)
class AnyBay:
    """One bay and the names that Home Assistant gives its parts.

    `pin` is where its relay hangs on the simulated board, `energy_meter` the sensor
    that counts its energy, if there is one.
    """

    number: int
    pin: int
    energy_meter: str | None = None

    @property
    def name(self) -> str:
        """Return what people call it."""
        return f"Bay {self.number}"

    @property
    def id(self) -> str:
        """Return its subentry's id."""
        return f"bay_{self.number}"

    @property
    def switch(self) -> str:
        """Return PayBay's switch."""
        return f"switch.bay_{self.number}"

    @property
    def status(self) -> str:
        """Return PayBay's status sensor."""
        return f"sensor.bay_{self.number}_status"

    @property
    def relay_key(self) -> str:
        """Return the unique id of the relay behind it."""
        raise NotImplementedError

    @property
    def relay(self) -> str:
        """Return the relay's own switch."""
        return f"switch.{self.relay_key}"


@dataclass(frozen=True, kw_only=True)
class BaySpec(AnyBay):
    """A bay on the Pi bridge; `pin` is a BCM number.

    `wired_to` is the pin the bridge really drives, if somebody wired it wrongly.
    `claim_window_s` is how long PayBay leaves a paid order to the automation.
    `estop_pin` is where its emergency stop hangs, and at `trip_current_a` amperes its
    current sensor switches off; None: it has none. `trip_rest_s` is how long it then
    rests.
    """

    starter: Starter = Starter.PAYBAY
    wired_to: int | None = None
    claim_window_s: int = 5
    estop_pin: int | None = None
    trip_current_a: float | None = None
    trip_rest_s: int = 60

    @property
    @override
    def relay_key(self) -> str:
        return f"paybay_{NODE}_{self.number}_relay"

    @property
    def automation(self) -> str:
        """Return the automation made from the blueprint."""
        return f"automation.start_bay_{self.number}_when_paid"

    @property
    def target(self) -> str:
        """Return the entity that the automation turns on."""
        to_relay = self.starter is Starter.BLUEPRINT_RELAY
        return self.relay if to_relay else self.switch


@dataclass(frozen=True, kw_only=True)
class PlainBay(AnyBay):
    """A bay on a plain MQTT switch, which counts no time of its own.

    Its `pin` is one that the board has room for and a Pi does not: 28 to 63.
    """

    @property
    @override
    def relay_key(self) -> str:
        return f"plain_relay_{self.number}"

    @property
    def topic(self) -> str:
        """Return the switch's topic: `<topic>/set`, `<topic>/state`."""
        return f"{PLAIN}/{self.number}"


@dataclass(frozen=True, kw_only=True)
class EsphomeBay(AnyBay):
    """A bay of the ESPHome node; number and `pin` are those of the node's YAML."""

    @property
    @override
    def relay_key(self) -> str:
        return f"{ESPHOME_MAC}/0/switch/PayBay {self.number} relay"

    @property
    @override
    def relay(self) -> str:
        return f"switch.parking_paybay_{self.number}_relay"

    @property
    def report_key(self) -> str:
        """Return the unique id of the bay's report."""
        return f"{ESPHOME_MAC}/0/text_sensor/PayBay {self.number} report"

    @property
    def report(self) -> str:
        """Return the report's entity."""
        return f"sensor.parking_paybay_{self.number}_report"
