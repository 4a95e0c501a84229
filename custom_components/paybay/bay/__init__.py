"""A bay at work: from a paid order to a relay that is on for what was paid."""

from .bay import Bay
from .errors import (
    NothingToStartError,
    NothingToStopError,
    StartFailedError,
    StopNotStoredError,
    StopRefusedError,
)
from .face import Face

__all__ = [
    "Bay",
    "Face",
    "NothingToStartError",
    "NothingToStopError",
    "StartFailedError",
    "StopNotStoredError",
    "StopRefusedError",
]
