"""The program against a real broker, on pins that outlive it."""

import itertools
import json
import os
from pathlib import Path
import signal
import socket
import time

import pytest

from .helpers import NODE, Site, eventually, make_site

STATUS = f"paybay/{NODE}/status"
pytestmark = pytest.mark.timeout(60)


def test_a_bridge_that_starts_announces_itself_and_its_bays(tmp_path: Path) -> None:
    with make_site(tmp_path) as site:
        announces_itself(site)


def announces_itself(site: Site) -> None:
    site.peer.wait_for(STATUS, lambda each: each == "online")
    for bay in ("1", "2"):
        state = site.await_state(bay, phase="idle", relay="off")
        assert state["last"] is None
        assert site.peer.wait_for(site.topic("outbox", bay), bool) == {
            "v": 1,
            "items": [],
        }
    payload = site.peer.wait_for(f"homeassistant/device/paybay_{NODE}/config", bool)
    assert payload["cmps"]["1_relay"]["uniq_id"] == f"paybay_{NODE}_1_relay"
    health = site.peer.wait_for(f"paybay/{NODE}/health", bool)
    assert health["boot_id"] == state["boot_id"]


def test_a_paid_second_is_a_second_on_the_pin(site: Site) -> None:
    state = site.await_state(phase="idle")
    site.command(state, "start", "go", seconds=1)
    eventually(site.bridge.is_high, "the pin rises")
    rose = time.monotonic()
    fell = eventually(lambda: not site.bridge.is_high(), "the pin falls")
    assert 0.97 < fell - rose < 2
    assert site.await_ack("go")["result"] == "accepted"
    last = site.await_state(reason="time_up")["last"]
    assert last["outcome"] == "completed"
    assert 1.0 <= last["ran_s"] < 2


def test_the_pin_has_moved_when_the_ack_comes(site: Site) -> None:
    state = site.await_state(phase="idle")
    site.command(state, "start", "go", seconds=60)
    site.await_ack("go")
    assert site.bridge.is_high()
    site.command(state, "stop", "halt", order_id=site.own("A"))
    site.await_ack("halt")
    assert not site.bridge.is_high()


def test_an_active_low_board_is_high_when_off(site: Site) -> None:
    state = site.await_state("2", phase="idle")
    assert site.bridge.is_high(27)
    site.command(state, "start", "go", bay="2", seconds=60)
    site.await_ack("go", "2")
    assert not site.bridge.is_high(27)
    assert site.bridge.terminate() == 0
    assert site.bridge.is_high(27)


def test_bays_run_side_by_side(site: Site) -> None:
    state = site.await_state(phase="idle")
    site.command(state, "start", "one", seconds=60)
    site.command(state, "start", "two", bay="2", seconds=60, order_id=site.own("B"))
    assert site.await_state("1", phase="running")["order_id"] == site.own("A")
    assert site.await_state("2", phase="running")["order_id"] == site.own("B")


def test_stopping_the_program_switches_off_and_reports(site: Site) -> None:
    state = site.await_state(phase="idle")
    site.command(state, "start", "go", seconds=60)
    site.await_state(phase="running")
    assert site.bridge.terminate() == 0
    assert not site.bridge.is_high()
    last = site.await_state(reason="shutdown")["last"]
    assert last["outcome"] == "interrupted"
    site.peer.wait_for(STATUS, lambda each: each == "offline")


def test_killed_the_level_stays_until_off_runs_and_the_seconds_are_reported(
    site: Site,
) -> None:
    state = site.await_state(phase="idle")
    site.command(state, "start", "go", seconds=60)
    site.await_ack("go")
    rose = time.monotonic()
    site.bridge.kill()
    assert site.bridge.is_high()
    site.peer.wait_for(STATUS, lambda each: each == "offline")
    done = site.bridge.call("off")
    fell = time.monotonic()
    assert done.returncode == 0, done.stderr
    assert not site.bridge.is_high()
    site.peer.forget()
    site.bridge.start()
    restarted = site.await_state(phase="idle")
    assert restarted["boot_id"] != state["boot_id"]
    last = restarted["last"]
    assert (last["order_id"], last["outcome"]) == (site.own("A"), "interrupted")
    assert 0 < last["ran_s"] <= fell - rose + 0.05
    items = site.peer.wait_for(site.topic("outbox"), lambda each: each["items"])
    item = items["items"][-1]
    assert (item["outcome"], item["ran_s"]) == ("interrupted", last["ran_s"])
    assert item["boot_id"] == state["boot_id"]

    site.command(restarted, "start", "again", seconds=60)
    assert site.await_ack("again")["remaining_s"] == pytest.approx(
        60 - last["ran_s"], abs=0.01
    )
    site.command(restarted, "ack_event", "seen", event_id=item["event_id"])
    assert site.await_ack("seen")["result"] == "accepted"
    site.peer.wait_for(site.topic("outbox"), lambda each: item not in each["items"])


