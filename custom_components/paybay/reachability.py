"""Whether the provider answers, as far as anybody has tried."""

from collections.abc import Callable

from .providers.base import ProviderAuthError, ProviderError


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
        self._set(reachable=True, refused=False)

    def failed(self, err: ProviderError) -> None:
        """Take note that there was no answer, or that our keys were refused."""
        self._set(reachable=False, refused=isinstance(err, ProviderAuthError))

    def _set(self, *, reachable: bool, refused: bool) -> None:
        if (reachable, refused) == (self.reachable, self.refused):
            return
        self.reachable, self.refused = reachable, refused
        for on_change in tuple(self._listeners):
            on_change()
