"""One input of an MCP3008, through gpiozero."""

from typing import Any
import warnings

from gpiozero import MCP3008, SPISoftwareFallback


class Mcp3008Input:
    """A 10 bit converter on the Pi's SPI pins."""

    def __init__(self, channel: int, reference_volt: float, factory: Any) -> None:
        """Read input `channel` (0 to 7); raise gpiozero's errors."""
        with warnings.catch_warnings():
            # SPI by software is far too slow to see the mains' wave.
            warnings.simplefilter("error", SPISoftwareFallback)
            self._device = MCP3008(
                channel, max_voltage=reference_volt, pin_factory=factory
            )

    def read_v(self) -> float:
        """Return the voltage at the input; raise gpiozero's errors."""
        return float(self._device.voltage)
