"""All that a bay asks of its relay."""

from collections.abc import Callable, Collection
from typing import Protocol, runtime_checkable

from ..domain.relays import RelayReport


class StartError(Exception):
    """There is no proof that the relay is on for so long.

    After a failed start it was told to switch off again; a failed extension left it
    as it was, as far as can be known. `reason` is a short code: `no_proof`,
    `refused_<why>`, `out_of_reach`.
    """

    def __init__(self, reason: str) -> None:
        """Keep the code."""
        super().__init__(reason)
        self.reason = reason

    @property
    def refused(self) -> bool:
        """Whether the device itself said no: it did not do what it was asked."""
        return self.reason.startswith("refused_")


class RelayDriver(Protocol):
    """One relay."""

    @property
    def keeps_time(self) -> bool:
        """Whether the device ends a session by itself, and reports what it gave."""

    def report(self) -> RelayReport:
        """Return what is known now, `remaining_ms` counted down to this moment."""

    def watch(self, on_change: Callable[[], None]) -> Callable[[], None]:
        """Call `on_change` after every change of the report; return how to stop."""

    async def start(self, order_id: str, for_ms: int) -> None:
        """Switch on for an order and return once there is proof.

        Raise StartError without proof, after the relay was told to switch off.
        """

    async def extend(self, order_id: str, total_ms: int) -> None:
        """Let the running session last `total_ms` in all; return once there is proof.

        `order_id` is the one the session was started for, and `total_ms` counts from
        that start: sent twice, it extends once. It may also shorten, but never below
        what has run. Raise StartError without proof; the relay is not switched.
        """

    async def stop(self, order_id: str | None) -> bool:
        """Switch off and return whether the relay is known to be off."""

    async def acknowledge(self, order_id: str) -> None:
        """Tell the device that what it reported of an order is in the ledger."""


@runtime_checkable
class OutcomeKeeper(Protocol):
    """A driver whose device keeps outcomes until it hears that we have them."""

    def unacknowledged(self) -> Collection[str]:
        """Return the orders whose outcomes the device still keeps for us."""

    async def acknowledge(self, order_id: str) -> None:
        """Tell the device that what it reported of an order is in the ledger."""


@runtime_checkable
class Renewer(Protocol):
    """A driver that keeps its relay on by telling it so again and again."""

    def confirm(self) -> None:
        """Hear that the ledger has a session that the relay is on for."""
