"""What the tests are made of: fakes for the core; broker, process and peer."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
import itertools
import json
import os
from pathlib import Path
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from typing import Any

from paho.mqtt.client import Client, MQTTMessage, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions
from pi_relay_bridge.bay import Bay
from pi_relay_bridge.bay_ports import BayPorts
from pi_relay_bridge.cli import main
from pi_relay_bridge.config import BayConfig
from pi_relay_bridge.desk import Desk
from pi_relay_bridge.guard import Cut
from pi_relay_bridge.reading import Reading
from pi_relay_bridge.records import BayRecord
from pi_relay_bridge.relay import RelayError
from pi_relay_bridge.reporter import Reporter
from pi_relay_bridge.simulate import LOG_NAME, read_levels

SOURCE = Path(__file__).parents[2] / "pi_relay_bridge" / "src"
NODE = "test"
ESTOPS = ("5", "6")
TIMEOUT_S = 30.0
SENSOR = """
[bay.sensor]
kind = "ina219"
trip_current_a = 16
"""


class FakeClock:
    """A clock that stands still unless told; it counts milliseconds."""

    boot_id = "boot-now"
    kernel_boot_id = "kernel-now"

    def __init__(self) -> None:
        self.now_ms = 1000

    def up_s(self) -> float:
        return self.now_ms / 1000

    def boottime_s(self) -> float:
        return 5000 + self.now_ms / 1000

    def wall_s(self) -> float:
        return 1_800_000_000 + self.now_ms / 1000


@dataclass
class FakeRelay:
    """A relay that remembers its moves, and fails as often as it is told."""

    is_on: bool = False
    moves: list[bool] = field(default_factory=list)
    on_failures: int = 0
    off_failures: int = 0

    def on(self) -> None:
        self.is_on = True
        if self.on_failures:
            self.on_failures -= 1
            raise RelayError("broken")
        self.moves.append(True)

    def off(self) -> None:
        if self.off_failures:
            self.off_failures -= 1
            raise RelayError("broken")
        self.is_on = False
        self.moves.append(False)


@dataclass
class FakeGuard:
    """A guard that only takes notes."""

    deadlines: dict[int, float] = field(default_factory=dict)
    cuts: dict[int, Cut] = field(default_factory=dict)

    def arm(self, pin: int, deadline_s: float) -> None:
        self.deadlines[pin] = deadline_s
        self.cuts.pop(pin, None)

    def move(self, pin: int, deadline_s: float) -> None:
        self.deadlines[pin] = deadline_s

    def release(self, pin: int) -> None:
        self.deadlines.pop(pin, None)

    def cut_of(self, pin: int) -> Cut | None:
        return self.cuts.get(pin)


@dataclass
class FakeSupervisor:
    """A supervisor that sees what it is told."""

    why: str | None = None
    estop: bool | None = None
    reading: Reading = field(default_factory=Reading)
    latched: str | None = None
    resets: int = 0
    begins: int = 0

    def begin(self) -> None:
        self.begins += 1

    def reason(self) -> str | None:
        return self.why

    def reset(self) -> None:
        self.resets += 1


@dataclass
class FakeStore:
    """A disk that may be full."""

    records: list[BayRecord] = field(default_factory=list)
    is_full: bool = False

    def save(self, record: BayRecord) -> None:
        if self.is_full:
            raise OSError("disk full")
        self.records.append(record)


@dataclass
class FakeOutlet:
    """Keeps what was published, in order."""

    messages: list[tuple[str, dict[str, Any], bool]] = field(default_factory=list)

    def publish(self, leaf: str, payload: str, *, retain: bool) -> None:
        self.messages.append((leaf, json.loads(payload), retain))

    def all(self, leaf: str) -> list[dict[str, Any]]:
        return [values for each, values, _ in self.messages if each == leaf]

    def last(self, leaf: str) -> dict[str, Any]:
        return self.all(leaf)[-1]


class Bench:
    """One bay and its desk between fakes."""

    def __init__(self, record: BayRecord | None = None, **limits: Any) -> None:
        self.clock = FakeClock()
        self.relay = FakeRelay()
        self.guard = FakeGuard()
        self.supervisor = FakeSupervisor()
        self.store = FakeStore()
        self.outlet = FakeOutlet()
        self.timers: list[float] = []
        config = BayConfig(id="1", name="Bay 1", pin=17, **limits)
        self.reporter = Reporter(
            self.outlet, boot_id=self.clock.boot_id, max_session_s=config.max_session_s
        )
        ports = BayPorts(
            clock=self.clock,
            relay=self.relay,
            guard=self.guard,
            supervisor=self.supervisor,
            store=self.store,
            reporter=self.reporter,
            set_timer=self._set_timer,
        )
        self.bay = Bay(config, ports, record or BayRecord())
        self.desk = Desk(self.bay, self.clock, self.reporter)
        self._ids = 0

    def send(self, cmd: str, **fields: Any) -> dict[str, Any]:
        """Give the desk a command, by default a good one, and return the ack."""
        self._ids += 1
        values: dict[str, Any] = {
            "v": 1,
            "id": f"id-{self._ids}",
            "cmd": cmd,
            "boot_id": self.clock.boot_id,
        }
        if cmd in ("start", "extend"):
            values |= {"order_id": "A", "not_after": self.clock.up_s() + 5}
        values |= fields
        return self.send_raw(
            json.dumps(
                {key: each for key, each in values.items() if each is not ...}
            ).encode()
        )

    def send_raw(self, payload: bytes, *, retained: bool = False) -> dict[str, Any]:
        """Give the desk bytes, and return the ack, or nothing if there was none."""
        before = len(self.outlet.all("ack"))
        self.desk.receive_command(payload, retained=retained)
        return self.outlet.last("ack") if len(self.outlet.all("ack")) > before else {}

    def set(self, payload: bytes, *, retained: bool = False) -> None:
        """Use the discovered switch."""
        self.desk.receive_set(payload, retained=retained)

    def advance(self, ms: int) -> None:
        """Let time pass, firing the timer at its moment and the pulse each second."""
        end = self.clock.now_ms + ms
        while self.clock.now_ms < end:
            self.clock.now_ms += 1
            if self.timers and self.clock.up_s() >= self.timers[0]:
                self.timers.clear()
                self.bay.expire()
            if self.clock.now_ms % 1000 == 0:
                self.bay.pulse()

    @property
    def state(self) -> dict[str, Any]:
        """Return the last published state."""
        return self.outlet.last("state")

    @property
    def outbox(self) -> list[dict[str, Any]]:
        """Return the items last published in the outbox."""
        items: list[dict[str, Any]] = self.outlet.last("outbox")["items"]
        return items

    def _set_timer(self, up_s: float | None) -> None:
        self.timers[:] = [] if up_s is None else [up_s]


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


def eventually(
    condition: Callable[[], bool], what: str, timeout_s: float = TIMEOUT_S
) -> float:
    """Wait for what no event announces; return the monotonic time it was seen."""
    end = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < end, f"not within {timeout_s} s: {what}"
        time.sleep(0.002)
    return time.monotonic()


class Broker:
    """A mosquitto on a port of its own."""

    def __init__(self, directory: Path) -> None:
        self.port = free_port()
        self._config = directory / "mosquitto.conf"
        self._config.write_text(
            f"listener {self.port} 127.0.0.1\nallow_anonymous true\n"
            "set_tcp_nodelay true\npersistence false\n"
        )
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it listens."""
        program = shutil.which(
            "mosquitto", path=os.environ.get("PATH", "") + ":/usr/sbin"
        )
        assert program, "the Debian package mosquitto is needed"
        self._process = subprocess.Popen(
            [program, "-c", self._config],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        eventually(self._listens, "the broker listens")

    @property
    def is_running(self) -> bool:
        """Return whether it runs, though it may be frozen."""
        return self._process is not None

    def freeze(self) -> None:
        """Stop it from doing anything, though its connections stay open."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        """Kill it."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _listens(self) -> bool:
        with socket.socket() as sock:
            return sock.connect_ex(("127.0.0.1", self.port)) == 0


class Peer:
    """What PayBay is to the bridge: an MQTT client that remembers all it heard."""

    def __init__(self, port: int) -> None:
        self.heard: list[tuple[str, bytes]] = []
        self._changed = threading.Condition()
        self._subscribed = threading.Event()
        self._client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTv5)
        self._client.on_socket_open = _set_nodelay
        self._client.on_connect = self._on_connect
        self._client.on_subscribe = lambda *_: self._subscribed.set()
        self._client.on_message = self._on_message
        self._client.reconnect_delay_set(1, 1)
        self._client.connect("127.0.0.1", port, clean_start=True)
        self._client.loop_start()
        assert self._subscribed.wait(TIMEOUT_S)

    def close(self) -> None:
        """Leave."""
        self._client.disconnect()
        self._client.loop_stop()

    def is_connected(self) -> bool:
        """Return whether the broker is there."""
        return self._client.is_connected()

    def forget(self) -> None:
        """Forget what was heard."""
        with self._changed:
            self.heard.clear()

    def publish(
        self, topic: str, payload: bytes | str, *, qos: int = 0, retain: bool = False
    ) -> None:
        """Publish, and wait until it is sent."""
        self._client.publish(topic, payload, qos=qos, retain=retain).wait_for_publish(
            TIMEOUT_S
        )

    def wait_for(
        self, topic: str, wanted: Callable[[Any], bool], timeout_s: float = TIMEOUT_S
    ) -> Any:
        """Return the first wanted message on a topic, heard or to come."""
        end = time.monotonic() + timeout_s
        seen = 0
        with self._changed:
            while True:
                for each, payload in self.heard[seen:]:
                    if each == topic and wanted(_decoded(payload)):
                        return _decoded(payload)
                seen = len(self.heard)
                left_s = end - time.monotonic()
                assert left_s > 0, (
                    f"not on {topic} in {timeout_s} s; heard: {self.heard[-5:]}"
                )
                self._changed.wait(left_s)

    def _on_connect(
        self,
        client: Client,
        _data: Any,
        _flags: Any,
        _reason: Any,
        _props: Properties | None,
    ) -> None:
        client.subscribe(
            [
                ("paybay/#", SubscribeOptions(qos=1, noLocal=True)),
                ("homeassistant/device/#", SubscribeOptions(qos=1)),
            ]
        )

    def _on_message(self, _client: Client, _data: Any, message: MQTTMessage) -> None:
        with self._changed:
            self.heard.append((message.topic, message.payload))
            self._changed.notify_all()


