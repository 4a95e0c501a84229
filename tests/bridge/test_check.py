"""What `check` says of a machine, from the files that a Pi would have."""

import os
from pathlib import Path
from typing import Any

from pi_relay_bridge.checks import broker, firmware, gpio, machine, sensors
from pi_relay_bridge.config import BayConfig, Config, parse
from pi_relay_bridge.findings import ERROR, OK, WARN, Finding
from pi_relay_bridge.sensors.base import SensorError
import pytest

PASSWORD = "otter-lantern-58"


def make_config(*bays: str, mqtt: str = "") -> Config:
    tables = "".join(f"[[bay]]\n{each}\n" for each in bays or ('id = "1"\npin = 17',))
    return parse(f'[bridge]\nnode = "n"\n[mqtt]\nhost = "broker"\n{mqtt}\n{tables}')


LOW = 'id = "2"\npin = 5\nactive_high = false'


def with_config_txt(root: Path, text: str) -> Path:
    (root / "boot/firmware").mkdir(parents=True)
    (root / "boot/firmware/config.txt").write_text(text)
    return root


def by_name(findings: list[Finding]) -> dict[str, Finding]:
    return {each.name: each for each in findings}


def test_a_well_prepared_pi_has_nothing_to_complain_of(tmp_path: Path) -> None:
    config = make_config('id = "1"\npin = 17', LOW)
    root = with_config_txt(
        tmp_path, "dtparam=strict_gpiod\ngpio=17=op,dl # relays\ngpio=4-6=op,dh\n"
    )
    found = [*firmware.check_pins(config), *firmware.check_firmware(config, root)]
    assert {each.level for each in found} == {OK}


def test_what_is_missing_in_config_txt_is_told_to_the_letter(tmp_path: Path) -> None:
    config = make_config('id = "1"\npin = 17', 'id = "3"\npin = 27', LOW)
    root = with_config_txt(tmp_path, "# dtparam=strict_gpiod\ngpio=17=ip\n")
    found = by_name(firmware.check_firmware(config, root))
    assert found["strict_gpiod"].level == WARN
    assert found["boot levels"].advice == "add gpio=17,27=op,dl and gpio=5=op,dh"


def test_a_config_txt_that_switches_a_relay_on_is_an_error(tmp_path: Path) -> None:
    root = with_config_txt(tmp_path, "gpio=17=op,dh\n")
    found = by_name(firmware.check_firmware(make_config(), root))
    assert found["boot levels"].level == ERROR
    assert found["boot levels"].advice == "write gpio=17=op,dl instead"


def test_without_a_config_txt_it_says_so(tmp_path: Path) -> None:
    (finding,) = firmware.check_firmware(make_config(), tmp_path)
    assert finding.level == WARN


@pytest.mark.parametrize(
    ("pin", "active_high", "level"),
    [
        (17, True, OK),
        (4, True, WARN),
        (4, False, OK),
        (17, False, WARN),
        (14, True, WARN),
    ],
)
def test_a_pin_that_is_on_while_the_pi_boots_is_pointed_out(
    pin: int, active_high: bool, level: str
) -> None:
    bay = BayConfig(id="1", name="x", pin=pin, active_high=active_high)
    (finding,) = firmware._pin(bay)
    assert finding.level == level


class Kernel:
    """The GPIO device's answers, in the kernel's own layout (linux/gpio.h)."""

    def __init__(self, holders: dict[int, str], label: str = "pinctrl-bcm2711") -> None:
        self._holders = holders
        self._label = label

    def __call__(self, _fd: int, request: int, argument: bytes) -> bytes:
        if request == gpio.GET_CHIP_INFO:
            assert len(argument) == 68
            return gpio.CHIP_INFO.pack(b"gpiochip0", self._label.encode(), 54)
        assert request == gpio.GET_LINE_INFO
        assert len(argument) == 256
        pin = gpio.LINE_INFO.unpack(argument)[2]
        holder = self._holders.get(pin)
        flags = 0b1001 if holder is not None else 0b100
        return gpio.LINE_INFO.pack(b"GPIO", (holder or "").encode(), pin, 0, flags)


@pytest.fixture
def pi(tmp_path: Path) -> Path:
    (tmp_path / "dev").mkdir()
    (tmp_path / "dev/gpiochip0").touch()
    return tmp_path


