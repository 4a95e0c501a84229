"""One relay: write the pin, read it back, try once more, or say that it failed."""

import logging
import threading
import time
from typing import Protocol

from .throttle import Throttle

_LOG = logging.getLogger(__name__)


class RelayError(Exception):
    """The pin did not take the level, twice."""


class OutputPin(Protocol):
    """What a relay needs of gpiozero's OutputDevice: `value` 1 drives the relay."""

    value: float


class Relay:
    """A relay on one output pin. Any thread may call; moves wait for each other."""

    def __init__(self, name: str, device: OutputPin) -> None:
        """Take over a device that is already claimed with the relay off."""
        self._name = name
        self._device = device
        self._maybe_on = False
        self._moving = threading.Lock()
        self._throttle = Throttle()

    @property
    def is_on(self) -> bool:
        """Return whether the relay is on, or may be as long as no `off` succeeded."""
        return self._maybe_on

    def on(self) -> None:
        """Switch on and see the pin follow; raise RelayError."""
        with self._moving:
            self._maybe_on = True
            self._drive(1)

    def off(self) -> None:
        """Switch off and see the pin follow; raise RelayError."""
        with self._moving:
            self._drive(0)
            self._maybe_on = False

    def _drive(self, value: int) -> None:
        """Write a level, with one retry."""
        try:
            self._write(value)
        except Exception as first:  # noqa: BLE001 - each pin library has errors of its own
            if self._throttle.allows("write", time.monotonic()):
                _LOG.warning(
                    "relay %s: writing %d failed (%s), trying again",
                    self._name,
                    value,
                    first,
                )
            try:
                self._write(value)
            except Exception as error:
                raise RelayError(str(error) or type(error).__name__) from error

    def _write(self, value: int) -> None:
        """Write a level and read it back."""
        self._device.value = value
        if self._device.value != value:
            raise RelayError(
                f"the pin reads {self._device.value} after {value} was written"
            )
