"""A bay at work: from a paid order to a relay that is on for what was paid."""

from .face import Face
from .turns import (
    Bay,
    NothingToStartError,
    NothingToStopError,
    StartFailedError,
    StopNotStoredError,
    StopRefusedError,
)

__all__ = [
    "Bay",
    "Face",
    "NothingToStartError",
    "NothingToStopError",
    "StartFailedError",
    "StopNotStoredError",
    "StopRefusedError",
]