def _set_nodelay(_client: Client, _data: Any, sock: Any) -> None:
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _decoded(payload: bytes) -> Any:
    try:
        return json.loads(payload)
    except ValueError:
        return payload.decode()


def simulated(arguments: list[str]) -> int:
    """Run the command `simulate` in this process: a new one takes its time."""
    return main(["simulate", *arguments])


class Recorder:
    """Has the board note each change of a pin, and tells what it did."""

    def __init__(self, board: Path, pin: int = 17) -> None:
        """Begin with the level of now."""
        self._start = (time.monotonic(), read_levels(board / "pins.bin")[pin] == 1)
        self._log = board / LOG_NAME
        self._pin = str(pin)
        self._log.write_text("")

    @property
    def levels(self) -> list[bool]:
        """Return the levels the pin had, in order."""
        return [level for _, level in self._changes()]

    @property
    def highs(self) -> list[float]:
        """Return how long the pin was high, each time, in seconds."""
        changes = [*self._changes(), (time.monotonic(), False)]
        pairs = itertools.pairwise(changes)
        return [end - start for (start, level), (end, _) in pairs if level]

    def _changes(self) -> list[tuple[float, bool]]:
        lines = [line.split() for line in self._log.read_text().splitlines()]
        noted = [
            (float(at), level == "1") for at, pin, level in lines if pin == self._pin
        ]
        return [self._start, *noted]


