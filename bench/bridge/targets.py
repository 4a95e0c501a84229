"""The programs that are compared, each driven in its own words."""

from dataclasses import dataclass, field
import itertools
import json
from pathlib import Path
import time
from typing import Any, Protocol, override

PINS = (17, 18, 22, 23)
MAX_SESSION_S = 60


class Target(Protocol):
    """One program: how it is started, told and understood."""

    name: str

    def arguments(self, directory: Path, port: int) -> list[str]:
        """Return the Python arguments that start it, after writing its files."""

    def subscriptions(self) -> list[str]:
        """Return the topics that the controller listens to."""

    def on(self, pin: int, seconds: float | None) -> tuple[str, str]:
        """Return topic and payload that switch on, for so long or until told."""

    def off(self, pin: int) -> tuple[str, str]:
        """Return topic and payload that switch off."""

    def hear(self, topic: str, payload: bytes) -> tuple[int, bool] | None:
        """Return the pin and level that a message reports, if it does."""

    def is_ready(self) -> bool:
        """Return whether it has reported every pin."""

    def replies(self) -> list[tuple[str, str]]:
        """Return what its owner would answer by now."""


@dataclass
class Raw:
    """The yardstick."""

    name: str = "raw paho"
    _seen: set[int] = field(default_factory=set)

    def arguments(self, directory: Path, port: int) -> list[str]:  # noqa: ARG002 - it needs no file
        """Return the Python arguments that start it."""
        return ["-m", "bench.bridge.raw_paho", str(port), *map(str, PINS)]

    def subscriptions(self) -> list[str]:
        """Return the topics of its states."""
        return ["raw/+"]

    def on(self, pin: int, seconds: float | None) -> tuple[str, str]:
        """Return topic and payload that switch on."""
        return f"raw/{pin}/set", "ON" if seconds is None else str(int(seconds * 1000))

    def off(self, pin: int) -> tuple[str, str]:
        """Return topic and payload that switch off."""
        return f"raw/{pin}/set", "OFF"

    def hear(self, topic: str, payload: bytes) -> tuple[int, bool] | None:
        """Return the pin and level of a state."""
        first, _, last = topic.partition("/")
        if first != "raw":
            return None
        self._seen.add(int(last))
        return int(last), payload == b"ON"

    def is_ready(self) -> bool:
        """Return whether it has reported every pin."""
        return len(self._seen) == len(PINS)

    def replies(self) -> list[tuple[str, str]]:
        """Return nothing: it has no outcomes."""
        return []


@dataclass
class MqttIo(Raw):
    """The best known general bridge."""

    name: str = "mqtt-io"
    _runs: bool = False

    @override
    def arguments(self, directory: Path, port: int) -> list[str]:
        outputs = [
            {"name": str(pin), "module": "gpio", "pin": pin, "retain": True}
            for pin in PINS
        ]
        config = {
            "mqtt": {"host": "127.0.0.1", "port": port, "topic_prefix": "mqttio"},
            "gpio_modules": [{"name": "gpio", "module": "gpiozero"}],
            "digital_outputs": outputs,
        }
        file = directory / "mqtt-io.yml"
        file.write_text(json.dumps(config), encoding="ascii")
        return ["-m", "bench.bridge.serve", "mqtt_io", str(file)]

    @override
    def subscriptions(self) -> list[str]:
        return ["mqttio/status", "mqttio/output/+"]

    @override
    def on(self, pin: int, seconds: float | None) -> tuple[str, str]:
        base = f"mqttio/output/{pin}"
        if seconds is None:
            return f"{base}/set", "ON"
        return f"{base}/set_on_ms", str(int(seconds * 1000))

    @override
    def off(self, pin: int) -> tuple[str, str]:
        return f"mqttio/output/{pin}/set", "OFF"

    @override
    def hear(self, topic: str, payload: bytes) -> tuple[int, bool] | None:
        self._runs = self._runs or (topic, payload) == ("mqttio/status", b"running")
        if not topic.startswith("mqttio/output/"):
            return None
        return int(topic.rpartition("/")[2]), payload == b"ON"

    @override
    def is_ready(self) -> bool:
        return self._runs


class Bridge:
    """Our bridge: an order each time, and its outcomes acknowledged as PayBay does."""

    name = "bridge"

    def __init__(self) -> None:
        """Know nothing yet."""
        self._numbers = itertools.count()
        self._boot_id = ""
        self._started_s = 0.0
        self._seen: set[int] = set()
        self._replies: list[tuple[str, str]] = []

    def arguments(self, directory: Path, port: int) -> list[str]:
        """Write its configuration; return the Python arguments that start it."""
        bays = "".join(
            f'[[bay]]\nid = "{pin}"\npin = {pin}\nmax_session_s = {MAX_SESSION_S}\n'
            for pin in PINS
        )
        file = directory / "bridge.toml"
        file.write_text(
            f'[bridge]\nnode = "bench"\npin_factory = "mock"\n'
            f'state_dir = "{directory / "state"}"\n'
            f'[mqtt]\nhost = "127.0.0.1"\nport = {port}\n{bays}',
            encoding="ascii",
        )
        run = ["-m", "bench.bridge.serve", "bridge"]
        return [*run, "run", "-c", str(file)]

    def subscriptions(self) -> list[str]:
        """Return the topics of its states and outcomes."""
        return ["paybay/bench/bay/+/state", "paybay/bench/bay/+/outbox"]

    def on(self, pin: int, seconds: float | None) -> tuple[str, str]:
        """Return the start of a new order."""
        number = next(self._numbers)
        wanted = {"order_id": f"order-{number}", "seconds": seconds or MAX_SESSION_S}
        return self._command(pin, "start", number, **wanted)

    def off(self, pin: int) -> tuple[str, str]:
        """Return the end of whatever runs."""
        return self._command(pin, "stop", next(self._numbers))

    def hear(self, topic: str, payload: bytes) -> tuple[int, bool] | None:
        """Return the pin and level of a state; note outcomes."""
        parts = topic.split("/")
        if parts[0] != "paybay":
            return None
        pin, values = int(parts[3]), json.loads(payload)
        if parts[4] == "outbox":
            self._note(pin, values["items"])
            return None
        self._boot_id = values["boot_id"]
        self._started_s = time.monotonic() - values["up_s"]
        self._seen.add(pin)
        return pin, values["relay"] == "on"

    def is_ready(self) -> bool:
        """Return whether it has reported every pin."""
        return len(self._seen) == len(PINS)

    def replies(self) -> list[tuple[str, str]]:
        """Return the acknowledgements that are due."""
        due, self._replies = self._replies, []
        return due

    def _note(self, pin: int, items: list[dict[str, Any]]) -> None:
        for item in items:
            ack = {"event_id": item["event_id"]}
            self._replies.append(
                self._command(pin, "ack_event", next(self._numbers), **ack)
            )

    def _command(
        self, pin: int, cmd: str, number: int, **fields: Any
    ) -> tuple[str, str]:
        not_after = time.monotonic() - self._started_s + 10
        values = {"v": 1, "id": f"bench-{number}", "cmd": cmd, **fields}
        values |= {"boot_id": self._boot_id, "not_after": not_after}
        return f"paybay/bench/bay/{pin}/cmd", json.dumps(values)
