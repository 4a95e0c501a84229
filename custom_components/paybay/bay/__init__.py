"""A bay at work: from a paid order to a relay that is on for what was paid."""

from .turns import Bay, NothingToStartError, NothingToStopError, StartFailedError
from .watch import Face

__all__ = [
    "Bay",
    "Face",
    "NothingToStartError",
    "NothingToStopError",
    "StartFailedError",
]