def test_killed_and_started_without_off_the_relay_drops_at_the_start(
    site: Site,
) -> None:
    state = site.await_state(phase="idle")
    site.command(state, "start", "go", seconds=60)
    site.await_ack("go")
    rose = time.monotonic()
    site.bridge.kill()
    site.peer.forget()
    site.bridge.start()
    fell = time.monotonic()
    assert not site.bridge.is_high()
    last = site.await_state(phase="idle")["last"]
    assert last["outcome"] == "interrupted"
    assert 0 < last["ran_s"] <= fell - rose + 0.05


def test_a_command_from_before_the_restart_is_refused(site: Site) -> None:
    state = site.await_state(phase="idle")
    site.bridge.kill()
    site.peer.forget()
    site.bridge.start()
    site.await_state(phase="idle")
    site.command(state, "start", "late", seconds=60)
    assert site.await_ack("late")["reason"] == "other_boot"


def test_nothing_retained_switches_on(site: Site) -> None:
    state = site.await_state(phase="idle")
    command = {"v": 1, "id": "old", "cmd": "start", "order_id": "A", "seconds": 60}
    command |= {"boot_id": state["boot_id"], "not_after": 9999}
    site.peer.publish(site.topic("cmd"), json.dumps(command), qos=1, retain=True)
    eventually(
        lambda: "retained" in site.bridge.lines, "the live retained command is refused"
    )
    site.peer.publish(site.topic("set", "2"), "ON", qos=1, retain=True)
    site.await_state("2", phase="manual")
    site.bridge.terminate()
    site.peer.forget()
    site.bridge.start()
    eventually(
        lambda: "set was ignored: retained" in site.bridge.lines,
        "the retained ON is refused",
    )
    assert site.await_state("2")["phase"] == "idle"
    assert not site.bridge.is_high()
    assert site.bridge.is_high(27)


def test_after_contact_is_lost_the_relay_goes_off_and_the_rest_stays_owed(
    tmp_path: Path,
) -> None:
    with make_site(tmp_path, bridge="contact_loss_off_s = 0.8") as site:
        state = site.await_state(phase="idle")
        site.command(state, "start", "go", seconds=60)
        site.await_ack("go")
        site.broker.kill()
        lost = time.monotonic()
        fell = eventually(lambda: not site.bridge.is_high(), "the relay goes off")
        assert 0.7 < fell - lost < 3
        site.peer.forget()
        site.broker.start()
        state = site.await_state(reason="contact_lost", timeout_s=15)
        assert state["last"]["outcome"] == "interrupted"
        site.command(state, "start", "again", seconds=60)
        left = site.await_ack("again")["remaining_s"]
        assert left == pytest.approx(60 - state["last"]["ran_s"], abs=0.01)


def test_a_broker_that_comes_back_in_time_finds_the_session_running(site: Site) -> None:
    state = site.await_state(phase="idle")
    site.command(state, "start", "go", seconds=60)
    site.await_ack("go")
    site.broker.kill()
    site.peer.forget()
    site.broker.start()
    running = site.await_state(phase="running", timeout_s=15)
    assert running["order_id"] == site.own("A")
    site.peer.wait_for(STATUS, lambda each: each == "online")
    site.peer.wait_for(f"homeassistant/device/paybay_{NODE}/config", bool)
    assert site.bridge.is_high()


