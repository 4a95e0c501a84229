"""Home Assistant accepts the bridge's discovery payload, and drops none of it."""

from pathlib import Path

from homeassistant.components.mqtt import (
    binary_sensor,
    button,
    discovery as theirs,
    event,
    sensor,
    switch,
)
from homeassistant.core import HomeAssistant
from pi_relay_bridge.board import BoardHealth
from pi_relay_bridge.config import Config, parse
import pytest

from pi_relay_bridge import discovery

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "pi_relay_bridge" / "config.example.toml"
PLATFORMS = {
    "binary_sensor": binary_sensor,
    "button": button,
    "event": event,
    "sensor": sensor,
    "switch": switch,
}
PI = BoardHealth(temperature_c=48.2, under_voltage=False)
SAFE = """
[bridge]
node = "garage"
estop_pin = 5
[mqtt]
host = "broker"
[[bay]]
id = "1"
pin = 17
[bay.sensor]
kind = "ina219"
voltage_v = 12
"""


@pytest.mark.parametrize(
    ("config", "board"),
    [(parse(EXAMPLE.read_text(encoding="utf-8")), BoardHealth()), (parse(SAFE), PI)],
    ids=["example", "everything"],
)
async def test_home_assistant_takes_the_payload_whole(
    hass: HomeAssistant, config: Config, board: BoardHealth
) -> None:
    payload = theirs._parse_device_payload(
        hass, discovery.text(config, board), "paybay_garage", None
    )
    assert len(payload["components"]) == len(discovery.payload(config, board)["cmps"])
    for values in payload["components"].values():
        component = dict(values)
        platform = component.pop("platform")
        if component:
            accepted = PLATFORMS[platform].DISCOVERY_SCHEMA(component)
            assert set(component) <= set(accepted)
