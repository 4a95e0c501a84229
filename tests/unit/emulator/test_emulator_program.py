"""The emulator's clock, and the emulator as a program."""

import asyncio
import json
from pathlib import Path
import sys

from aiohttp import ClientSession
import pytest

from demo.razorpay_emulator import RazorpayEmulator
from demo.razorpay_emulator.__main__ import make_emulator, read_arguments
from demo.razorpay_emulator.clock import Clock

REPOSITORY = Path(__file__).parents[3]


async def test_the_clock_can_run_fast_and_be_moved() -> None:
    clock = Clock(scale=1000)
    begun = clock.time()
    await asyncio.wait_for(clock.sleep(20), 2)
    assert clock.time() - begun >= 20

    clock.set_scale(1)
    sleeper = asyncio.create_task(clock.sleep(3600))
    await asyncio.sleep(0)
    clock.advance(3601)
    await asyncio.wait_for(sleeper, 2)
    assert clock.offset_s > 3600


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "bay.example"])  # noqa: S104
def test_it_listens_on_loopback_only(host: str) -> None:
    with pytest.raises(ValueError, match="loopback only"):
        RazorpayEmulator(host=host)


def test_webhooks_without_a_secret_of_their_own_get_the_default() -> None:
    urls = [
        "--webhook-url",
        "http://127.0.0.1:1/a",
        "--webhook-url",
        "http://127.0.0.1:1/b",
    ]
    emulator = make_emulator(read_arguments([*urls, "--webhook-secret", "one"]))

    secrets = [endpoint.secret for endpoint in emulator.webhooks.endpoints]
    assert secrets == ["one", "emulator-webhook-secret"]


def test_a_secret_without_a_url_is_refused() -> None:
    with pytest.raises(SystemExit):
        read_arguments(["--webhook-secret", "one"])


async def test_the_program_says_where_it_listens_and_ends_when_told(
    tmp_path: Path, browser: ClientSession
) -> None:
    ready = tmp_path / "ready.json"
    program = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "demo.razorpay_emulator", "--ready-file", str(ready)),
        stdout=asyncio.subprocess.PIPE,
        cwd=REPOSITORY,
    )
    assert program.stdout
    line = await asyncio.wait_for(program.stdout.readline(), 20)
    async with browser.get(f"{json.loads(line)['base_url']}/_emulator/books") as answer:
        books = await answer.json()
    program.terminate()

    assert await asyncio.wait_for(program.wait(), 10) == 0
    assert json.loads(ready.read_text()) == json.loads(line)
    assert books["key_id"] == "rzp_test_emulator"