class BridgeProcess:
    """The bridge as a program, on simulated pins."""

    def __init__(
        self,
        directory: Path,
        port: int,
        *,
        bridge: str = "",
        bay: str = "",
        sensor: str = "",
    ) -> None:
        self.board = directory / "board"
        self.log = directory / "bridge.log"
        self.config = directory / "bridge.toml"
        state_dir = directory / "state"
        self.config.write_text(
            f'[bridge]\nnode = "{NODE}"\nstate_dir = "{state_dir}"\n{bridge}\n'
            f'[mqtt]\nhost = "127.0.0.1"\nport = {port}\nkeepalive_s = 2\n'
            f'[[bay]]\nid = "1"\nname = "Bay 1"\npin = 17\n{bay}\n'
            f"{sensor and SENSOR + sensor}\n"
            '[[bay]]\nid = "2"\nname = "Bay 2"\npin = 27\nactive_high = false\n'
        )
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, **environment: str) -> None:
        """Start `run` and wait until its pins are claimed."""
        before = self.lines.count("ready:")
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self._arguments("run"),
                stdout=log,
                stderr=log,
                env=self._environment | environment,
            )
        eventually(lambda: self.lines.count("ready:") > before, "the bridge is ready")

    def kill(self) -> None:
        """Kill it with SIGKILL."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def terminate(self) -> int:
        """Stop it with SIGTERM and return its exit code."""
        assert self.process is not None
        self.process.terminate()
        return self.process.wait(TIMEOUT_S)

    def call(self, command: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run another command of the program to its end."""
        return subprocess.run(
            [*self._arguments(command), *arguments],
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S * 3,
            check=False,
        )

    def let(self, *what: str) -> None:
        """Let something happen on the simulated board, by its command line."""
        assert simulated([str(self.board), *what]) == 0

    def is_high(self, pin: int = 17) -> bool:
        """Return a pin's level, as anybody outside sees it."""
        return read_levels(self.board / "pins.bin")[pin] == 1

    @property
    def lines(self) -> str:
        """Return the log."""
        return self.log.read_text() if self.log.exists() else ""

    @property
    def _environment(self) -> dict[str, str]:
        return os.environ | {"PYTHONPATH": str(SOURCE)}

    def _arguments(self, command: str) -> list[str]:
        simulate = ["--simulate", str(self.board)] if command in ("run", "off") else []
        return [
            sys.executable,
            "-m",
            "pi_relay_bridge",
            command,
            "-c",
            str(self.config),
            *simulate,
        ]


