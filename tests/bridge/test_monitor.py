"""What a bay's current means, measurement by measurement."""

from typing import Any

from pi_relay_bridge.config_sensor import CurrentLimits
from pi_relay_bridge.monitor import CurrentMonitor
import pytest


class Meter:
    """A monitor that is fed five times a second."""

    def __init__(self, **limits: Any) -> None:
        values: dict[str, Any] = {"trip_current_a": 16, "instant_trip_a": 24}
        self.monitor = CurrentMonitor(CurrentLimits(**values | limits), 0)
        self.now_s = 0.0

    def feed(self, amps: float, seconds: float, *, is_on: bool = True) -> str | None:
        """Measure so much for so long; return the reason at the end."""
        for _ in range(round(seconds * 5)):
            self.now_s += 0.2
            self.monitor.take(amps, is_on=is_on, now_s=self.now_s)
        return self.reason

    @property
    def reason(self) -> str | None:
        return self.monitor.reason(self.now_s)


@pytest.fixture
def meter() -> Meter:
    """Return a monitor of a 16 A bay."""
    return Meter()


def test_too_much_current_trips_after_its_time(meter: Meter) -> None:
    assert meter.feed(17, 1.8) is None
    assert meter.feed(17, 0.6) == "over_current"


def test_a_short_surge_does_not_trip(meter: Meter) -> None:
    for _ in range(10):
        assert meter.feed(20, 1.4) is None
        assert meter.feed(10, 0.4) is None


def test_far_too_much_current_trips_at_the_first_measurement(meter: Meter) -> None:
    assert meter.feed(24, 0.2) == "over_current"


def test_a_trip_rests_a_minute_and_then_sells_again(meter: Meter) -> None:
    meter.feed(30, 0.2)
    assert meter.feed(0, 59, is_on=False) == "over_current"
    assert meter.feed(0, 2, is_on=False) is None


def test_a_reset_ends_the_rest(meter: Meter) -> None:
    meter.feed(30, 0.2)
    meter.feed(0, 1, is_on=False)
    meter.monitor.reset()
    assert meter.reason is None


def test_without_a_limit_nothing_trips() -> None:
    meter = Meter(trip_current_a=None, instant_trip_a=None)
    assert meter.feed(900, 10) is None


def test_current_while_off_is_a_welded_contact(meter: Meter) -> None:
    assert meter.feed(5, 1.8, is_on=False) is None
    assert meter.feed(5, 0.6, is_on=False) == "welded"


def test_a_current_that_fades_after_off_is_no_welded_contact(meter: Meter) -> None:
    meter.feed(10, 60)
    meter.feed(10, 1, is_on=False)
    assert meter.feed(0, 60, is_on=False) is None


def test_a_welded_contact_stays_known_until_a_reset_without_current(
    meter: Meter,
) -> None:
    meter.feed(5, 3, is_on=False)
    meter.monitor.reset()
    assert meter.reason == "welded"
    assert meter.feed(0, 3600, is_on=False) == "welded"
    meter.monitor.reset()
    assert meter.reason is None


def test_a_sensor_that_falls_silent_is_stale_until_it_speaks(meter: Meter) -> None:
    meter.feed(5, 10)
    meter.now_s += 4.9
    assert meter.reason is None
    meter.now_s += 0.2
    assert meter.reason == "sensor_stale"
    assert meter.monitor.reading.amps is None
    assert meter.feed(5, 0.2) is None


def test_a_sensor_that_never_speaks_is_stale(meter: Meter) -> None:
    meter.now_s = 5.1
    assert meter.reason == "sensor_stale"


def test_a_load_that_leaves_is_unplugged_after_its_time(meter: Meter) -> None:
    assert meter.monitor.reading.plugged is None
    meter.feed(8, 1)
    assert meter.monitor.reading.plugged is True
    meter.feed(0, 29)
    assert meter.monitor.reading.plugged is True
    meter.feed(0, 1.6)
    assert meter.monitor.reading.plugged is False
    assert meter.reason is None


def test_a_load_that_pauses_and_comes_back_is_plugged(meter: Meter) -> None:
    meter.feed(8, 1)
    meter.feed(0, 29)
    meter.feed(8, 0.2)
    meter.feed(0, 29)
    assert meter.monitor.reading.plugged is True


def test_a_bay_that_nobody_plugged_into_is_not_unplugged(meter: Meter) -> None:
    meter.feed(0, 300)
    assert meter.monitor.reading.plugged is None


def test_the_next_customer_is_not_unplugged_by_the_one_before(meter: Meter) -> None:
    meter.feed(8, 1)
    meter.feed(0, 31)
    meter.monitor.begin()
    assert meter.monitor.reading.plugged is None
    meter.feed(0, 31)
    assert meter.monitor.reading.plugged is None


def test_energy_is_volts_times_amperes_times_hours() -> None:
    meter = Meter(voltage_v=230)
    meter.feed(10, 3600)
    assert meter.monitor.reading.energy_wh == pytest.approx(2300, rel=0.001)


def test_a_gap_counts_as_no_energy() -> None:
    meter = Meter(voltage_v=230)
    meter.feed(10, 36)
    meter.now_s += 3600
    meter.feed(10, 0.2)
    assert meter.monitor.reading.energy_wh == pytest.approx(23, rel=0.01)


def test_without_a_voltage_there_is_no_energy(meter: Meter) -> None:
    meter.feed(10, 10)
    assert meter.monitor.reading.energy_wh is None
