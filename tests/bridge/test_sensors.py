"""Sensors behind fake converters and a fake I2C bus, by their data sheets."""

from collections.abc import Callable
import math
from pathlib import Path
import sys
import threading
from types import ModuleType
from typing import Any

from gpiozero.pins.mock import MockFactory
from pi_relay_bridge.config import BayConfig
from pi_relay_bridge.config_sensor import CurrentLimits, SensorConfig
from pi_relay_bridge.controls import Controls
from pi_relay_bridge.monitor import CurrentMonitor
from pi_relay_bridge.sampler import Sampler
from pi_relay_bridge.sensors.analog import AnalogSensor
from pi_relay_bridge.sensors.base import SensorError
from pi_relay_bridge.sensors.i2c import Ads1115, Ina219, SharedBus
from pi_relay_bridge.sensors.make import make_sensors
from pi_relay_bridge.sensors.simulated import SimulatedSensor
from pi_relay_bridge.simulate import Levels
import pytest

from .helpers import FakeRelay, eventually


class Wave:
    """An input that shows a wave, sampled at a fixed rate."""

    def __init__(self, volts: Callable[[float], float], rate_hz: float = 5000) -> None:
        self._volts = volts
        self._step_s = 1 / rate_hz
        self.now_s = 0.0

    def read_v(self) -> float:
        self.now_s += self._step_s
        return self._volts(self.now_s)


def analog(wave: Wave, **values: Any) -> AnalogSensor:
    """Return a sensor that sees this wave."""
    config = SensorConfig(kind="mcp3008", amps_per_volt=30, **values)
    return AnalogSensor(config, wave, now=lambda: wave.now_s)


@pytest.mark.parametrize("mains_hz", [50, 60])
@pytest.mark.parametrize("amps", [0.5, 6, 16])
def test_a_current_transformer_gives_the_rms_current(
    mains_hz: float, amps: float
) -> None:
    peak_v = amps / 30 * math.sqrt(2)
    wave = Wave(lambda t: 1.65 + peak_v * math.sin(2 * math.pi * mains_hz * t + 1))
    assert analog(wave, mains_hz=mains_hz).read_a() == pytest.approx(amps, rel=0.005)
    assert wave.now_s == pytest.approx(10 / mains_hz, rel=0.01)


def test_a_distorted_current_is_measured_by_its_heat() -> None:
    """A square wave's RMS is its peak; a meter of averages would be wrong."""
    wave = Wave(lambda t: 1.65 + (0.2 if math.sin(100 * math.pi * t) > 0 else -0.2))
    assert analog(wave).read_a() == pytest.approx(6, rel=0.01)


def test_noise_is_no_current() -> None:
    wave = Wave(lambda t: 1.65 + 0.003 * math.sin(900 * t))
    assert analog(wave).read_a() > 0.05
    assert analog(wave, noise_a=0.1).read_a() == 0


def test_a_converter_too_slow_for_the_mains_is_an_error() -> None:
    with pytest.raises(SensorError, match="samples in 10 cycles"):
        analog(Wave(lambda _: 1.0, rate_hz=300)).read_a()


@pytest.mark.parametrize("volts", [2.7, 2.3])
def test_a_direct_current_is_the_distance_from_zero(volts: float) -> None:
    sensor = analog(Wave(lambda _: volts), mode="dc", zero_volt=2.5)
    assert sensor.read_a() == pytest.approx(6)


class Registers:
    """A bus with one chip: 16 bit registers, high byte first on the wire."""

    def __init__(self, **values: int) -> None:
        self.values = {int(key[1:], 16): each for key, each in values.items()}
        self.written: list[tuple[int, int, int]] = []

    def read_word_data(self, i2c_addr: int, register: int) -> int:
        value = self.values[register]
        return (value & 0xFF) << 8 | value >> 8

    def write_word_data(self, i2c_addr: int, register: int, value: int) -> None:
        self.written.append((i2c_addr, register, (value & 0xFF) << 8 | value >> 8))


@pytest.mark.parametrize("bits", [2000, 0x10000 - 2000])
def test_an_ina219_tells_the_current_over_its_shunt(bits: int) -> None:
    sensor = Ina219(SharedBus(Registers(r01=bits)), 0x40, 0.1)
    assert sensor.read_a() == pytest.approx(0.2)


def test_an_ads1115_is_asked_for_one_input_and_tells_its_voltage() -> None:
    bus = Registers(r00=16384, r01=0x8000)
    assert Ads1115(SharedBus(bus), 0x49, 2).read_v() == pytest.approx(2.048)
    # One shot, input 2 against ground, 4.096 V, 860 a second, no comparator.
    assert bus.written == [(0x49, 0x01, 0xE3E3)]


def test_an_ads1115_that_never_finishes_is_an_error() -> None:
    now_s = iter(range(1000))
    bus = SharedBus(Registers(r01=0))
    with pytest.raises(SensorError, match="does not convert"):
        Ads1115(bus, 0x48, 0, now=lambda: next(now_s) / 100).read_v()
    assert not bus.lock.locked()


def bays(**sensor: Any) -> tuple[BayConfig, ...]:
    return (BayConfig(id="1", name="Bay 1", pin=17, sensor=SensorConfig(**sensor)),)


