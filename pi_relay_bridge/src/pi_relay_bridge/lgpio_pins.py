"""lgpio pins that are claimed with their level, and let go at it."""

import importlib

from gpiozero.pins.lgpio import LGPIOFactory, LGPIOPin

# It exists on a Pi only, and carries no types.
lgpio = importlib.import_module("lgpio")


class LevelPin(LGPIOPin):  # type: ignore[misc]
    """An output that never passes through low on its way to high."""

    def output_with_state(self, state: bool) -> None:  # noqa: FBT001 - gpiozero's signature
        """Claim the line with its level; gpiozero itself would claim it low first."""
        lgpio.gpio_claim_output(self.factory._handle, self._number, int(state))  # noqa: SLF001

    def close(self) -> None:
        """Leave the output driven: as an input it would float."""


class LevelFactory(LGPIOFactory):  # type: ignore[misc]
    """Makes such pins."""

    def __init__(self) -> None:
        """Open the board's GPIO chip."""
        super().__init__()
        self.pin_class = LevelPin
