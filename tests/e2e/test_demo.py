"""script/demo as a person runs it: checks itself, notices faults, leaves nothing."""

import asyncio
from asyncio.subprocess import PIPE, STDOUT
from contextlib import suppress
from pathlib import Path
import re
import signal

from aiohttp import ClientSession
import pytest

from demo.processes import ROOT, Part, PartError
from demo.running import RunningSite, running
from demo.site import demo_site
from demo.waiting import poll

DEMO = ROOT / "script" / "demo"
WITHIN_S = 100
REASONS = {
    "secret": "PayBay answered 403 to the webhook",
    "bridge": "PayBay refused the order before any money moved",
    "relay": "Bay 1: the relay never came on: GPIO 17 stayed low",
    "blueprint": "automation.start_bay_3_when_paid did not start the order",
}


async def start_demo(tmp_path: Path, *options: str) -> asyncio.subprocess.Process:
    env = {"PATH": "/usr/local/bin:/usr/bin:/bin", "TMPDIR": str(tmp_path)}
    return await asyncio.create_subprocess_exec(
        DEMO, *options, env=env, stdout=PIPE, stderr=STDOUT
    )


async def run_demo(tmp_path: Path, *options: str) -> tuple[int, str]:
    demo = await start_demo(tmp_path, *options)
    printed, _ = await asyncio.wait_for(demo.communicate(), WITHIN_S)
    assert demo.returncode is not None
    return demo.returncode, printed.decode()


def still_running(tmp_path: Path) -> list[str]:
    """Return the commands that inherited our directory for temporary files."""
    commands = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if f"TMPDIR={tmp_path}".encode() in (process / "environ").read_bytes():
                commands.append((process / "cmdline").read_text())
    return commands


def left_behind(tmp_path: Path) -> list[str]:
    """Return what is left of a site: its programs and its files."""
    files = [path.name for path in tmp_path.glob("paybay-demo-*")]
    return [*still_running(tmp_path), *files]


async def test_check_sells_at_every_bay_and_shows_when_what_happened(
    tmp_path: Path,
) -> None:
    keep = tmp_path / "kept"
    code, printed = await run_demo(tmp_path, "--check", "--keep", str(keep))
    assert code == 0, printed
    assert printed.count("order completed") == 3
    assert "started by automation.start_bay_3_when_paid" in printed
    log = (keep / "logs" / "home_assistant.log").read_text(encoding="utf-8")
    assert [line for line in log.splitlines() if is_our_error(line)] == []


def is_our_error(line: str) -> bool:
    return " ERROR " in line and "paybay" in line


@pytest.mark.parametrize("broken", REASONS)
async def test_check_says_what_is_broken(tmp_path: Path, broken: str) -> None:
    code, printed = await run_demo(tmp_path, "--check", f"--break={broken}")
    last = printed.strip().splitlines()[-1]
    assert code == 1
    assert last.startswith("FAILED: ")
    assert REASONS[broken] in last
    assert left_behind(tmp_path) == []


async def introduced(demo: asyncio.subprocess.Process) -> str:
    """Return what the demo says once everything runs."""
    assert demo.stdout is not None
    said = demo.stdout.readuntil(b"Ctrl-C ends it.")
    return (await asyncio.wait_for(said, WITHIN_S)).decode()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_demo_tells_a_login_that_works_and_leaves_nothing(
    tmp_path: Path, number: signal.Signals
) -> None:
    demo = await start_demo(tmp_path)
    url, name, password = re.findall(
        r"(http\S+)   login (\w+) / (\S+)", await introduced(demo)
    )[0]
    assert await log_in(url, name, password) == "create_entry"
    demo.send_signal(number)
    await asyncio.wait_for(demo.communicate(), WITHIN_S)
    assert demo.returncode == 0
    assert left_behind(tmp_path) == []


async def log_in(url: str, name: str, password: str) -> str:
    """Return how Home Assistant's own login form takes it."""
    flow = {
        "client_id": f"{url}/",
        "handler": ["homeassistant", None],
        "redirect_uri": f"{url}/",
    }
    form = {"client_id": f"{url}/", "username": name, "password": password}
    async with ClientSession(f"{url}/auth/") as session:
        async with session.post("login_flow", json=flow) as answer:
            flow_id = (await answer.json())["flow_id"]
        async with session.post(f"login_flow/{flow_id}", json=form) as answer:
            return str((await answer.json())["type"])


async def test_programs_do_not_outlive_a_demo_that_is_killed(tmp_path: Path) -> None:
    demo = await start_demo(tmp_path)
    await introduced(demo)
    assert len(still_running(tmp_path)) == 5
    demo.kill()
    await demo.wait()

    async def look() -> bool | None:
        return not still_running(tmp_path) or None

    await poll(look, "the end of all programs", within_s=5)


@pytest.mark.parametrize("part", ["broker", "emulator", "home_assistant", "bridge"])
async def test_a_part_that_dies_at_start_is_named_and_nothing_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    make = RunningSite.__init__

    def make_broken(self: RunningSite, *args: object) -> None:
        make(self, *args)  # type: ignore[arg-type]
        victim = getattr(self, part)
        victim = victim if isinstance(victim, Part) else victim.part
        victim.command = ["sh", "-c", "echo no more coffee; exit 3"]

    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    monkeypatch.setattr(RunningSite, "__init__", make_broken)
    with pytest.raises(PartError, match=r"(?s)died at start.*no more coffee"):
        async with running(demo_site()):
            pass
    assert left_behind(tmp_path) == []
