"""The configuration file and the discovery payload made from it."""

import json
from pathlib import Path
import re

from pi_relay_bridge.config import load, parse
import pytest

from pi_relay_bridge import config_table, discovery

EXAMPLE = Path(__file__).parents[2] / "pi_relay_bridge" / "config.example.toml"
GOOD = """\
[bridge]
node = "garage"

[mqtt]
host = "broker"

[[bay]]
id = "1"
pin = 17

[[bay]]
id = "left"
name = "Left bay"
pin = 27
active_high = false
max_session_s = 3600
manual_max_s = 0
"""


def test_what_is_not_said_has_a_safe_default() -> None:
    config = parse(GOOD)
    assert config.contact_loss_off_s == 180
    assert config.pin_factory == "lgpio"
    assert (config.mqtt.port, config.mqtt.tls, config.mqtt.username) == (
        1883,
        False,
        None,
    )
    first, second = config.bays
    assert (first.name, first.active_high) == ("Bay 1", True)
    assert (first.max_session_s, first.manual_max_s) == (14400, 30)
    assert (second.name, second.active_high, second.manual_max_s) == (
        "Left bay",
        False,
        0,
    )


def test_the_example_is_right(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", "/run/credentials/x")
    config = load(EXAMPLE)
    assert config.mqtt.password_file == Path("/run/credentials/x/mqtt_password")


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (
            'node = "garage"',
            'nod = "garage"',
            "line 1: [bridge] node: is missing, is it nod?",
        ),
        ('node = "garage"', 'node = "a/b"', "line 2: [bridge] node: must be in quotes"),
        ('node = "garage"', "node = 7", "line 2: [bridge] node: must be"),
        (
            'host = "broker"',
            'host = "broker"\nprot = 1',
            "line 6: [mqtt] prot: unknown key, did you mean port?",
        ),
        ('host = "broker"', "host = 5", "line 5: [mqtt] host: must be a text"),
        (
            'host = "broker"',
            'host = "b"\nport = 70000',
            "line 6: [mqtt] port: must be between 1 and 65535",
        ),
        (
            'host = "broker"',
            'host = "b"\nport = true',
            "line 6: [mqtt] port: must be a whole number",
        ),
        (
            'host = "broker"',
            'host = "b"\nca_file = "x"',
            "line 6: [mqtt] ca_file: needs tls",
        ),
        (
            'host = "broker"',
            'host = "b"\npassword_file = "x"',
            "line 6: [mqtt] password_file: needs a username",
        ),
        ("pin = 27", "pin = 28", "line 14: [bay 2] pin: must be between 0 and 27"),
        ("pin = 27", "pin = 17", "two bays have the same pin: 17"),
        ('id = "left"', 'id = "1"', "two bays have the same id: 1"),
        (
            "max_session_s = 3600",
            "max_session_s = nan",
            "line 16: [bay 2] max_session_s: must be a number",
        ),
        ("max_session_s = 3600", "max_session = 3600", "did you mean max_session_s?"),
        (
            "manual_max_s = 0",
            "manual_max_s = 3601",
            "line 17: [bay 2] manual_max_s: must be between 0 and 3600",
        ),
        (
            "active_high = false",
            'active_high = "no"',
            "line 15: [bay 2] active_high: must be true or false",
        ),
        (
            'node = "garage"',
            'node = "g"\npin_factory = "auto"',
            "line 3: [bridge] pin_factory: must be one of",
        ),
        ("[mqtt]", "[mqqt]", "mqtt: is missing, is it mqqt?"),
        ("[mqtt]", "[extra]\n[mqtt]", "line 4: extra: unknown key"),
        ("[mqtt]", "[mqtt", "line 4"),
    ],
)
def test_mistakes_are_named_with_line_and_key(old: str, new: str, problem: str) -> None:
    assert old in GOOD
    with pytest.raises(config_table.ConfigError, match=re.escape(problem)):
        parse(GOOD.replace(old, new))


def test_without_a_bay_there_is_nothing_to_run() -> None:
    with pytest.raises(config_table.ConfigError, match="bay: is missing"):
        parse(GOOD.split("[[bay]]", maxsplit=1)[0])


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(config_table.ConfigError, match=r"none\.toml: cannot be read"):
        load(tmp_path / "none.toml")


ROOT_KEYS = {"dev", "o", "cmps", "avty"}
COMPONENT_KEYS = {
    "switch": {
        "p",
        "name",
        "uniq_id",
        "def_ent_id",
        "cmd_t",
        "qos",
        "stat_t",
        "val_tpl",
    },
    "event": {"p", "name", "uniq_id", "def_ent_id", "stat_t", "evt_typ"},
    "sensor": {
        "p",
        "name",
        "uniq_id",
        "def_ent_id",
        "dev_cla",
        "ops",
        "ent_cat",
        "stat_t",
        "val_tpl",
    },
}


def test_discovery_keeps_to_the_shapes_home_assistant_accepts() -> None:
    payload = json.loads(discovery.text(parse(GOOD)))
    assert set(payload) == ROOT_KEYS
    assert payload["dev"]["ids"] == ["paybay_garage"]
    assert payload["o"]["name"]
    assert payload["avty"] == [{"t": "paybay/garage/status"}]
    components = payload["cmps"].values()
    assert len(components) == 6
    assert len({each["uniq_id"] for each in components}) == 6
    for each in components:
        assert set(each) == COMPONENT_KEYS[each["p"]]
        assert re.fullmatch(rf"{each['p']}\.[a-z0-9]+(_[a-z0-9]+)*", each["def_ent_id"])


def test_the_switch_is_found_by_its_unique_id() -> None:
    switch = discovery.payload(parse(GOOD))["cmps"]["left_relay"]
    assert switch["uniq_id"] == "paybay_garage_left_relay"
    assert switch["name"] == "Left bay relay"
    assert switch["cmd_t"] == "paybay/garage/bay/left/set"
    assert switch["stat_t"] == "paybay/garage/bay/left/state"
