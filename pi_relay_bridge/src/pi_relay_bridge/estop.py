"""An emergency stop: a contact to ground that opens when pressed.

A broken wire looks like a pressed button, and stops. Sessions that it ended do not
come back when it is released: whoever resets an emergency stop must not start a
machine by it (ISO 13850).
"""

from collections.abc import Callable
import logging
import threading
from typing import Protocol

from .throttle import Throttle

ESTOP = "estop"
RELEASE_S = 1.0

_LOG = logging.getLogger(__name__)


class ContactPin(Protocol):
    """What a stop needs of gpiozero's DigitalInputDevice: 1 while closed."""

    value: float
    when_deactivated: Callable[[], None] | None


class Estop:
    """One stop, for one bay or for all. Any thread may ask."""

    def __init__(
        self, pin: int, device: ContactPin, *, now: Callable[[], float], by_reset: bool
    ) -> None:
        """Read the contact at once, so that one pressed at the start counts.

        It is released after being closed for a second, or with `by_reset` only by a
        reset after that.
        """
        self._pin = pin
        self._device = device
        self._now = now
        self._needs_reset = by_reset
        self._lock = threading.Lock()
        self._throttle = Throttle()
        self._open_s: float | None = None
        self._was_pressed = False
        self.look()

    def watch(self, on_press: Callable[[], None]) -> None:
        """Call from the pin's own thread as soon as it opens."""

        def pressed() -> None:
            self._note_open()
            on_press()

        self._device.when_deactivated = pressed

    def look(self) -> bool:
        """Read the contact; return whether it stops."""
        if not self._is_closed():
            self._note_open()
        with self._lock:
            return self._stops()

    def reset(self) -> None:
        """Release a stop whose contact is closed."""
        if self._is_closed():
            with self._lock:
                self._open_s = None
                self._tell(pressed=False)

    def _stops(self) -> bool:
        if self._open_s is None:
            return False
        if self._needs_reset or self._now() - self._open_s < RELEASE_S:
            return True
        self._open_s = None
        self._tell(pressed=False)
        return False

    def _note_open(self) -> None:
        with self._lock:
            self._open_s = self._now()
            self._tell(pressed=True)

    def _is_closed(self) -> bool:
        """Read the pin; one that cannot be read is as good as a broken wire."""
        try:
            return self._device.value == 1
        except Exception as error:  # noqa: BLE001 - each pin library has errors of its own
            if self._throttle.allows("read", self._now()):
                _LOG.error("emergency stop on GPIO %d: %s", self._pin, error)
            return False

    def _tell(self, *, pressed: bool) -> None:
        if pressed != self._was_pressed:
            self._was_pressed = pressed
            word = "pressed" if pressed else "released"
            _LOG.warning("emergency stop on GPIO %d %s", self._pin, word)
