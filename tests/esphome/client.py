"""A client of a real node, as Home Assistant is one."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
import itertools
import json
from typing import Any

from aioesphomeapi import (
    APIClient,
    APIConnectionError,
    EntityState,
    SwitchState,
    TextSensorState,
)

from demo.waiting import News

Json = dict[str, Any]


class NodeClient:
    """Hears every state of a node and performs its actions."""

    def __init__(self, port: int) -> None:
        """Nothing is connected yet."""
        self.states: dict[str, Any] = {}
        self._api = APIClient("127.0.0.1", port, None)
        self._news = News()
        self._names: dict[int, str] = {}
        self._keys: dict[str, int] = {}
        self._asks = itertools.count(1)

    async def connect(self) -> None:
        """Connect, and hear all states from now on."""
        await self._api.connect(login=True)
        entities, services = await self._api.list_entities_services()
        self._services = {service.name: service for service in services}
        self._names = {entity.key: entity.name for entity in entities}
        self._keys = {entity.name: entity.key for entity in entities}
        self._api.subscribe_states(self._hear)

    async def disconnect(self) -> None:
        """Leave."""
        with suppress(APIConnectionError):
            await self._api.disconnect(force=True)

    async def act(self, action: str, **data: Any) -> str:
        """Perform an action; return why it was refused, or nothing."""
        answer = await self._api.execute_service(
            self._services[action], data, return_response=False, timeout=5
        )
        assert answer is not None
        assert answer.success is not bool(answer.error_message)
        return answer.error_message

    async def report(self, bay: int = 1) -> Json:
        """Return what a bay says now: one that answers our own question."""
        ask = f"t{next(self._asks)}"
        assert await self.act(f"report_session_{bay}", ask=ask) == ""
        return await self.wait_report(lambda report: report["a"] == ask, bay=bay)

    async def wait_report(
        self, holds: Callable[[Json], bool], *, bay: int = 1, within_s: float = 10
    ) -> Json:
        """Return a bay's report once it is as wanted."""

        def look() -> Json | None:
            text = self.states.get(f"PayBay {bay} report")
            found: Json | None = json.loads(text) if text else None
            return found if found and holds(found) else None

        return await self._news.until(look, f"bay {bay}'s report", within_s=within_s)

    async def wait_state(self, name: str, value: Any, *, within_s: float = 10) -> None:
        """Return once an entity has this state."""

        def look() -> bool | None:
            return self.states.get(name) == value or None

        await self._news.until(look, f"{name} being {value}", within_s=within_s)

    async def start(
        self, order: str, seconds: float, *, bay: int = 1, **changes: Any
    ) -> str:
        """Start a session as PayBay would; return why not."""
        return await self._run("start_session", order, seconds, bay, changes)

    async def extend(
        self, order: str, seconds: float, *, bay: int = 1, **changes: Any
    ) -> str:
        """Extend a session as PayBay would; return why not."""
        return await self._run("extend_session", order, seconds, bay, changes)

    async def stop(self, order: str = "", *, bay: int = 1) -> str:
        """Stop a session, or whatever runs; return why not."""
        return await self.act(f"stop_session_{bay}", order_id=order)

    def turn(self, name: str, *, on: bool) -> None:
        """Turn one of the node's switches."""
        self._api.switch_command(self._keys[name], on)

    def press(self, name: str) -> None:
        """Press one of the node's buttons."""
        self._api.button_command(self._keys[name])

    def set_number(self, name: str, value: float) -> None:
        """Set one of the node's numbers."""
        self._api.number_command(self._keys[name], value)

    async def _run(
        self, action: str, order: str, seconds: float, bay: int, changes: Json
    ) -> str:
        report = await self.report(bay)
        data = {
            "order_id": order,
            "seconds": seconds,
            "boot_id": report["b"],
            "not_after": int(report["u"]) + 5,
        }
        return await self.act(f"{action}_{bay}", **data | changes)

    def _hear(self, state: EntityState) -> None:
        if isinstance(state, TextSensorState | SwitchState):
            self.states[self._names[state.key]] = state.state
        self._news.tell()


@asynccontextmanager
async def connected(port: int) -> AsyncIterator[NodeClient]:
    """Be a client of the node on this port while inside."""
    client = NodeClient(port)
    async with asyncio.timeout(20):
        await client.connect()
    try:
        yield client
    finally:
        await client.disconnect()
