"""Calls to Razorpay from the event loop."""

from collections.abc import Awaitable, Callable
import random
from typing import Any

from ..base import MalformedEventError, ProviderUnavailableError
from .client import Ask, Clients
from .entities import Entity

RETRY_PAUSES_S = (0.5, 2.0)

type Run = Callable[..., Awaitable[Any]]
"""Runs a blocking function in a thread, as hass.async_add_executor_job does."""
type Sleep = Callable[[float], Awaitable[None]]


class Calls:
    """Runs SDK calls in threads; what only reads is tried again after a fault."""

    def __init__(self, run: Run, clients: Clients, sleep: Sleep) -> None:
        """Take the threads to run in and the clients to run on."""
        self._run = run
        self._clients = clients
        self._sleep = sleep

    async def once(self, ask: Ask) -> Entity:
        """Make a call that changes something: once, whatever comes back."""
        answer: Entity = await self._run(self._clients.call, ask)
        return answer

    async def get(self, ask: Ask) -> Entity:
        """Make a call that only reads, up to three times."""
        for pause_s in RETRY_PAUSES_S:
            try:
                return await self.once(ask)
            except ProviderUnavailableError:
                await self.pause(pause_s)
        return await self.once(ask)

    async def pause(self, pause_s: float) -> None:
        """Wait about `pause_s` seconds, so that many who failed come back apart."""
        spread = random.uniform(0.5, 1.5)  # noqa: S311 - guards no secret
        await self._sleep(pause_s * spread)


def read[T](reader: Callable[[Entity], T], entity: Entity) -> T:
    """Read an entity out of an answer; one that makes no sense is no answer."""
    try:
        return reader(entity)
    except MalformedEventError as err:
        raise ProviderUnavailableError(f"an answer PayBay cannot read: {err}") from err
