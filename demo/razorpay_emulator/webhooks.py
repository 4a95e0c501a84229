"""The post: sends events to the endpoints until they are acknowledged."""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
import time
from typing import Self

from aiohttp import ClientError, ClientSession, ClientTimeout

from .clock import Clock
from .endpoints import Attempt, Delivery, Endpoint, arrange, retry_waits
from .events import Event
from .faults import Faults, SignatureMode
from .ids import Ids

ACK_WITHIN_S = 5.0
LOG_LENGTH = 2000


class Webhooks:
    """Deliver each event at least once, retry, and give up after 24 hours.

    First tries of events that happened together go out one after the other;
    retries run by themselves. `ack_within_s` is real seconds; `retry_scale`
    divides the waits between tries, so that 24 h fit into a test.
    """

    def __init__(
        self,
        clock: Clock,
        ids: Ids,
        faults: Faults,
        *,
        retry_scale: float = 1.0,
        ack_within_s: float = ACK_WITHIN_S,
    ) -> None:
        self.endpoints: list[Endpoint] = []
        self.events: dict[str, Event] = {}
        self.log: deque[Attempt] = deque(maxlen=LOG_LENGTH)
        self.retry_scale = retry_scale
        self._clock = clock
        self._ids = ids
        self._faults = faults
        self._timeout = ClientTimeout(total=ack_within_s)
        self._session: ClientSession | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._batch: list[Event] = []
        self._busy = 0
        self._news = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()

    async def __aenter__(self) -> Self:
        self._session = ClientSession(timeout=self._timeout)
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._session:
            await self._session.close()

    def add(self, url: str, secret: str | None) -> Endpoint:
        """Set up one more webhook."""
        endpoint = Endpoint(url=url, secret=secret)
        self.endpoints.append(endpoint)
        return endpoint

    def publish(self, event: Event) -> None:
        """Take an event; it is posted with all others of the same moment."""
        self.events[event.id] = event
        if not self._batch:
            self._work(1)
            asyncio.get_running_loop().call_soon(self._flush)
        self._batch.append(event)

    def resend(self, event_id: str) -> None:
        """Send an event once more, with the same id and the present secrets.

        Raises KeyError for an unknown event.
        """
        self._send([self.events[event_id]])

    async def idle(self) -> None:
        """Wait until nothing is on its way; waiting for a retry counts as idle."""
        await self._idle.wait()

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until a condition holds; it is looked at after every try."""
        while not condition():
            await self._news.wait()

    def _flush(self) -> None:
        events, self._batch = self._batch, []
        self._send(arrange(events, self._faults.webhook, self._ids.rng))
        self._work(-1)

    def _send(self, events: list[Event]) -> None:
        for endpoint in self.endpoints:
            deliveries = [
                Delivery(
                    event=event,
                    endpoint=endpoint,
                    secret=endpoint.secret,
                    old_secret=endpoint.old_secret,
                )
                for event in events
                if endpoint.wants(event)
            ]
            for together in self._bags(deliveries):
                self._work(1)
                self._spawn(self._deliver(together))

    def _bags(self, deliveries: list[Delivery]) -> list[list[Delivery]]:
        """Return what travels together: all of it, unless each is late by itself."""
        if self._faults.webhook.jitter_s:
            return [[delivery] for delivery in deliveries]
        return [deliveries]

    async def _deliver(self, deliveries: list[Delivery]) -> None:
        knobs = self._faults.webhook
        late_s = self._ids.rng.uniform(0, knobs.jitter_s) if knobs.jitter_s else 0.0
        try:
            await self._clock.sleep(knobs.delay_s + late_s)
            for delivery in deliveries:
                if not await self._attempt(delivery, 1):
                    self._spawn(self._retry(delivery))
        finally:
            self._work(-1)

    async def _retry(self, delivery: Delivery) -> None:
        for number, wait_s in enumerate(retry_waits(), start=2):
            await self._clock.sleep(wait_s / self.retry_scale)
            if not delivery.endpoint.enabled or await self._attempt(delivery, number):
                return
        delivery.endpoint.enabled = False
        self._tell_news()

    async def _attempt(self, delivery: Delivery, number: int) -> bool:
        self._work(1)
        mode = self._faults.webhook.signature
        began_s = time.monotonic()
        try:
            status, error = await self._post(delivery, mode)
        finally:
            self._work(-1)
        attempt = Attempt(
            event_id=delivery.event.id,
            event=delivery.event.name,
            url=delivery.endpoint.url,
            number=number,
            at=self._clock.now(),
            status=status,
            error=error,
            signature=mode,
            took_ms=round((time.monotonic() - began_s) * 1000),
        )
        self.log.append(attempt)
        self._tell_news()
        return attempt.accepted

    async def _post(
        self, delivery: Delivery, mode: SignatureMode
    ) -> tuple[int | None, str]:
        if self._session is None:
            return None, "not started"
        try:
            async with self._session.post(
                delivery.endpoint.url,
                data=delivery.body(mode),
                headers=delivery.headers(mode),
                allow_redirects=False,
            ) as response:
                return response.status, ""
        except (ClientError, TimeoutError, ValueError) as err:
            return None, type(err).__name__

    def _tell_news(self) -> None:
        news, self._news = self._news, asyncio.Event()
        news.set()

    def _work(self, change: int) -> None:
        self._busy += change
        (self._idle.clear if self._busy else self._idle.set)()

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
