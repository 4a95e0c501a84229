"""What no webhook told us: the provider is asked where things stand."""

from .links import EVERY_MS, FRESH_MS, LINKLESS_MS
from .schedule import Reconciler
from .tally import Tally

__all__ = ["EVERY_MS", "FRESH_MS", "LINKLESS_MS", "Reconciler", "Tally"]
