"""Home Assistant's states and events, as its WebSocket tells them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

type Json = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class State:
    """An entity's state; `at` is when it became that, `context` who made it so."""

    entity_id: str
    value: str
    attributes: Json
    at: float
    context: str

    @classmethod
    def of(cls, values: Json) -> State:
        """Return the state in Home Assistant's own shape."""
        return cls(
            entity_id=values["entity_id"],
            value=values["state"],
            attributes=values["attributes"],
            at=datetime.fromisoformat(values["last_changed"]).timestamp(),
            context=values["context"]["id"],
        )


@dataclass(frozen=True, kw_only=True)
class HomeEvent:
    """An event of Home Assistant's bus, fired `at`; a state change has a `state`."""

    kind: str
    data: Json
    at: float
    context: str
    state: State | None

    @classmethod
    def of(cls, values: Json, state: State | None) -> HomeEvent:
        """Return the event in Home Assistant's own shape."""
        return cls(
            kind=values["event_type"],
            data=values["data"],
            at=datetime.fromisoformat(values["time_fired"]).timestamp(),
            context=values["context"]["id"],
            state=state,
        )

    def shows(self, entity_id: str, value: str) -> bool:
        """Return whether this is an entity taking on a value."""
        state = self.state
        return state is not None and (state.entity_id, state.value) == (
            entity_id,
            value,
        )
