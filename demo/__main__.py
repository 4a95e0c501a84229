"""Run the demo: `python -m demo`; script/demo prepares everything it needs."""

from argparse import ArgumentParser, Namespace
import asyncio
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
import signal
import sys

from .breaks import BREAKS, Break
from .check import check
from .processes import PartError
from .running import RunningSite, running
from .site import OWNER, OWNER_PASSWORD, demo_site
from .waiting import LateError


def read_arguments(arguments: list[str] | None = None) -> Namespace:
    """Return the parsed command line."""
    parser = ArgumentParser(
        prog="script/demo",
        description="A charging site that needs no account and no hardware: a payment"
        " provider, a broker, a Raspberry Pi's bridge on simulated pins, and a real"
        " Home Assistant with PayBay. Runs until Ctrl-C and leaves nothing behind.",
    )
    add = parser.add_argument
    add("--check", action="store_true", help="buy once at each bay, report, and end")
    add(
        "--break",
        dest="broken",
        choices=BREAKS,
        help="with --check: break something first; the check must notice",
    )
    add("--keep", type=Path, metavar="DIR", help="keep configuration and logs in DIR")
    options = parser.parse_args(arguments)
    if options.broken and not options.check:
        parser.error("--break needs --check")
    if options.keep and options.keep.exists():
        parser.error(f"{options.keep} exists already")
    return options


def introduce(site: RunningSite) -> None:
    """Tell where everything is."""
    print(
        "\n".join(
            (
                "",
                f"Home Assistant  {site.home.url}   login {OWNER} / {OWNER_PASSWORD}",
                f"Razorpay        {site.till.url}/_emulator   (emulated)",
                f"MQTT broker     127.0.0.1:{site.ports.broker}",
                f"Files and logs  {site.directory}",
                "",
                *(f"{bay.name}  GPIO {bay.pin}" for bay in site.spec.bays),
                "",
                "Ctrl-C ends it.",
            )
        ),
        flush=True,
    )


async def show(site: RunningSite) -> int:
    """Let people play until a part dies, which is an error."""
    introduce(site)
    dead = await site.wait_death()
    print(dead.failure("has ended"), file=sys.stderr)
    return 1


async def run(options: Namespace) -> int:
    """Run the site and what was asked for; return the exit code."""
    broken: Break | None = BREAKS.get(options.broken)
    spec = demo_site()
    if broken is not None:
        print(f"broken on purpose: {broken.what}")
        spec = broken.change(spec)
    print("starting, this takes some seconds ...", flush=True)
    keep = options.keep.resolve() if options.keep else None
    try:
        async with running(spec, keep) as site:
            return await (check(site, broken) if options.check else show(site))
    except (PartError, LateError) as error:
        print(error, file=sys.stderr)
        return 1


async def main(options: Namespace) -> int:
    """Run until done or told to stop; a second signal changes nothing."""
    work = asyncio.create_task(run(options))
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, _cancel_once(work))
    with suppress(asyncio.CancelledError):
        return await work
    print("stopped")
    return 1 if options.check else 0


def _cancel_once(work: asyncio.Task[int]) -> Callable[[], None]:
    def cancel() -> None:
        if not work.cancelling():
            work.cancel()

    return cancel


if __name__ == "__main__":
    sys.exit(asyncio.run(main(read_arguments())))