@dataclass
class Site:
    """A broker, a bridge and a peer."""

    broker: Broker
    bridge: BridgeProcess
    peer: Peer
    turn: int = 0

    def own(self, name: str) -> str:
        """Return a name of an order or a command that no earlier test has used."""
        return f"{name}-{self.turn}"

    def topic(self, leaf: str, bay: str = "1") -> str:
        """Return one of a bay's topics."""
        return f"paybay/{NODE}/bay/{bay}/{leaf}"

    def await_state(
        self, bay: str = "1", timeout_s: float = TIMEOUT_S, **values: Any
    ) -> dict[str, Any]:
        """Wait for a state with these values."""

        def is_wanted(state: Any) -> bool:
            return isinstance(state, dict) and all(
                state.get(key) == value for key, value in values.items()
            )

        state: dict[str, Any] = self.peer.wait_for(
            self.topic("state", bay), is_wanted, timeout_s
        )
        return state

    def command(
        self,
        state: dict[str, Any],
        cmd: str,
        command_id: str,
        *,
        bay: str = "1",
        **fields: Any,
    ) -> None:
        """Send a command that suits the boot of this state, unless told otherwise.

        Its id, and the order `A` that it is for unless told otherwise, are this test's
        `own`.
        """
        values = {"v": 1, "id": self.own(command_id), "cmd": cmd}
        values["boot_id"] = state["boot_id"]
        if cmd in ("start", "extend"):
            values |= {"order_id": self.own("A"), "not_after": state["up_s"] + 60}
        self.peer.publish(self.topic("cmd", bay), json.dumps(values | fields))

    def start_again(self) -> None:
        """Make the world whole between two tests: nothing runs, nothing is broken."""
        self.turn += 1
        if not self.broker.is_running:
            self.broker.start()
        eventually(self.peer.is_connected, "the peer is back")
        if self.bridge.process is None or self.bridge.process.poll() is not None:
            self.bridge.start()
        for file in self.bridge.board.glob("controls.json"):
            file.unlink()
        for pin in ESTOPS:
            self.bridge.let("release", pin)
        for bay in ("1", "2"):
            self.peer.publish(self.topic("set", bay), "OFF")
        eventually(self._is_well, "all bays are well again")

    def _is_well(self) -> bool:
        """Reset all bays and ask how they are."""
        self.peer.forget()
        for bay in ("1", "2"):
            self.peer.publish(self.topic("set", bay), "RESET")
        states = [self.await_state(bay) for bay in ("1", "2")]
        return all((s["phase"], s["fault"]) == ("idle", None) for s in states)

    def await_ack(self, command_id: str, bay: str = "1") -> dict[str, Any]:
        """Wait for the answer to a command."""
        ack: dict[str, Any] = self.peer.wait_for(
            self.topic("ack", bay), lambda each: each["id"] == self.own(command_id)
        )
        return ack


@contextmanager
def make_site(
    directory: Path,
    *,
    bridge: str = "",
    bay: str = "",
    sensor: str = "",
    run: bool = True,
) -> Iterator[Site]:
    """Give a site in a directory, and end all its processes."""
    broker = Broker(directory)
    broker.start()
    program = BridgeProcess(
        directory, broker.port, bridge=bridge, bay=bay, sensor=sensor
    )
    peer = Peer(broker.port)
    try:
        if run:
            program.start()
        yield Site(broker, program, peer)
    finally:
        peer.close()
        program.kill()
        broker.kill()
