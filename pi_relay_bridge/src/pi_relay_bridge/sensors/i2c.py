"""INA219 and ADS1115 by their registers, through smbus2 (an optional extra)."""

from collections.abc import Callable
import importlib
import threading
import time
from typing import Any, Protocol, cast

from .base import SensorError

# Texas Instruments SBOS448, table 4: shunt voltage, 10 microvolts a bit.
_INA219_SHUNT = 0x01
_INA219_BIT_V = 10e-6
# Texas Instruments SBAS444, 9.6: one shot, single-ended, +-4.096 V, 860 a second.
_ADS1115_CONVERSION = 0x00
_ADS1115_CONFIG = 0x01
_ADS1115_ONE_SHOT = 0x83E3
_ADS1115_FIRST_INPUT = 4
_ADS1115_READY = 0x8000
_ADS1115_BIT_V = 4.096 / 32768
_ADS1115_PATIENCE_S = 0.02

_SIGN = 0x8000


class Bus(Protocol):
    """What is needed of smbus2's SMBus."""

    def read_word_data(self, i2c_addr: int, register: int) -> int:
        """Return a register, low byte first."""

    def write_word_data(self, i2c_addr: int, register: int, value: int) -> None:
        """Set a register, low byte first."""


class SharedBus:
    """One I2C bus for several sensors, each of which holds it for a conversation."""

    def __init__(self, bus: Bus) -> None:
        """Share `bus`."""
        self._bus = bus
        self.lock = threading.Lock()

    def read(self, address: int, register: int) -> int:
        """Return a register's 16 bits, signed; the chips send the high byte first."""
        value = _swapped(self._bus.read_word_data(address, register))
        return value - 2 * _SIGN if value & _SIGN else value

    def write(self, address: int, register: int, value: int) -> None:
        """Set a register's 16 bits."""
        self._bus.write_word_data(address, register, _swapped(value))


def open_bus(number: int) -> SharedBus:
    """Return an I2C bus; raise SensorError."""
    try:
        smbus2: Any = importlib.import_module("smbus2")
    except ImportError:
        raise SensorError("needs pip install pi-relay-bridge[ina219]") from None
    try:
        return SharedBus(cast("Bus", smbus2.SMBus(number)))
    except OSError as error:
        raise SensorError(f"I2C bus {number}: {error}") from error


class Ina219:
    """A DC current by the voltage over a shunt. Never for the mains."""

    def __init__(self, bus: SharedBus, address: int, shunt_ohm: float) -> None:
        """Read the chip at `address`; raise SensorError."""
        self._bus = bus
        self._address = address
        self._shunt_ohm = shunt_ohm

    def read_a(self) -> float:
        """Return the current in amperes, whatever its direction; raise OSError."""
        with self._bus.lock:
            bits = self._bus.read(self._address, _INA219_SHUNT)
        return abs(bits * _INA219_BIT_V / self._shunt_ohm)


class Ads1115:
    """One input of the converter, against ground."""

    def __init__(
        self,
        bus: SharedBus,
        address: int,
        channel: int,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """Read input `channel` (0 to 3) of the chip at `address`."""
        self._bus = bus
        self._address = address
        self._config = _ADS1115_ONE_SHOT | (_ADS1115_FIRST_INPUT + channel) << 12
        self._now = now

    def read_v(self) -> float:
        """Return the voltage at the input; raise OSError or SensorError."""
        with self._bus.lock:
            self._bus.write(self._address, _ADS1115_CONFIG, self._config)
            end_s = self._now() + _ADS1115_PATIENCE_S
            while not self._bus.read(self._address, _ADS1115_CONFIG) & _ADS1115_READY:
                if self._now() > end_s:
                    raise SensorError("ADS1115 does not convert")
            bits = self._bus.read(self._address, _ADS1115_CONVERSION)
        return bits * _ADS1115_BIT_V


def _swapped(word: int) -> int:
    """Return 16 bits with their two bytes exchanged."""
    return (word & 0xFF) << 8 | (word >> 8) & 0xFF