def test_sensors_on_one_bus_share_it(monkeypatch: pytest.MonkeyPatch) -> None:
    library = ModuleType("smbus2")
    opened: list[int] = []

    def open_it(number: int) -> Registers:
        opened.append(number)
        return Registers(r01=1000)

    library.SMBus = open_it  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "smbus2", library)
    other = BayConfig(id="2", name="2", pin=27, sensor=SensorConfig(kind="ads1115"))
    both = (*bays(kind="ina219", i2c_address=0x40), other)
    made = make_sensors(both, None, None)
    assert opened == [1]
    assert made["1"].read_a() == pytest.approx(0.1)


def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "smbus2", None)
    with pytest.raises(SensorError, match=r"bay 1, ina219: needs pip install .*ina219"):
        make_sensors(bays(kind="ina219"), None, None)


def test_a_bus_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    library = ModuleType("smbus2")

    def open_it(number: int) -> None:
        raise FileNotFoundError(2, "No such file", f"/dev/i2c-{number}")

    library.SMBus = open_it  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "smbus2", library)
    with pytest.raises(SensorError, match=r"I2C bus 1: .*/dev/i2c-1"):
        make_sensors(bays(kind="ads1115"), None, None)


def test_an_mcp3008_is_read_through_gpiozero(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []

    class Device:
        voltage = 2.0

        def __init__(self, channel: int, **values: Any) -> None:
            asked.append((channel, values["max_voltage"]))

    monkeypatch.setattr("pi_relay_bridge.sensors.mcp3008.MCP3008", Device)
    sensor = SensorConfig(
        kind="mcp3008", channel=3, mode="dc", amps_per_volt=5, reference_volt=5
    )
    bay = BayConfig(id="1", name="Bay 1", pin=17, sensor=sensor)
    assert make_sensors((bay,), None, None)["1"].read_a() == 10
    assert asked == [(3, 5)]


def test_an_mcp3008_without_hardware_spi_is_refused() -> None:
    with pytest.raises(SensorError, match="failed to initialize hardware SPI"):
        make_sensors(bays(kind="mcp3008"), MockFactory(), None)


class Script:
    """A sensor that answers by a script."""

    def __init__(self, *answers: float | Exception) -> None:
        self._answers = list(answers)
        self.asked = threading.Event()

    def read_a(self) -> float:
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        self.asked.set()
        if isinstance(answer, Exception):
            raise answer
        return answer


class Desk:
    """A sampler on fakes."""

    def __init__(self, *answers: float | Exception) -> None:
        self.now_s = 1.0
        self.relay = FakeRelay(is_on=True)
        self.monitor = CurrentMonitor(
            CurrentLimits(trip_current_a=16, instant_trip_a=24), 0
        )
        self.troubles: list[str] = []
        self.sampler = Sampler(
            "1",
            Script(*answers),
            self.relay,
            self.monitor,
            now=lambda: self.now_s,
            on_trouble=self.troubles.append,
        )


def test_a_trip_is_called_out_at_once_by_the_sensors_own_thread() -> None:
    desk = Desk(10.0, 30.0)
    desk.sampler.sample()
    assert desk.troubles == []
    desk.sampler.sample()
    assert desk.troubles == ["over_current"]


@pytest.mark.parametrize("nonsense", [float("nan"), float("inf"), -1.0, 1e9])
def test_nonsense_is_no_measurement(nonsense: float) -> None:
    desk = Desk(nonsense)
    with pytest.raises(ValueError, match="cannot be"):
        desk.sampler.sample()
    assert desk.monitor.reading.amps is None


def test_a_sensor_that_fails_is_asked_again() -> None:
    desk = Desk(OSError("bus"), OSError("bus"), 7.0)
    desk.sampler.start()
    eventually(lambda: desk.monitor.reading.amps == 7, "the third answer counts")
    desk.sampler.stop()


def test_the_simulated_load_flows_only_through_a_closed_contact(
    tmp_path: Path,
) -> None:
    levels, controls = Levels(tmp_path), Controls(tmp_path)
    low = BayConfig(id="1", name="Bay 1", pin=17, active_high=False)
    sensor = SimulatedSensor(tmp_path, low)
    controls.set_load("1", load_a=8.0)
    levels.set(17, high=True)
    assert sensor.read_a() == 0
    levels.set(17, high=False)
    assert sensor.read_a() == 8
    levels.set(17, high=True)
    controls.set_load("1", welded=True)
    assert sensor.read_a() == 8
    controls.set_load("1", sensor="error")
    with pytest.raises(OSError, match="simulated"):
        sensor.read_a()


def test_write_errors_are_counted_and_end(tmp_path: Path) -> None:
    controls = Controls(tmp_path)
    Controls(tmp_path).set_write_errors(17, 2)
    assert [controls.takes_write_error(17) for _ in range(4)] == [
        True,
        True,
        False,
        False,
    ]
    assert not controls.takes_write_error(27)
    controls.set_write_errors(17, -1)
    assert all(controls.takes_write_error(17) for _ in range(50))
    controls.set_write_errors(17, 0)
    assert not controls.takes_write_error(17)
