"""Home Assistant accepts the bridge's discovery payload, and drops none of it."""

from pathlib import Path

from homeassistant.components.mqtt import (
    discovery as theirs,
    event,
    sensor,
    switch,
)
from homeassistant.core import HomeAssistant
from pi_relay_bridge.config import parse

from pi_relay_bridge import discovery

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "pi_relay_bridge" / "config.example.toml"


async def test_home_assistant_takes_the_payload_whole(hass: HomeAssistant) -> None:
    platforms = {"event": event, "sensor": sensor, "switch": switch}
    config = parse(EXAMPLE.read_text(encoding="utf-8"))
    payload = theirs._parse_device_payload(
        hass, discovery.text(config), "paybay_garage", None
    )
    assert payload["components"]
    for values in payload["components"].values():
        component = dict(values)
        accepted = platforms[component.pop("platform")].DISCOVERY_SCHEMA(component)
        assert set(component) <= set(accepted)
