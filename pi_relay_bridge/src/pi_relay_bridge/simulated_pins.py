"""gpiozero's mock pins, with levels that stay when the process dies."""

from typing import Any

from gpiozero.pins.mock import MockFactory, MockPin

from .controls import Controls
from .simulate import Levels


class SimulatedPin(MockPin):  # type: ignore[misc]
    """A mock pin whose level is kept by its factory's board."""

    def __init__(self, factory: "SimulatedFactory", info: Any) -> None:
        """Begin at the level the board has."""
        super().__init__(factory, info)
        self._state = factory.levels.get(self._number)

    def close(self) -> None:
        """Let the pin go, at the level it has: a Pi's kernel does the same."""

    def _set_pull(self, value: Any) -> None:
        """Leave the level to the board, whatever the pull: something is wired to it."""
        self._pull = value

    def _get_state(self) -> Any:
        """Read the level of an input from the board, where others set it."""
        if self._function == "input":
            return self.factory.levels.get(self._number)
        return super()._get_state()

    def _set_state(self, value: Any) -> None:
        """Write, unless the board is told to fail."""
        if self.factory.controls.takes_write_error(self._number):
            raise OSError(f"simulated write error on GPIO {self._number}")
        super()._set_state(value)

    def _change_state(self, value: Any) -> Any:
        """Set the level on the board as well."""
        self.factory.levels.set(self._number, high=bool(value))
        return super()._change_state(value)


class SimulatedFactory(MockFactory):  # type: ignore[misc]
    """Makes simulated pins of one board."""

    def __init__(self, levels: Levels, controls: Controls | None = None) -> None:
        """Make pins of the board with these levels."""
        super().__init__(revision="a02082", pin_class=SimulatedPin)
        self.levels = levels
        self.controls = controls or Controls(None)
