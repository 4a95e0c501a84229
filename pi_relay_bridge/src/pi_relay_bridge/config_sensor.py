"""The configuration of one bay's current sensor, `[bay.sensor]`."""

from dataclasses import dataclass

from .config_table import Table

KINDS = ("mcp3008", "ads1115", "ina219")
CHANNELS = {"mcp3008": 8, "ads1115": 4}
HOUR_S = 3600
MOST_A = 1000
INSTANT_FACTOR = 1.5


@dataclass(frozen=True, kw_only=True)
class CurrentLimits:
    """What the current may be, and for how long it may be otherwise.

    `trip_current_a` None: no over-current trip. `load_min_a`: from there on something
    is plugged in. `voltage_v` None: energy is not counted.
    """

    trip_current_a: float | None = None
    trip_after_s: float = 2.0
    instant_trip_a: float | None = None
    trip_rest_s: float = 60.0
    load_min_a: float = 0.2
    unplugged_after_s: float = 30.0
    unplugged_action: str = "report"
    welded_after_s: float = 2.0
    stale_after_s: float = 5.0
    voltage_v: float | None = None


@dataclass(frozen=True, kw_only=True)
class SensorConfig:
    """How to measure, and what follows from it."""

    kind: str
    channel: int = 0
    mode: str = "ac"
    mains_hz: float = 50
    amps_per_volt: float = 1.0
    zero_volt: float = 0.0
    reference_volt: float = 3.3
    noise_a: float = 0.0
    i2c_bus: int = 1
    i2c_address: int = 0x48
    shunt_ohm: float = 0.1
    limits: CurrentLimits = CurrentLimits()


def read_sensor(table: Table) -> SensorConfig:
    """Return a `[bay.sensor]` table; raise ConfigError."""
    kind = table.choice("kind", "", KINDS)
    is_shunt = kind == "ina219"
    sensor = _ina219(table) if is_shunt else _analog(kind, table, _limits(table))
    table.finish()
    return sensor


def _ina219(table: Table) -> SensorConfig:
    """Return a DC sensor with a shunt of its own."""
    return SensorConfig(
        kind="ina219",
        mode="dc",
        i2c_bus=_bus(table),
        i2c_address=_address(table, 0x40),
        shunt_ohm=table.number("shunt_ohm", 0.1, low=1e-5, high=10),
        limits=_limits(table),
    )


def _analog(kind: str, table: Table, limits: CurrentLimits) -> SensorConfig:
    """Return a sensor behind a converter's input."""
    mode = table.choice("mode", "ac", ("ac", "dc"))
    channel = table.number("channel", low=0, high=CHANNELS[kind] - 1, whole=True)
    on_i2c = kind == "ads1115"
    config = SensorConfig(
        kind=kind,
        channel=int(channel),
        mode=mode,
        amps_per_volt=table.number("amps_per_volt", low=1e-3, high=1e4),
        noise_a=table.number("noise_a", 0, low=0, high=MOST_A),
        limits=limits,
        mains_hz=table.number("mains_hz", 50, low=45, high=65) if mode == "ac" else 50,
        zero_volt=table.number("zero_volt", low=0, high=10) if mode == "dc" else 0,
        reference_volt=3.3 if on_i2c else _reference(table),
        i2c_bus=_bus(table) if on_i2c else 1,
        i2c_address=_address(table, 0x48) if on_i2c else 0,
    )
    if config.noise_a >= limits.load_min_a:
        raise table.error("noise_a", "must be below load_min_a")
    return config


def _reference(table: Table) -> float:
    """Return the converter's reference voltage."""
    return table.number("reference_volt", 3.3, low=1, high=5.5)


def _bus(table: Table) -> int:
    """Return the number of the I2C bus."""
    return int(table.number("i2c_bus", 1, low=0, high=20, whole=True))


def _address(table: Table, default: int) -> int:
    """Return an address on the I2C bus."""
    return int(table.number("i2c_address", default, low=0x08, high=0x77, whole=True))


def _limits(table: Table) -> CurrentLimits:
    """Return the limits."""
    trip_a = table.optional_number("trip_current_a", low=0.01, high=MOST_A)
    instant_a = table.optional_number("instant_trip_a", low=0.01, high=MOST_A)
    if instant_a is not None and (trip_a is None or instant_a < trip_a):
        raise table.error("instant_trip_a", "must be at least trip_current_a")
    if trip_a is not None and instant_a is None:
        instant_a = trip_a * INSTANT_FACTOR
    return CurrentLimits(
        trip_current_a=trip_a,
        trip_after_s=table.number("trip_after_s", 2, low=0, high=60),
        instant_trip_a=instant_a,
        trip_rest_s=table.number("trip_rest_s", 60, low=1, high=HOUR_S),
        load_min_a=table.number("load_min_a", 0.2, low=0.001, high=MOST_A),
        unplugged_after_s=table.number("unplugged_after_s", 30, low=1, high=HOUR_S),
        unplugged_action=table.choice("unplugged_action", "report", ("report", "end")),
        welded_after_s=table.number("welded_after_s", 2, low=0.5, high=60),
        stale_after_s=table.number("stale_after_s", 5, low=1, high=60),
        voltage_v=table.optional_number("voltage_v", low=1, high=1000),
    )
