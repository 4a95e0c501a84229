"""The program when its broker, its network, its disk or its clock misbehaves."""

from collections.abc import Iterator
from contextlib import contextmanager
import json
import os
from pathlib import Path
import resource
import signal
import threading
import time
from typing import Any

from hypothesis import HealthCheck, given, settings, strategies as st
from paho.mqtt.client import Client, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion
import pytest

from .helpers import NODE, SOURCE, Recorder, Site, eventually, make_site

pytestmark = pytest.mark.timeout(90)
STATUS = f"paybay/{NODE}/status"


@pytest.fixture(scope="module")
def same_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Run a site that loses patience with a lost broker after three seconds."""
    with make_site(
        tmp_path_factory.mktemp("trouble"), bridge="contact_loss_off_s = 3"
    ) as site:
        yield site


@pytest.fixture
def site(same_site: Site) -> Site:
    """Return the site with nothing running."""
    same_site.start_again()
    return same_site


def start(site: Site, order_id: str, seconds: float = 600) -> dict[str, Any]:
    """Start an order, and return the state in which it runs."""
    site.command(
        site.await_state(), "start", order_id, order_id=order_id, seconds=seconds
    )
    assert site.await_ack(order_id)["result"] == "accepted"
    return site.await_state(order_id=order_id)


def test_a_frozen_broker_is_noticed_and_the_relay_goes_off(site: Site) -> None:
    """It keeps the connection open and says nothing: only the keepalive (2 s) tells."""
    start(site, "frozen")
    site.broker.freeze()
    try:
        frozen = time.monotonic()
        fell = eventually(lambda: not site.bridge.is_high(), "off", timeout_s=20)
        assert 3 < fell - frozen < 2 * 2 + 3 + 3
    finally:
        site.broker.thaw()
    state = site.await_state(reason="contact_lost", timeout_s=20)
    assert (state["last"]["order_id"], state["last"]["outcome"]) == (
        "frozen",
        "interrupted",
    )


def test_a_broker_that_restarts_empty_learns_all_anew(site: Site) -> None:
    start(site, "restart")
    site.broker.kill()
    site.peer.forget()
    site.broker.start()
    assert site.await_state(order_id="restart", timeout_s=15)["relay"] == "on"
    for topic in (
        STATUS,
        f"paybay/{NODE}/health",
        f"homeassistant/device/paybay_{NODE}/config",
        site.topic("outbox"),
        site.topic("state", "2"),
    ):
        site.peer.wait_for(topic, bool)


def test_a_second_client_with_its_name_does_not_silence_the_bridge(site: Site) -> None:
    start(site, "twins")
    site.peer.forget()
    twin = Client(
        CallbackAPIVersion.VERSION2, client_id=f"paybay-{NODE}", protocol=MQTTv5
    )
    gone = threading.Event()
    twin.on_disconnect = lambda *_: gone.set()
    twin.connect("127.0.0.1", site.broker.port, clean_start=True)
    while not gone.is_set():  # Not `loop_start`: that would fight for the name.
        twin.loop(timeout=0.1)
    site.peer.wait_for(STATUS, lambda each: each == "offline")
    site.peer.wait_for(STATUS, lambda each: each == "online")
    assert site.await_state(order_id="twins")["relay"] == "on"
    site.command(site.await_state(), "stop", "twins-stop")
    assert site.await_ack("twins-stop")["result"] == "accepted"


WORDS = st.sampled_from(
    ["v", "id", "cmd", "order_id", "seconds", "boot_id", "not_after", "start", "ON"]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner),
    max_leaves=6,
)
# Whatever it is, it names no boot of this bridge: nothing here is a good command.
BAD = st.one_of(
    st.binary(max_size=40),
    VALUES.map(lambda each: json.dumps(each).encode()),
    st.fixed_dictionaries(
        {"v": st.just(1), "cmd": st.sampled_from(["start", "extend", "reset"])},
        optional={
            "id": VALUES,
            "order_id": VALUES,
            "seconds": VALUES,
            "not_after": VALUES,
        },
    ).map(lambda each: json.dumps(each).encode()),
)


def test_ten_thousand_bad_payloads_move_no_pin_and_end_no_session(site: Site) -> None:
    sent = 0
    start(site, "flood")
    recorder = Recorder(site.bridge.board)

    @settings(
        max_examples=100,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.lists(BAD, min_size=20, max_size=20))
    def flood(payloads: list[bytes]) -> None:
        nonlocal sent
        for payload in payloads * 5:
            leaf = "set" if sent % 10 == 0 and payload != b"OFF" else "cmd"
            site.peer.publish(site.topic(leaf), payload)
            sent += 1

    flood()
    assert sent >= 10_000
    site.peer.forget()
    site.peer.publish(site.topic("set"), "RESET")
    assert site.await_state(order_id="flood")["fault"] is None
    assert recorder.levels == [True]
    assert len(site.bridge.lines) < 100_000


def test_a_clock_that_jumps_changes_no_paid_second(tmp_path: Path) -> None:
    """The wall clock leaps by hours, back and forth, each time it is read."""
    (tmp_path / "sitecustomize.py").write_text(
        "import itertools, time\n"
        "real, leaps = time.time, itertools.cycle((3600.0, -86400.0, 7200.0))\n"
        "time.time = lambda: real() + next(leaps)\n"
    )
    with make_site(tmp_path, run=False) as site:
        site.bridge.start(PYTHONPATH=f"{tmp_path}{os.pathsep}{SOURCE}")
        site.await_state(phase="idle")
        recorder = Recorder(site.bridge.board)
        start(site, "leap", seconds=1.5)
        last = site.await_state(reason="time_up")["last"]
        assert last["outcome"] == "completed"
        assert recorder.highs == [pytest.approx(1.5, abs=0.5)]


@contextmanager
def full_disk(site: Site) -> Iterator[None]:
    """Let the bridge write to no file for a while."""
    assert site.bridge.process is not None
    pid = site.bridge.process.pid
    before = resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, -1))
    yield
    resource.prlimit(pid, resource.RLIMIT_FSIZE, before)


def test_a_full_disk_starts_nothing(site: Site) -> None:
    with full_disk(site):
        site.command(site.await_state(), "start", "full", order_id="full", seconds=60)
        assert site.await_ack("full")["reason"] == "storage"
    assert not site.bridge.is_high()


def test_a_session_ends_on_a_full_disk_and_is_written_when_there_is_room(
    site: Site,
) -> None:
    start(site, "fills", seconds=1)
    with full_disk(site):
        last = site.await_state(reason="time_up")["last"]
        assert last["outcome"] == "completed"
        assert not site.bridge.is_high()
        assert not is_on_disk(site, last["event_id"])
    eventually(lambda: is_on_disk(site, last["event_id"]), "the outcome is written")
    site.bridge.kill()
    site.peer.forget()
    site.bridge.start()
    assert site.await_state(phase="idle")["last"]["outcome"] == "completed"


def is_on_disk(site: Site, event_id: str) -> bool:
    """Return whether any of the bay's records has this outcome."""
    records = (site.bridge.config.parent / "state").glob("bay-1.*.json")
    return any(event_id in path.read_text() for path in records)


