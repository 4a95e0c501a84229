"""The command line as its owner meets it."""

import json
import os
from pathlib import Path
import signal
import subprocess
import sys

from pi_relay_bridge.relay_test import MOST_S
from pi_relay_bridge.simulate import Levels
import pytest

from .helpers import BridgeProcess, Site, eventually, make_site

SECRET = "walrus-thimble-41"
pytestmark = pytest.mark.timeout(60)


@pytest.fixture
def idle(tmp_path: Path) -> BridgeProcess:
    """Give a configured bridge that does not run; nobody is at its broker's port."""
    Levels(tmp_path / "board")
    return BridgeProcess(tmp_path, 1)


def start_test(bridge: BridgeProcess, *arguments: str) -> "subprocess.Popen[str]":
    """Start `test-relay` on the simulated board."""
    return subprocess.Popen(
        [*bridge._arguments("test-relay"), "--simulate", str(bridge.board), *arguments],
        env=bridge._environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_a_relay_is_on_for_as_long_as_asked_and_no_longer(idle: BridgeProcess) -> None:
    test = start_test(idle, "1", "--seconds", "0.5", "--yes")
    rose = eventually(idle.is_high, "the pin rises")
    fell = eventually(lambda: not idle.is_high(), "the pin falls")
    assert 0.4 < fell - rose < 1.5
    test.communicate(timeout=10)
    assert test.returncode == 0


def test_it_asks_first_and_only_yes_is_yes(idle: BridgeProcess) -> None:
    test = start_test(idle, "1")
    said, _ = test.communicate("maybe\n", timeout=20)
    assert "Switch bay 1 (Bay 1, GPIO 17) on for 2 s?" in said
    assert "nothing was switched" in said
    assert test.returncode == 1
    assert not idle.is_high()


def test_without_anybody_to_ask_nothing_is_switched(idle: BridgeProcess) -> None:
    test = start_test(idle, "1")
    test.communicate("", timeout=20)
    assert test.returncode == 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_test_that_is_stopped_leaves_the_relay_off(
    idle: BridgeProcess, number: signal.Signals
) -> None:
    test = start_test(idle, "1", "--seconds", "10", "--yes")
    eventually(idle.is_high, "the pin rises")
    test.send_signal(number)
    test.communicate(timeout=10)
    assert not idle.is_high()


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("9", "--yes"), "there is no bay 9; there are: 1, 2"),
        (("1", "--yes", "--seconds", f"{MOST_S + 1}"), "at most 10"),
        (("1", "--yes", "--seconds", "nan"), "above 0"),
        (("1", "--yes", "--seconds", "-1"), "above 0"),
    ],
)
def test_a_test_that_makes_no_sense_is_refused(
    idle: BridgeProcess, arguments: tuple[str, ...], problem: str
) -> None:
    test = start_test(idle, *arguments)
    _, error = test.communicate(timeout=20)
    assert test.returncode == 2
    assert problem in error
    assert "Traceback" not in error


def test_while_the_bridge_runs_no_relay_is_tested(site: Site) -> None:
    state = site.await_state(phase="idle")
    site.command(state, "start", "go", seconds=60)
    site.await_state(phase="running")
    test = start_test(site.bridge, "1", "--yes")
    _, error = test.communicate(timeout=20)
    assert test.returncode == 1
    assert "the bridge is running; stop it first" in error
    assert site.bridge.is_high()


def test_a_pressed_emergency_stop_forbids_the_test(tmp_path: Path) -> None:
    bridge = BridgeProcess(tmp_path, 1, bridge="estop_pin = 5")
    Levels(tmp_path / "board").set(5, high=True)
    test = start_test(bridge, "1", "--yes", "--seconds", "0.2")
    _, error = test.communicate(timeout=20)
    assert (test.returncode, "emergency stop" in error) == (1, True), error


def test_check_counts_what_is_wrong(site: Site) -> None:
    text = site.bridge.config.read_text()
    site.bridge.config.write_text(
        text.replace("[mqtt]", 'pin_factory = "mock"\n[mqtt]')
    )
    done = site.bridge.call("check")
    assert done.returncode == 0, done.stdout
    assert "ok    bridge: is running" in done.stdout
    assert "lets us in without TLS" in done.stdout
    site.broker.kill()
    done = site.bridge.call("check", "--json")
    assert done.returncode == 1
    findings = {each["name"]: each for each in json.loads(done.stdout)}
    assert findings["broker"]["level"] == "error"
    assert "mosquitto" in findings["broker"]["advice"]
    assert findings["configuration"]["level"] == "ok"


def test_status_is_there_for_programs_too(site: Site) -> None:
    site.await_state("1", phase="idle")
    site.await_state("2", phase="idle")
    done = site.bridge.call("status", "--json")
    values = json.loads(done.stdout)
    assert (done.returncode, values["online"]) == (0, True)
    assert values["bays"]["1"]["phase"] == "idle"


def test_the_configuration_is_shown_with_its_defaults(idle: BridgeProcess) -> None:
    values = json.loads(idle.call("config").stdout)
    assert values["contact_loss_off_s"] == 180
    assert values["bays"][1]["active_high"] is False


@pytest.mark.parametrize("where", ["password_file", "password_env", "password"])
@pytest.mark.parametrize(
    "command", ["check", "status", "config", "discovery", "off", "run"]
)
def test_a_secret_is_never_printed(tmp_path: Path, where: str, command: str) -> None:
    with make_site(tmp_path, run=False) as site:
        (tmp_path / "secret").write_text(SECRET)
        value = {"password_file": tmp_path / "secret", "password_env": "WORD"}
        line = f'username = "u"\n{where} = "{value.get(where, SECRET)}"'
        text = site.bridge.config.read_text().replace("[mqtt]", f"[mqtt]\n{line}")
        site.bridge.config.write_text(text)
        arguments = [*site.bridge._arguments(command)]
        arguments += ["--print"] if command == "discovery" else []
        if command == "run" and where != "password":
            site.bridge.start(WORD=SECRET)
            site.bridge.terminate()
            output = site.bridge.lines
        else:
            done = subprocess.run(
                arguments,
                env=site.bridge._environment | {"WORD": SECRET},
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=30,
                check=False,
            )
            output = done.stdout
        assert output
        assert SECRET not in output


@pytest.mark.parametrize(
    ("arguments", "code", "problem"),
    [
        (["check", "-c", "none.toml"], 2, "none.toml: cannot be read"),
        (["chekc"], 2, "invalid choice: 'chekc'"),
        ([], 2, "required"),
        (["status", "-c", "{config}"], 1, "no broker at 127.0.0.1:1"),
    ],
)
def test_mistakes_are_said_on_stderr_without_a_traceback(
    idle: BridgeProcess, arguments: list[str], code: int, problem: str
) -> None:
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pi_relay_bridge"),
            *(each.format(config=idle.config) for each in arguments),
        ],
        env=idle._environment,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == code
    assert problem in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_a_reader_that_has_seen_enough_is_no_error(idle: BridgeProcess) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as nobody:
        done = subprocess.run(
            idle._arguments("config"),
            env=idle._environment,
            stdout=nobody,
            stderr=subprocess.PIPE,
            timeout=30,
            check=False,
        )
    assert done.stderr == b""


def test_the_journal_gets_levels_and_no_times(tmp_path: Path) -> None:
    with make_site(tmp_path, run=False) as site:
        site.bridge.start(JOURNAL_STREAM="8:1")
        assert "<6>ready: node test, 2 bays" in site.bridge.lines
