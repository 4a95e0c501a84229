"""Whether the provider answers, as far as anybody has tried."""

from collections.abc import Callable
import logging

from .providers.base import ProviderAuthError, ProviderError

_LOGGER = logging.getLogger(__name__)


class Reachability:
    """`reachable` is None until somebody asked; `refused` means the keys were."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self.reachable: bool | None = None
        self.refused = False
        self._listeners: set[Callable[[], None]] = set()

    def listen(self, on_change: Callable[[], None]) -> Callable[[], None]:
        """Call back when this changes; return how to stop."""
        self._listeners.add(on_change)
        return lambda: self._listeners.discard(on_change)

    def answered(self) -> None:
        """Take note of an answer, be it a refusal of what was asked."""
        if self.reachable is False:
            _LOGGER.info("The payment provider answers again")
        self._set(reachable=True, refused=False)

    def failed(self, err: ProviderError) -> None:
        """Take note that there was no answer, or that our keys were refused."""
        if self.reachable is not False:
            _LOGGER.info("The payment provider cannot be used: %s", err)
        self._set(reachable=False, refused=isinstance(err, ProviderAuthError))

    def _set(self, *, reachable: bool, refused: bool) -> None:
        if (reachable, refused) == (self.reachable, self.refused):
            return
        self.reachable, self.refused = reachable, refused
        for on_change in tuple(self._listeners):
            on_change()
