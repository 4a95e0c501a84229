"""The plain topics of controllers that know nothing of PayBay."""

import json
import logging
from pathlib import Path
from typing import Any

from pi_relay_bridge.config import parse
from pi_relay_bridge.config_table import ConfigError
from pi_relay_bridge.plain_desk import PlainDesk
from pi_relay_bridge.records import PLAIN, OpenSession, cut_short
import pytest

from .helpers import Bench, Site, eventually, make_site

TOPIC = "powerbank/charges/1"
TEN_MINUTES: dict[str, Any] = {"action": "start", "duration_minutes": 10}


def plain(bench: Bench) -> PlainDesk:
    return PlainDesk(bench.bay, bench.clock)


def say(desk: PlainDesk, retained: bool = False, **fields: Any) -> None:
    desk.receive(json.dumps(fields).encode(), retained=retained)


def test_ten_minutes_are_ten_minutes(bench: Bench) -> None:
    say(plain(bench), **TEN_MINUTES)
    assert bench.relay.is_on
    assert bench.state["remaining_s"] == 600
    bench.advance(599_999)
    assert bench.relay.is_on
    bench.advance(1)
    assert not bench.relay.is_on
    assert bench.state["last"]["outcome"] == "completed"


@pytest.mark.parametrize("action", ["stop", "cancel"])
def test_a_plain_start_can_be_ended(bench: Bench, action: str) -> None:
    desk = plain(bench)
    say(desk, **TEN_MINUTES)
    bench.advance(1000)
    say(desk, action=action)
    assert not bench.relay.is_on
    assert bench.state["last"]["ran_s"] == 1


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"action": "start", "duration_minutes": 241}, "more than max_session_s"),
        ({"action": "start", "duration_minutes": 1e11}, "more than max_session_s"),
        ({"action": "start", "duration_minutes": 0}, "above 0"),
        ({"action": "start", "duration_minutes": -5}, "above 0"),
        ({"action": "start", "duration_minutes": float("nan")}, "above 0"),
        ({"action": "start", "duration_minutes": True}, "above 0"),
        ({"action": "start", "duration_minutes": "10"}, "above 0"),
        ({"action": "start"}, "above 0"),
        ({"action": "toggle"}, "neither start"),
        ({}, "neither start"),
        ({"action": "stop"}, "no plain start is running"),
    ],
)
def test_what_makes_no_sense_is_refused_and_logged(
    bench: Bench, caplog: pytest.LogCaptureFixture, fields: dict[str, Any], why: str
) -> None:
    say(plain(bench), **fields)
    assert bench.relay.moves == []
    assert why in caplog.text


@pytest.mark.parametrize("payload", [b"rubbish", b"[1]", b"[" * 4000, b" " * 5000])
def test_what_is_no_message_is_refused(bench: Bench, payload: bytes) -> None:
    plain(bench).receive(payload, retained=False)
    assert bench.relay.moves == []


def test_a_retained_start_is_refused(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    say(plain(bench), retained=True, **TEN_MINUTES)
    assert bench.relay.moves == []
    assert "retained" in caplog.text


def test_a_start_that_comes_twice_runs_once(bench: Bench) -> None:
    desk = plain(bench)
    say(desk, **TEN_MINUTES)
    bench.advance(60_000)
    say(desk, **TEN_MINUTES)
    assert bench.state["remaining_s"] == 540


def test_a_plain_message_does_not_touch_an_order_of_paybay(bench: Bench) -> None:
    desk = plain(bench)
    assert bench.send("start", seconds=60)["result"] == "accepted"
    say(desk, **TEN_MINUTES)
    say(desk, action="stop")
    assert bench.relay.is_on
    assert bench.state["order_id"] == "A"
    assert bench.state["remaining_s"] == 60


def test_a_plain_outcome_waits_for_nobody(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    desk = plain(bench)
    say(desk, **TEN_MINUTES)
    say(desk, action="stop")
    assert bench.outbox == []
    assert "outbox" not in caplog.text
    kept = OpenSession(
        order_id=f"{PLAIN}x",
        seconds=60,
        boot_id="b",
        kernel_boot_id="k",
        started_boottime_s=0,
        checkpoint_ran_s=0,
    )
    assert cut_short(kept, boottime_s=5, kernel_boot_id="k").acked


@pytest.mark.parametrize("prefix", ["", "a/#", "+", "/a", "a/", "paybay/garage"])
def test_a_prefix_that_cannot_be_is_refused(prefix: str) -> None:
    text = (
        '[bridge]\nnode = "n"\n[mqtt]\nhost = "h"\n'
        f'[plain_topics]\nprefix = "{prefix}"\n[[bay]]\nid = "1"\npin = 17\n'
    )
    with pytest.raises(ConfigError, match=r"line 6: \[plain_topics\] prefix"):
        parse(text)


def start_plainly(site: Site, *, retain: bool = False) -> None:
    site.peer.publish(TOPIC, json.dumps(TEN_MINUTES), qos=1, retain=retain)


@pytest.mark.timeout(60)
def test_switched_on_a_plain_message_starts_and_a_retained_one_does_not(
    tmp_path: Path,
) -> None:
    plain_topics = '[plain_topics]\nprefix = "powerbank"'
    with make_site(tmp_path, bridge=plain_topics, run=False) as site:
        start_plainly(site, retain=True)
        site.bridge.start()
        site.await_state(phase="idle")
        start_plainly(site, retain=True)
        eventually(lambda: "retained" in site.bridge.lines, "the refusal is logged")
        assert not site.bridge.is_high()
        start_plainly(site)
        site.await_state(phase="running", remaining_s=600)
        assert site.bridge.is_high()
        site.peer.publish(TOPIC, '{"action": "cancel"}')
        eventually(lambda: not site.bridge.is_high(), "the pin falls")


@pytest.mark.timeout(60)
def test_without_the_table_plain_messages_do_nothing(site: Site) -> None:
    state = site.await_state(phase="idle")
    start_plainly(site)
    site.command(state, "report", "after")
    site.await_ack("after")
    assert not site.bridge.is_high()
    assert "plain" not in site.bridge.lines
