"""One bay's pin with all that bounds it: the timer, the guard's deadline, the fault."""

from collections.abc import Callable
from contextlib import suppress
import logging

from .guard import Cut
from .ports import GuardPort, RelayPort
from .relay import RelayError

GPIO_ERROR = "gpio_error"

_LOG = logging.getLogger(__name__)


class CutError(Exception):
    """The relay was switched off while it was going on; the argument is why."""


class Output:
    """A relay that is on only under a deadline."""

    def __init__(
        self,
        name: str,
        pin: int,
        relay: RelayPort,
        guard: GuardPort,
        set_timer: Callable[[float | None], None],
    ) -> None:
        """Take over a relay that is off."""
        self._name = name
        self._pin = pin
        self._relay = relay
        self._guard = guard
        self._set_timer = set_timer
        self.fault: str | None = None

    @property
    def is_on(self) -> bool:
        """Return whether the relay is on, or may be."""
        return self._relay.is_on

    @property
    def cut(self) -> Cut | None:
        """Return how another thread ended what this output was switched on for."""
        return self._guard.cut_of(self._pin)

    def hold(self, deadline_s: float) -> None:
        """Put this deadline in place of the earlier one."""
        self._guard.move(self._pin, deadline_s)
        self._set_timer(deadline_s)

    def on(self, deadline_s: float) -> None:
        """Switch on until the deadline.

        Raise RelayError if the pin fails, which is a fault, or CutError if something
        switched it off meanwhile.
        """
        self._guard.arm(self._pin, deadline_s)
        self._set_timer(deadline_s)
        try:
            self._relay.on()
        except RelayError as error:
            self._fail(error)
            with suppress(RelayError):
                self._relay.off()
            raise
        # A cut may have come just before the pin moved; from now on it comes after.
        if (cut := self.cut) is not None:
            self.off()
            raise CutError(cut.reason)

    def off(self) -> bool:
        """Switch off; return False and be in fault if the pin fails."""
        self._set_timer(None)
        try:
            self._relay.off()
        except RelayError as error:
            self._fail(error)
            return False
        self._guard.release(self._pin)
        self.fault = None
        return True

    def _fail(self, error: RelayError) -> None:
        """Note the fault and let the guard, too, try to switch off."""
        self._set_timer(None)
        self._guard.arm(self._pin, float("-inf"))
        if self.fault is None:
            _LOG.error("bay %s: GPIO %d failed: %s", self._name, self._pin, error)
        self.fault = GPIO_ERROR
