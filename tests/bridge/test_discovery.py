"""What Home Assistant is told about the bridge; see the integration tests."""

import json
from pathlib import Path
import re
from typing import Any

from pi_relay_bridge.board import BoardHealth, read_health
from pi_relay_bridge.clock import Clock
from pi_relay_bridge.config import parse
from pi_relay_bridge.health import Health

from pi_relay_bridge import discovery

from .test_config import GOOD, SENSOR, with_sensor

ROOT_KEYS = {"dev", "o", "cmps", "avty"}
PI = BoardHealth(temperature_c=48.2, under_voltage=False)
FULL = with_sensor(SENSOR + "voltage_v = 230\n").replace(
    'node = "', 'estop_pin = 5\nnode = "'
)


def components(text: str, board: BoardHealth = PI) -> dict[str, dict[str, Any]]:
    """Return the components for a configuration."""
    found: dict[str, dict[str, Any]] = json.loads(discovery.text(parse(text), board))[
        "cmps"
    ]
    return found


def test_the_payload_has_only_keys_that_home_assistant_knows() -> None:
    payload = discovery.payload(parse(FULL), PI)
    assert set(payload) == ROOT_KEYS
    assert payload["dev"]["ids"] == ["paybay_garage"]
    assert payload["o"]["name"]
    assert payload["avty"] == [{"t": "paybay/garage/status"}]


def test_every_entity_has_an_id_of_its_own() -> None:
    shown = [each for each in components(FULL).values() if len(each) > 1]
    assert len({each["uniq_id"] for each in shown}) == len(shown)
    for each in shown:
        assert re.fullmatch(rf"{each['p']}\.[a-z0-9]+(_[a-z0-9]+)*", each["def_ent_id"])


def test_a_bay_shows_what_it_has() -> None:
    shown = {key for key, each in components(FULL).items() if len(each) > 1}
    always = {"relay", "activity", "phase", "fault", "problem", "ends"}
    stop = {"estop", "reset"}
    metered = {"current", "plugged", "energy"}
    assert {key[2:] for key in shown if key.startswith("1_")} == always | stop
    assert {key[5:] for key in shown if key.startswith("left_")} == (
        always | stop | metered
    )


def test_what_a_bay_no_longer_has_is_taken_away() -> None:
    made = components(GOOD, BoardHealth())
    for key in ("estop", "reset", "current", "plugged", "energy"):
        assert set(made[f"left_{key}"]) == {"p"}
    assert made["node_temperature"] == {"p": "sensor"}
    assert made["node_under_voltage"] == {"p": "binary_sensor"}


def test_the_switch_is_found_by_its_unique_id() -> None:
    switch = components(GOOD)["left_relay"]
    assert switch["uniq_id"] == "paybay_garage_left_relay"
    assert switch["name"] == "Left bay relay"
    assert switch["cmd_t"] == "paybay/garage/bay/left/set"
    assert switch["stat_t"] == "paybay/garage/bay/left/state"


def test_the_connection_is_known_while_the_bridge_is_away() -> None:
    connection = components(GOOD)["node_connection"]
    assert connection["avty"] == []
    assert connection["stat_t"] == "paybay/garage/status"


def sysfs(root: Path, files: dict[str, str]) -> Path:
    """Return a tree with these files."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{text}\n")
    return root


def test_a_pi_tells_its_temperature_and_whether_its_supply_is_weak(
    tmp_path: Path,
) -> None:
    files = {
        "thermal/thermal_zone0/temp": "48218",
        "hwmon/hwmon0/name": "cpu_thermal",
        "hwmon/hwmon1/name": "rpi_volt",
        "hwmon/hwmon1/in0_lcrit_alarm": "1",
    }
    assert read_health(sysfs(tmp_path, files)) == BoardHealth(
        temperature_c=48.2, under_voltage=True
    )
    (tmp_path / "hwmon/hwmon1/in0_lcrit_alarm").write_text("0\n")
    assert read_health(tmp_path).under_voltage is False


def test_another_board_tells_nothing_and_breaks_nothing(tmp_path: Path) -> None:
    assert read_health(tmp_path) == BoardHealth()
    files = {"thermal/thermal_zone0/temp": "warm", "hwmon/hwmon0/name": "rpi_volt"}
    assert read_health(sysfs(tmp_path, files)) == BoardHealth()


def test_the_bridge_tells_its_version_and_when_it_started() -> None:
    told: list[dict[str, Any]] = []
    clock = Clock()
    Health(clock, lambda text: told.append(json.loads(text)), read=lambda: PI).tell()
    (values,) = told
    assert values["boot_id"] == clock.boot_id
    assert (values["temperature_c"], values["under_voltage"]) == (48.2, False)
    assert re.fullmatch(r"\d+\.\d+\.\d+", values["version"])
    assert values["started_at"] <= values["seen_at"]