@pytest.mark.parametrize(
    ("holders", "runs", "level", "said"),
    [
        ({4: "w1"}, False, OK, "nobody holds them"),
        ({17: "other-program"}, False, ERROR, "GPIO 17 (other-program)"),
        ({17: ""}, False, ERROR, "GPIO 17 (unnamed)"),
        ({17: "lg"}, True, OK, "the bridge is running"),
    ],
)
def test_a_pin_that_another_program_holds_is_an_error(
    pi: Path, holders: dict[int, str], runs: bool, level: str, said: str
) -> None:
    (finding,) = gpio.check_lines(
        make_config(), bridge_runs=runs, root=pi, ioctl=Kernel(holders)
    )
    assert finding.level == level
    assert said in finding.text


def test_a_machine_without_a_header_is_no_pi(pi: Path) -> None:
    (finding,) = gpio.check_lines(
        make_config(), bridge_runs=False, root=pi, ioctl=Kernel({}, "usb-expander")
    )
    assert finding.level == WARN


def test_a_pin_library_that_is_not_there_tells_how_to_get_it() -> None:
    finding = gpio.check_factory(make_config())
    assert finding.level == ERROR
    assert finding.advice is not None
    assert "python3-lgpio" in finding.advice


SENSOR = 'id = "1"\npin = 17\n[bay.sensor]\nkind = "ads1115"\nchannel = 0\n'
SENSOR += "amps_per_volt = 10"


class Chip:
    """An I2C bus with one chip."""

    def __init__(self, address: int) -> None:
        self.lock = memoryview(b"")
        self._address = address

    def read(self, address: int, _register: int) -> int:
        if address != self._address:
            raise OSError(121, "Remote I/O error")
        return 0


@pytest.mark.parametrize(("address", "level"), [(0x48, OK), (0x49, ERROR)])
def test_a_sensor_that_does_not_answer_is_an_error(
    tmp_path: Path, address: int, level: str
) -> None:
    (tmp_path / "dev").mkdir()
    (tmp_path / "dev/i2c-1").touch()
    bus: Any = lambda _number: Chip(address)  # noqa: E731 - a stand-in
    (finding,) = sensors.check_sensors(make_config(SENSOR), tmp_path, bus)
    assert finding.level == level
    assert "0x48" in finding.text


def test_a_bus_that_is_off_tells_how_to_switch_it_on(tmp_path: Path) -> None:
    def never(_number: int) -> Any:
        raise SensorError("not reached")

    (finding,) = sensors.check_sensors(make_config(SENSOR), tmp_path, never)
    assert finding.level == ERROR
    assert finding.advice is not None
    assert "i2c_arm" in finding.advice


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0),
        ("15s", 15),
        ("1min", 60),
        ("1min 15s", 75),
        ("500ms", 0.5),
        ("?", None),
    ],
)
def test_time_spans_are_read_as_systemd_writes_them(
    text: str, seconds: float | None
) -> None:
    assert machine.span_s(text) == seconds


def test_a_machine_without_a_watchdog_is_told(tmp_path: Path) -> None:
    assert machine.check_watchdog(tmp_path).level == WARN


def test_the_clock_is_asked_and_not_changed() -> None:
    assert machine.check_clock().level in (OK, WARN)


def test_a_secret_that_others_can_read_is_pointed_out(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text(PASSWORD)
    config = make_config(mqtt=f'username = "u"\npassword_file = "{file}"\ntls = true')
    file.chmod(0o644)
    (finding,) = broker.check_secrets(config)
    assert finding.advice == f"sudo chmod 600 {file}"
    assert PASSWORD not in str(finding)
    file.chmod(0o600)
    assert broker.check_secrets(config) == []


def test_a_password_without_tls_is_pointed_out() -> None:
    login = 'username = "u"\npassword_env = "X"'
    (finding,) = broker.check_secrets(make_config(mqtt=login))
    assert finding.advice is not None
    assert "tls = true" in finding.advice
    assert broker.check_secrets(make_config(mqtt=f"{login}\ntls = true")) == []


def test_a_login_as_nobody_is_pointed_out() -> None:
    (finding,) = broker.check_secrets(make_config())
    assert "as nobody" in finding.text


def test_a_state_dir_that_takes_nothing_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)
    config = parse(
        f'[bridge]\nnode = "n"\nstate_dir = "{tmp_path}/a/b"\n'
        '[mqtt]\nhost = "h"\n[[bay]]\nid = "1"\npin = 17\n'
    )
    assert machine.check_state_dir(config).level == ERROR
    monkeypatch.undo()
    assert machine.check_state_dir(config).level == OK
    assert not (tmp_path / "a").exists()
