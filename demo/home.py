"""A running Home Assistant from outside: its REST API, and all it says by WebSocket."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
import json
from typing import Any

from aiohttp import ClientError, ClientSession, ClientTimeout, ClientWebSocketResponse

from .home_events import HomeEvent, Json, State
from .waiting import LateError, News, poll

ANSWER_WITHIN_S = 30
MESSAGE_CAP = 64 * 2**20
UNKNOWN = ("unavailable", "unknown")


class RefusedError(Exception):
    """Home Assistant answered with an error; the text is its own."""

    def __init__(self, status: int, text: str) -> None:
        """Keep the HTTP status."""
        super().__init__(text)
        self.status = status


class Home:
    """One Home Assistant, over all its starts: `events` goes on growing."""

    def __init__(self, port: int, token: str) -> None:
        """Nothing is connected yet."""
        self.url = f"http://127.0.0.1:{port}"
        self.token = token
        self.events: list[HomeEvent] = []
        self.states: dict[str, State] = {}
        self._news = News()
        self._session = ClientSession(
            headers={"Authorization": f"Bearer {token}"},
            timeout=ClientTimeout(total=ANSWER_WITHIN_S),
        )
        self._listening: asyncio.Task[None] | None = None

    async def close(self) -> None:
        """Leave."""
        await self.disconnect()
        await self._session.close()

    async def is_running(self) -> bool:
        """Return whether it has started completely."""
        try:
            return bool((await self.get("/api/config"))["state"] == "RUNNING")
        except ClientError, TimeoutError, RefusedError, OSError:
            return False

    async def get(self, path: str) -> Json:
        """Return the JSON of a GET."""
        return await self._ask("GET", path, None)

    async def post(self, path: str, body: Json) -> Json:
        """Return the JSON of a POST; raise RefusedError."""
        return await self._ask("POST", path, body)

    async def act(self, action: str, **data: Any) -> None:
        """Perform an action, such as `switch.turn_on`; raise RefusedError."""
        await self._ask("POST", f"/api/services/{action.replace('.', '/')}", data)

    async def ask(self, action: str, **data: Any) -> Json:
        """Perform an action and return its response; raise RefusedError."""
        path = f"/api/services/{action.replace('.', '/')}?return_response"
        answer = await self._ask("POST", path, data)
        response: Json = answer["service_response"]
        return response

    async def render(self, template: str) -> str:
        """Return a template's result."""
        body = {"template": template}
        async with self._session.post(f"{self.url}/api/template", json=body) as answer:
            return await answer.text()

    async def connect(self, *, within_s: float = 60) -> None:
        """Hear everything from now on, once Home Assistant answers."""
        await self.disconnect()

        async def try_once() -> ClientWebSocketResponse | None:
            with suppress(ClientError, OSError, TimeoutError):
                return await self._open()
            return None

        socket = await poll(try_once, "Home Assistant's WebSocket", within_s=within_s)
        self._listening = asyncio.create_task(self._listen(socket))

    async def disconnect(self) -> None:
        """Hear no more; what was heard stays."""
        if self._listening is not None:
            self._listening.cancel()
            with suppress(asyncio.CancelledError):
                await self._listening
            self._listening = None
        self.states.clear()

    async def wait_event(
        self,
        matches: Callable[[HomeEvent], bool],
        what: str,
        *,
        since: int = 0,
        within_s: float = 30,
    ) -> HomeEvent:
        """Return the first such event from number `since` on; raise LateError."""

        def look() -> HomeEvent | None:
            return next((e for e in self.events[since:] if matches(e)), None)

        return await self._news.until(look, what, within_s=within_s)

    async def wait_state(
        self, entity_id: str, *values: str, within_s: float = 30
    ) -> State:
        """Return an entity's state once it is one of these; raise LateError."""

        def look() -> State | None:
            state = self.states.get(entity_id)
            return state if state and state.value in values else None

        what = f"{entity_id} becoming {' or '.join(values)}"
        try:
            return await self._news.until(look, what, within_s=within_s)
        except LateError as error:
            now = self.states.get(entity_id)
            raise LateError(
                f"{error} (it is {now.value if now else 'not there'})"
            ) from None

    async def settle(self, entity_id: str, *values: str, within_s: float) -> None:
        """Give an entity some time to become one of these; it need not."""
        with suppress(LateError):
            await self.wait_state(entity_id, *values, within_s=within_s)

    async def wait_known(self, entity_id: str, *, within_s: float = 30) -> State:
        """Return an entity's state once it has one; raise LateError."""

        def look() -> State | None:
            state = self.states.get(entity_id)
            return state if state and state.value not in UNKNOWN else None

        what = f"Home Assistant knowing {entity_id}"
        return await self._news.until(look, what, within_s=within_s)

    async def _ask(self, method: str, path: str, body: Json | None) -> Json:
        async with self._session.request(method, self.url + path, json=body) as answer:
            text = await answer.text()
            if not answer.ok:
                raise RefusedError(answer.status, _message(text))
            parsed: Json = json.loads(text)
            return parsed

    async def command(self, kind: str, **data: Any) -> Json:
        """Return the result of a WebSocket command; raise RefusedError."""
        async with await self._sign_in() as socket:
            await socket.send_json({"id": 1, "type": kind, **data})
            answer = await socket.receive_json()
        if not answer["success"]:
            raise RefusedError(400, answer["error"]["message"])
        result: Json = answer["result"]
        return result

    async def _open(self) -> ClientWebSocketResponse:
        socket = await self._sign_in()
        await socket.send_json({"id": 1, "type": "subscribe_events"})
        await socket.send_json({"id": 2, "type": "get_states"})
        return socket

    async def _sign_in(self) -> ClientWebSocketResponse:
        socket = await self._session.ws_connect(
            f"{self.url}/api/websocket", max_msg_size=MESSAGE_CAP
        )
        await socket.receive_json()
        await socket.send_json({"type": "auth", "access_token": self.token})
        if (await socket.receive_json())["type"] != "auth_ok":
            raise RefusedError(401, "Home Assistant does not know the demo's token")
        return socket

    async def _listen(self, socket: ClientWebSocketResponse) -> None:
        async with socket:
            async for message in socket:
                values = json.loads(message.data)
                if values["type"] == "event":
                    self._take(values["event"])
                elif values["id"] == 2 and values["success"]:  # noqa: PLR2004
                    for state in map(State.of, values["result"]):
                        self.states.setdefault(state.entity_id, state)
                self._news.tell()
        self.states.clear()

    def _take(self, values: Json) -> None:
        state = None
        if values["event_type"] == "state_changed":
            entity_id, new = values["data"]["entity_id"], values["data"]["new_state"]
            if new is None:
                self.states.pop(entity_id, None)
            else:
                state = self.states[entity_id] = State.of(new)
        self.events.append(HomeEvent.of(values, state))


def _message(text: str) -> str:
    try:
        return str(json.loads(text)["message"])
    except ValueError, KeyError, TypeError:
        return text.strip()
