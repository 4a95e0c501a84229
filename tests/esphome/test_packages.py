"""ESPHome itself accepts the examples, and refuses what would fail a customer."""

from pathlib import Path
import shutil

import pytest

from demo.esphome_node import esphome
from demo.processes import ROOT, PartError

EXAMPLES = sorted((ROOT / "esphome" / "examples").glob("*.yaml"))
NODES = [each.stem for each in EXAMPLES if each.stem != "secrets.example"]

BAY = """
packages:
  bay_1: !include
    file: ../paybay_bay.yaml
    vars: { bay_id: "1", relay_pin: GPIO5 }
esphome:
  name: some-node
esp8266:
  board: d1_mini
wifi:
  ssid: some
  password: "0123456789"
"""


@pytest.fixture
def examples(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "esphome", tmp_path / "esphome")
    folder = tmp_path / "esphome" / "examples"
    shutil.copy(folder / "secrets.example.yaml", folder / "secrets.yaml")
    return folder


@pytest.mark.parametrize("name", NODES)
async def test_example_is_valid(examples: Path, name: str) -> None:
    printed = await esphome("config", examples / f"{name}.yaml")
    assert "Configuration is valid" in printed
    assert "start_session_1" in printed
    assert "reboot_timeout: 0s" in printed


def test_there_is_an_example_for_each_kind_of_board() -> None:
    assert NODES == ["esp32_two_bays", "esp8266_one_bay", "metering_plug"]


async def test_the_relay_of_a_bay_is_off_at_boot_and_hidden(examples: Path) -> None:
    printed = await esphome("config", examples / "esp8266_one_bay.yaml")
    _, _, relay = printed.partition("platform: gpio\n    id: paybay_1_pin\n")
    relay = relay.partition("platform: template")[0]
    assert "restore_mode: ALWAYS_OFF" in relay
    assert "internal: true" in relay


CONNECTED = BAY + "  reboot_timeout: 0s\n"
EXTENDED = CONNECTED + "paybay_bay:\n  - id: !extend paybay_1\n"


@pytest.mark.parametrize(
    ("config", "complaint"),
    [
        (BAY + "  reboot_timeout: 15min\n", "reboot_timeout: 0s"),
        (BAY, "reboot_timeout: 0s"),
        (EXTENDED + "    trip_current: 16A\n", "trip_current needs current"),
        (EXTENDED + "    max_session: 30d\n", "value must be at most"),
    ],
)
async def test_a_node_that_would_fail_a_customer_is_refused(
    examples: Path, config: str, complaint: str
) -> None:
    node = examples / "node.yaml"
    node.write_text(config)
    with pytest.raises(PartError, match=complaint):
        await esphome("config", node)


async def test_a_bare_node_with_one_bay_is_enough(examples: Path) -> None:
    node = examples / "node.yaml"
    node.write_text(CONNECTED)
    assert "Configuration is valid" in await esphome("config", node)