def test_zero_contact_loss_runs_to_the_paid_end_without_a_broker(
    tmp_path: Path,
) -> None:
    with make_site(tmp_path, bridge="contact_loss_off_s = 0") as site:
        state = site.await_state(phase="idle")
        site.command(state, "start", "go", seconds=1.2)
        site.await_ack("go")
        rose = time.monotonic()
        site.broker.kill()
        fell = eventually(lambda: not site.bridge.is_high(), "the relay goes off")
        assert 1.1 < fell - rose < 2.2


def test_a_bridge_without_a_broker_starts_and_waits(tmp_path: Path) -> None:
    with make_site(tmp_path, run=False) as site:
        site.broker.kill()
        site.bridge.start()
        site.broker.start()
        site.await_state(phase="idle", timeout_s=15)


def test_a_birth_of_home_assistant_is_answered_with_all_states(site: Site) -> None:
    for bay in ("1", "2"):
        site.await_state(bay, phase="idle")
    site.peer.forget()
    site.peer.publish("homeassistant/status", "online")
    for bay in ("1", "2"):
        site.await_state(bay, phase="idle")
        site.peer.wait_for(site.topic("outbox", bay), bool)


def test_a_flood_neither_breaks_the_bridge_nor_delays_an_end(site: Site) -> None:
    state = site.await_state(phase="idle")
    site.command(state, "start", "go", seconds=1)
    eventually(site.bridge.is_high, "the pin rises")
    rose = time.monotonic()
    flood = [
        b"rubbish",
        b"[" * 4000,
        b'{"v":1,"id":"f","cmd":"start","seconds":NaN}',
        b"x" * 5000,
    ]
    while site.bridge.is_high():
        for payload in flood:
            site.peer.publish(site.topic("cmd"), payload)
    assert 0.9 < time.monotonic() - rose < 2
    heard = len(site.peer.heard)
    # A flood may push a command out, at the broker or here: one asks again.
    asks = itertools.count()

    def is_answered() -> bool:
        if next(asks) % 100 == 0:
            site.command(state, "start", "next", seconds=60, order_id=site.own("B"))
        name = site.own("next").encode()
        return any(name in payload for _, payload in site.peer.heard[heard:])

    eventually(is_answered, "the next order is answered")
    assert site.await_ack("next")["result"] == "accepted"
    assert site.bridge.lines.count("not JSON") == 1


def test_a_second_bridge_on_the_same_state_is_refused(site: Site) -> None:
    done = site.bridge.call("run")
    assert done.returncode == 1
    assert "the bridge is running" in done.stderr


def test_status_prints_what_the_broker_knows(site: Site) -> None:
    state = site.await_state(phase="idle")
    site.command(state, "start", "go", seconds=60)
    site.await_state(phase="running")
    done = site.bridge.call("status")
    assert done.returncode == 0
    assert "online" in done.stdout
    assert "running" in done.stdout


def test_discovery_is_printed_and_removed(site: Site) -> None:
    topic = f"homeassistant/device/paybay_{NODE}/config"
    assert f"paybay_{NODE}_1_relay" in site.bridge.call("discovery", "--print").stdout
    assert site.bridge.call("discovery", "--remove").returncode == 0
    site.peer.wait_for(topic, lambda each: each == "")


def test_a_bad_configuration_is_one_plain_line(tmp_path: Path) -> None:
    with make_site(tmp_path, run=False) as site:
        fails_plainly(site)


def fails_plainly(site: Site) -> None:
    text = site.bridge.config.read_text()
    site.bridge.config.write_text(text.replace("node =", "nod ="))
    done = site.bridge.call("check")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "[bridge] node: is missing, is it nod?" in done.stderr


def test_systemd_hears_ready_and_the_watchdog_only_while_the_loop_lives(
    tmp_path: Path,
) -> None:
    with (
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock,
        make_site(tmp_path, run=False) as site,
    ):
        sock.bind(str(tmp_path / "notify"))
        sock.settimeout(10)
        site.bridge.start(NOTIFY_SOCKET=str(tmp_path / "notify"))
        assert sock.recv(100) == b"READY=1"
        assert sock.recv(100) == b"WATCHDOG=1"
        assert site.bridge.process is not None
        os.kill(site.bridge.process.pid, signal.SIGTERM)
        heard = b"WATCHDOG=1"
        while heard == b"WATCHDOG=1":
            heard = sock.recv(100)
        assert heard == b"STOPPING=1"
