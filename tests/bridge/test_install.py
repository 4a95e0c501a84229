"""`install-service`, and the systemd unit that it writes."""

import os
from pathlib import Path
import shutil
import subprocess
import sys

from pi_relay_bridge.install_cli import MARK, UNIT, unit_text
import pytest

from .helpers import SOURCE

CONFIG = Path("/etc/pi-relay-bridge/config.toml")
PROGRAM = Path("/bin/true")
Sections = dict[str, list[tuple[str, str]]]


def install(root: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "pi_relay_bridge", "install-service"]
    return subprocess.run(
        [*command, "--root", str(root), *arguments],
        env=os.environ | {"PYTHONPATH": str(SOURCE)},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )


def files(root: Path) -> set[str]:
    return {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}


def test_without_write_nothing_is_written(tmp_path: Path) -> None:
    said = install(tmp_path).stdout
    assert "would write" in said
    assert "Nothing was written" in said
    assert files(tmp_path) == set()


def test_it_writes_what_a_service_needs(tmp_path: Path) -> None:
    said = install(tmp_path, "--write").stdout
    assert files(tmp_path) == {
        "etc/pi-relay-bridge/config.toml",
        "etc/pi-relay-bridge/mqtt_password",
        f"etc/systemd/system/{UNIT}",
    }
    password = tmp_path / "etc/pi-relay-bridge/mqtt_password"
    assert password.stat().st_mode & 0o777 == 0o600
    assert "systemctl enable --now pi-relay-bridge" in said


def test_a_second_time_everything_is_there(tmp_path: Path) -> None:
    install(tmp_path, "--write")
    said = install(tmp_path, "--write").stdout
    assert "written" not in said.split("Next:")[0]
    assert said.count("is there") == 3


def test_what_the_owner_wrote_is_kept(tmp_path: Path) -> None:
    install(tmp_path, "--write")
    etc = tmp_path / "etc/pi-relay-bridge"
    (etc / "config.toml").write_text("mine")
    (etc / "mqtt_password").write_text("mine, too")
    install(tmp_path, "--write")
    assert (etc / "config.toml").read_text() == "mine"
    assert (etc / "mqtt_password").read_text() == "mine, too"


def test_an_old_unit_is_brought_up_to_date_and_a_foreign_one_kept_beside_it(
    tmp_path: Path,
) -> None:
    units = tmp_path / "etc/systemd/system"
    units.mkdir(parents=True)
    (units / UNIT).write_text("foreign")
    install(tmp_path, "--write")
    assert (units / f"{UNIT}.old").read_text() == "foreign"
    (units / UNIT).write_text(f"{MARK} of an earlier version")
    install(tmp_path, "--write")
    assert "ExecStart=" in (units / UNIT).read_text()
    assert (units / f"{UNIT}.old").read_text() == "foreign"


def test_the_unit_names_the_program_and_the_configuration_it_was_made_for() -> None:
    text = unit_text(Path("/srv/venv/bin/pi-relay-bridge"), Path("/srv/etc/bay.toml"))
    assert "ExecStart=/srv/venv/bin/pi-relay-bridge run -c /srv/etc/bay.toml" in text
    assert "LoadCredential=mqtt_password:/srv/etc/mqtt_password" in text
    assert "/opt/" not in text


def read_unit(text: str) -> Sections:
    """Return each section's settings in order: a key may come often."""
    sections: Sections = {}
    section: list[tuple[str, str]] = []
    for line in text.splitlines():
        if line.startswith("["):
            section = sections.setdefault(line.strip("[]"), [])
        elif line and not line.startswith("#"):
            key, equals, value = line.partition("=")
            assert equals, line
            section.append((key, value))
    return sections


def test_the_unit_switches_off_around_every_life_of_the_bridge() -> None:
    service = read_unit(unit_text(PROGRAM, CONFIG))["Service"]
    off, run = f"{PROGRAM} off -c {CONFIG}", f"{PROGRAM} run -c {CONFIG}"
    commands = [each for each in service if each[0].startswith("Exec")]
    assert commands == [
        ("ExecStartPre", off),
        ("ExecStart", run),
        ("ExecStopPost", off),
    ]


def test_the_unit_is_watched_restarted_and_never_given_up() -> None:
    unit = read_unit(unit_text(PROGRAM, CONFIG))
    service = dict(unit["Service"])
    assert service["Type"] == "notify"
    assert service["NotifyAccess"] == "main"
    assert int(service["WatchdogSec"]) <= 15
    assert service["Restart"] == "always"
    assert dict(unit["Unit"])["StartLimitIntervalSec"] == "0"
    assert dict(unit["Install"])["WantedBy"] == "multi-user.target"


def test_the_unit_may_do_what_a_bridge_must_and_little_else() -> None:
    service = read_unit(unit_text(PROGRAM, CONFIG))["Service"]
    assert set(service) >= {
        ("User", "pirelay"),
        ("DevicePolicy", "closed"),
        ("DeviceAllow", "/dev/gpiochip0 rw"),
        ("NoNewPrivileges", "yes"),
        ("CapabilityBoundingSet", ""),
        ("ProtectSystem", "strict"),
        ("ProtectHome", "yes"),
        ("PrivateTmp", "yes"),
        ("StateDirectory", "pi-relay-bridge"),
        ("RestrictAddressFamilies", "AF_INET AF_INET6 AF_UNIX"),
        ("SystemCallFilter", "@system-service"),
        ("LoadCredential", "mqtt_password:/etc/pi-relay-bridge/mqtt_password"),
    }
    # It would hide the pins.
    assert "PrivateDevices" not in dict(service)
    # Resident memory is about 40 MiB; the limit must leave room, and must exist.
    assert dict(service)["MemoryMax"] == "200M"


needs_systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed"
)


@pytest.fixture
def unit_file(tmp_path: Path) -> Path:
    file = tmp_path / UNIT
    file.write_text(unit_text(PROGRAM, CONFIG))
    return file


def analyze(*arguments: str | Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        ["systemd-analyze", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@needs_systemd
def test_systemd_itself_finds_no_fault_in_the_unit(unit_file: Path) -> None:
    done = analyze("verify", "--man=no", unit_file)
    about_us = [line for line in done.stderr.splitlines() if "pi-relay-bridge" in line]
    assert about_us == []
    wrong = unit_file.read_text().replace("WatchdogSec=10", "WatchdgSec=10")
    unit_file.write_text(wrong)
    assert "WatchdgSec" in analyze("verify", "--man=no", unit_file).stderr


@needs_systemd
def test_systemd_itself_calls_the_unit_well_confined(unit_file: Path) -> None:
    done = analyze("security", "--offline=true", "--threshold=20", unit_file)
    assert done.returncode == 0, done.stdout[-200:]
    text = unit_file.read_text().replace("ProtectSystem=strict\n", "")
    unit_file.write_text(text.replace("SystemCallFilter=", "#"))
    assert analyze("security", "--offline=true", "--threshold=20", unit_file).returncode
