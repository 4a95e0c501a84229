"""How many may listen to live news at once."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

MAX_STREAMS: Final = 80
MAX_OF_CLIENT: Final = 8
"""Several customers may share one address: a shop's Wi-Fi, a carrier's NAT."""


class Streams:
    """Counts who listens: a cap on all, and one for each client."""

    def __init__(self) -> None:
        """Nobody listens yet."""
        self._of_client: Counter[str] = Counter()

    @contextmanager
    def seat(self, client: str) -> Iterator[bool]:
        """Take a seat for as long as the block runs; False if there is none."""
        full = self._of_client.total() >= MAX_STREAMS
        if full or self._of_client[client] >= MAX_OF_CLIENT:
            yield False
            return
        self._of_client[client] += 1
        try:
            yield True
        finally:
            self._of_client[client] -= 1
            self._of_client += Counter()

    @property
    def taken(self) -> int:
        """Return how many listen."""
        return self._of_client.total()
