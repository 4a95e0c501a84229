"""The command `install-service`: what the service needs on this machine.

It may run any number of times: what is there is kept, the unit alone is brought up to
date, and a configuration or a password is never touched.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
import grp
import os
from pathlib import Path
import pwd
import shutil
import subprocess
import sys

from . import resources

USER = "pirelay"
GROUPS = ("gpio", "i2c", "spi", "dialout")
PROGRAM = "pi-relay-bridge"
UNIT = "pi-relay-bridge.service"
MARK = "# Written by `pi-relay-bridge install-service`"


@dataclass(frozen=True, kw_only=True)
class Step:
    """One thing that may be left to do; `work` None: nothing is."""

    text: str
    work: Callable[[], object] | None = None


def install(config: Path, *, root: Path, write: bool) -> int:
    """Show all steps, and with `write` do them; raise OSError."""
    for step in _steps(config.absolute(), root):
        if step.work is None:
            print(f"is there     {step.text}")
            continue
        print(f"{'written' if write else 'would write':<12} {step.text}", flush=True)
        if write:
            step.work()
    if not write:
        print("\nNothing was written. Run it again with --write, as root.")
        return 0
    print(_next_steps(config))
    return 0


def unit_text(program: Path, config: Path) -> str:
    """Return the systemd unit for a program and a configuration."""
    text = resources.read(UNIT)
    text = text.replace("/opt/pi-relay-bridge/bin/pi-relay-bridge", str(program))
    text = text.replace("/etc/pi-relay-bridge/config.toml", str(config))
    text = text.replace("/etc/pi-relay-bridge/", f"{config.parent}/")
    head = f"{MARK}; your changes belong into `systemctl edit`.\n"
    return head + text


def _steps(config: Path, root: Path) -> Iterator[Step]:
    """Yield what is to be done, in order; each looks when it is reached."""
    inside = root / config.relative_to("/")
    if root == Path("/"):
        yield _user_step()
    yield _file_step(inside, resources.read("config.example.toml"), 0o644)
    yield _file_step(inside.parent / "mqtt_password", "", 0o600)
    yield _unit_step(root / "etc/systemd/system" / UNIT, unit_text(_program(), config))


def _user_step() -> Step:
    """Return the making of the service's user, in the groups that this machine has."""
    there = {group.gr_name for group in grp.getgrall()}
    groups = ",".join(group for group in GROUPS if group in there)
    text = f"user {USER}" + (f", in the groups {groups}" if groups else "")
    try:
        pwd.getpwnam(USER)
    except KeyError:
        command = ["useradd", "--system", "--user-group", "--no-create-home"]
        command += ["--home-dir", "/nonexistent", "--shell", "/usr/sbin/nologin"]
        command += [*(["--groups", groups] if groups else []), USER]
        return Step(text=text, work=lambda: _call(command))
    missing = [name for name in groups.split(",") if name and not _is_member(name)]
    if missing:
        command = ["usermod", "--append", "--groups", ",".join(missing), USER]
        return Step(text=text, work=lambda: _call(command))
    return Step(text=text)


def _is_member(group: str) -> bool:
    """Return whether the user is in a group."""
    return USER in grp.getgrnam(group).gr_mem


def _file_step(path: Path, text: str, mode: int) -> Step:
    """Return the writing of a file that is kept if it exists, whatever is in it."""
    what = f"{path} (mode {mode:o})"
    if path.exists():
        return Step(text=str(path))
    return Step(text=what, work=lambda: _write(path, text, mode))


def _unit_step(path: Path, text: str) -> Step:
    """Return the writing of the unit, which is ours; another's is kept beside it."""
    old = path.read_text(encoding="utf-8") if path.exists() else None
    if old == text:
        return Step(text=str(path))

    def work() -> None:
        if old is not None and not old.startswith(MARK):
            shutil.copy2(path, path.with_suffix(".service.old"))
        _write(path, text, 0o644)
        if shutil.which("systemctl") and Path("/run/systemd/system").exists():
            _call(["systemctl", "daemon-reload"])

    return Step(text=str(path), work=work)


def _write(path: Path, text: str, mode: int) -> None:
    """Write a file whole or not at all, never readable by more than its mode says."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.new")
    draft.unlink(missing_ok=True)
    with os.fdopen(
        os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w"
    ) as file:
        file.write(text)
        os.fchmod(file.fileno(), mode)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def _call(command: list[str]) -> None:
    """Run a system program; raise OSError with what it said."""
    # An administrator's programs are not on everybody's PATH.
    path = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
    program = shutil.which(command[0], path=path) or command[0]
    done = subprocess.run(  # noqa: S603 - fixed words
        [program, *command[1:]], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise OSError(f"{' '.join(command)}: {done.stderr.strip()}")


def _program() -> Path:
    """Return the program that was started, links as they are: they may move on."""
    started = Path(sys.argv[0])
    if started.name == PROGRAM and (found := shutil.which(started)):
        return Path(found).absolute()
    return Path(sys.executable).with_name(PROGRAM)


def _next_steps(config: Path) -> str:
    """Return what is left to the owner."""
    return f"""
Next:
  sudo nano {config}
  sudo nano {config.parent / "mqtt_password"}     (one line, or empty)
  sudo {_program()} check -c {config}
  sudo systemctl enable --now pi-relay-bridge"""
