"""Run the emulator as a program: `python -m demo.razorpay_emulator`."""

from argparse import ArgumentParser, Namespace
import asyncio
from contextlib import suppress
import json
from pathlib import Path
import signal

from .emulator import KEY_ID, KEY_SECRET, WEBHOOK_SECRET, RazorpayEmulator


def read_arguments(arguments: list[str] | None = None) -> Namespace:
    """Return the parsed command line."""
    parser = ArgumentParser(prog="razorpay_emulator", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="loopback only")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--key-id", default=KEY_ID)
    parser.add_argument("--key-secret", default=KEY_SECRET)
    parser.add_argument("--webhook-url", action="append", default=[], metavar="URL")
    parser.add_argument("--webhook-secret", action="append", default=[], metavar="S")
    parser.add_argument("--ready-file", type=Path, help="written once it listens")
    parser.add_argument("--time-scale", type=float, default=1.0, help="the whole clock")
    parser.add_argument(
        "--retry-scale", type=float, default=1.0, help="webhook retries"
    )
    parser.add_argument("--seed", type=int, help="makes the same ids each time")
    options = parser.parse_args(arguments)
    if len(options.webhook_secret) > len(options.webhook_url):
        parser.error("each --webhook-secret needs a --webhook-url")
    return options


def make_emulator(options: Namespace) -> RazorpayEmulator:
    """Return an emulator for the options; webhooks without a secret share one."""
    missing = len(options.webhook_url) - len(options.webhook_secret)
    secrets = [*options.webhook_secret, *[WEBHOOK_SECRET] * missing]
    return RazorpayEmulator(
        key_id=options.key_id,
        key_secret=options.key_secret,
        webhooks=zip(options.webhook_url, secrets, strict=True),
        host=options.host,
        port=options.port,
        time_scale=options.time_scale,
        retry_scale=options.retry_scale,
        seed=options.seed,
    )


async def serve(options: Namespace) -> None:
    """Run until told to stop."""
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    async with make_emulator(options) as emulator:
        announce(emulator, options.ready_file)
        await stopped.wait()


def announce(emulator: RazorpayEmulator, ready_file: Path | None) -> None:
    """Say where it listens: one JSON line, and the same in the ready file."""
    line = json.dumps({"base_url": emulator.base_url})
    if ready_file:
        draft = ready_file.with_name(f"{ready_file.name}.new")
        draft.write_text(f"{line}\n", encoding="utf-8")
        draft.replace(ready_file)
    print(line, flush=True)


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        asyncio.run(serve(read_arguments()))
