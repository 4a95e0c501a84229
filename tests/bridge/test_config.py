"""The configuration file."""

from pathlib import Path
import re

from pi_relay_bridge.config import load, parse
import pytest

from pi_relay_bridge import config_table

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
    assert config.mqtt.password_credential == "mqtt_password"
    assert config.mqtt.password_file == Path("/etc/pi-relay-bridge/mqtt_password")


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (
            'node = "garage"',
            'nod = "garage"',
            "line 1: [bridge] node: is missing, is it nod?",
        ),
        ('node = "garage"', 'node = "a/b"', "line 2: [bridge] node: must be in quotes"),
        ('id = "left"', 'id = "left_1"', "[bay 2] id: must be in quotes and match"),
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
            'host = "b"\npassword = "secret-7"',
            "line 6: [mqtt] password: does not belong into this file",
        ),
        (
            'host = "broker"',
            'host = "mqtts://b"',
            "line 5: [mqtt] host: must be a name alone; for mqtts:// set tls = true",
        ),
        (
            'host = "broker"',
            'host = "b"\ntls = true\nclient_key_file = "x"',
            "line 7: [mqtt] client_key_file: needs client_cert_file",
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
    with pytest.raises(config_table.ConfigError, match=re.escape(problem)) as error:
        parse(GOOD.replace(old, new))
    assert "secret-7" not in str(error.value)


def test_without_a_bay_there_is_nothing_to_run() -> None:
    with pytest.raises(config_table.ConfigError, match="bay: is missing"):
        parse(GOOD.split("[[bay]]", maxsplit=1)[0])


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(config_table.ConfigError, match=r"none\.toml: cannot be read"):
        load(tmp_path / "none.toml")


SENSOR = 'kind = "mcp3008"\nchannel = 2\namps_per_volt = 30\n'


def with_sensor(text: str) -> str:
    """Return a configuration whose second bay has this sensor."""
    return f"{GOOD}\n[bay.sensor]\n{text}"


def test_a_sensor_has_safe_limits_unless_told_otherwise() -> None:
    first, second = parse(with_sensor(SENSOR + "trip_current_a = 16\n")).bays
    assert first.sensor is None
    assert second.sensor is not None
    assert (second.sensor.mode, second.sensor.mains_hz) == ("ac", 50)
    limits = second.sensor.limits
    assert (limits.trip_current_a, limits.instant_trip_a) == (16, 24)
    assert (limits.stale_after_s, limits.unplugged_action) == (5, "report")
    assert limits.voltage_v is None


def test_an_ina219_and_an_ads1115_have_their_own_addresses() -> None:
    shunt = parse(with_sensor('kind = "ina219"\n')).bays[1].sensor
    assert shunt is not None
    assert (shunt.mode, shunt.i2c_address, shunt.shunt_ohm) == ("dc", 0x40, 0.1)
    text = SENSOR.replace("mcp3008", "ads1115")
    converter = parse(with_sensor(text)).bays[1].sensor
    assert converter is not None
    assert (converter.i2c_address, converter.channel) == (0x48, 2)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            'kind = "bl0942"\n',
            "line 20: [bay 2.sensor] kind: must be one of mcp3008, ads1115, ina219",
        ),
        (SENSOR + "trip_amps = 3\n", "[bay 2.sensor] trip_amps: unknown key"),
        (SENSOR + "shunt_ohm = 0.1\n", "[bay 2.sensor] shunt_ohm: unknown key"),
        (SENSOR.replace("2", "8"), "channel: must be between 0 and 7"),
        (SENSOR + 'mode = "dc"\n', "zero_volt: is missing"),
        (SENSOR + "noise_a = 0.5\n", "noise_a: must be below load_min_a"),
        (
            SENSOR + "trip_current_a = 16\ninstant_trip_a = 10\n",
            "instant_trip_a: must be at least trip_current_a",
        ),
        ('kind = "ina219"\nchannel = 1\n', "channel: unknown key"),
    ],
)
def test_a_wrong_sensor_is_a_clear_error(text: str, problem: str) -> None:
    with pytest.raises(config_table.ConfigError, match=re.escape(problem)):
        parse(with_sensor(text))


def test_an_emergency_stop_may_be_shared_but_not_with_a_relay() -> None:
    shared = GOOD.replace("pin = 17", "pin = 17\nestop_pin = 5")
    assert parse(shared.replace("pin = 27", "pin = 27\nestop_pin = 5")).bays[1].id
    for wrong in (
        GOOD.replace('node = "', 'estop_pin = 27\nnode = "'),
        GOOD.replace("pin = 17", "pin = 17\nestop_pin = 27"),
    ):
        problem = "estop_pin: GPIO 27 is the relay of bay left"
        with pytest.raises(config_table.ConfigError, match=problem):
            parse(wrong)