def test_torn_and_foreign_state_files_do_not_keep_it_from_starting(site: Site) -> None:
    start(site, "torn")
    site.bridge.kill()
    state = site.bridge.config.parent / "state"
    (state / "bay-1.999999998.json").write_text('{"v":1,"session":{"order_id":7}}')
    (state / "bay-1.999999999.json").write_bytes(b'{"v": 1, "sess\x00\xff')
    (state / "bay-2.000009999.json").write_text("[" * 100_000)
    (state / "bay-1.x.json").write_text("{}")
    site.peer.forget()
    site.bridge.start()
    restarted = site.await_state(phase="idle")
    assert (restarted["last"]["order_id"], restarted["last"]["outcome"]) == (
        "torn",
        "interrupted",
    )
    assert not site.bridge.is_high()
    start(site, "after-torn", seconds=0.2)
    site.await_state(reason="time_up")


def test_a_blocked_event_loop_does_not_keep_the_relay_on(tmp_path: Path) -> None:
    """A signal makes the program's main thread sleep: no timer, no message, no end."""
    (tmp_path / "sitecustomize.py").write_text(
        "import signal, time\nsignal.signal(signal.SIGUSR1, lambda *_: time.sleep(3))\n"
    )
    with make_site(tmp_path, run=False) as site:
        site.bridge.start(PYTHONPATH=f"{tmp_path}{os.pathsep}{SOURCE}")
        recorder = Recorder(site.bridge.board)
        start(site, "blocked", seconds=1)
        assert site.bridge.process is not None
        site.bridge.process.send_signal(signal.SIGUSR1)
        state = site.await_state(phase="idle", reason="overdue")
        assert state["last"]["outcome"] == "completed"
        # The guard leaves the loop one second, and looks four times in another.
        assert recorder.highs == [pytest.approx(2.2, abs=0.8)]
        assert state["last"]["ran_s"] == pytest.approx(recorder.highs[0], abs=0.2)
