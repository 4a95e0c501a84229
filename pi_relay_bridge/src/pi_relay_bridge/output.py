"""One bay's pin with all that bounds it: the timer, the guard's deadline, the fault."""

from collections.abc import Callable
from contextlib import suppress
import logging

from .ports import GuardPort, RelayPort
from .relay import RelayError

_LOG = logging.getLogger(__name__)


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
    def cut_at_s(self) -> float | None:
        """Return when the guard ended the present deadline by itself, if it did."""
        return self._guard.cut_at(self._pin)

    def hold(self, deadline_s: float) -> None:
        """Put this deadline in place of the earlier one."""
        self._guard.arm(self._pin, deadline_s)
        self._set_timer(deadline_s)

    def on(self, deadline_s: float) -> None:
        """Switch on until the deadline; a failure raises RelayError and is a fault."""
        self.hold(deadline_s)
        try:
            self._relay.on()
        except RelayError as error:
            self._fail(error)
            with suppress(RelayError):
                self._relay.off()
            raise

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
        self.fault = "gpio_error"
