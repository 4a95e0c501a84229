"""The command `test-relay`: one relay on for a few seconds, under a hard bound."""

from pathlib import Path
import signal
import sys
import threading
from types import FrameType
from typing import NoReturn

from .clock import Clock
from .config import Config
from .config_table import ConfigError
from .estop import Estop
from .guard import Guard
from .pins import PinsError, claim_off, make_factory
from .relay import Relay
from .state_dir import StateDir
from .watch import make_watch

MOST_S = 10.0
SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def pulse(
    config: Config, bay_id: str, seconds: float, *, simulate: Path | None, yes: bool
) -> int:
    """Switch one bay on for so long; raise ConfigError, PinsError, StateDirError.

    It takes the state directory's lock, so it never meets a running bridge, whose
    sessions own the relays.
    """
    bay = next((each for each in config.bays if each.id == bay_id), None)
    if bay is None:
        names = ", ".join(each.id for each in config.bays)
        raise ConfigError(f"there is no bay {bay_id}; there are: {names}")
    if not 0 < seconds <= MOST_S:
        raise ConfigError(f"--seconds must be above 0 and at most {MOST_S:g}")
    with StateDir(config.state_dir) as state:
        what = f"bay {bay_id} ({bay.name}, GPIO {bay.pin})"
        if not yes and not _agrees(f"Switch {what} on for {seconds:g} s?"):
            print("nothing was switched")
            return 1
        clock = Clock()
        factory = make_factory(config, simulate)
        relays = claim_off(config.bays, factory)
        # As `off` does: what a dead process left running has ended now.
        for each in config.bays:
            state.take_over(each.id, clock)
        watch = make_watch(config, factory, clock.up_s)
        stops = [estop for estop, bays in watch.estops if bay in bays]
        _pulse(relays[bay_id], stops, bay.pin, seconds, clock)
    print(f"bay {bay_id} was on for {seconds:g} s and is off")
    return 0


def _pulse(
    relay: Relay, stops: list[Estop], pin: int, seconds: float, clock: Clock
) -> None:
    """Switch on, wait, switch off: whatever is raised, and again by the guard."""

    def forbidden() -> str | None:
        return "estop" if any(stop.look() for stop in stops) else None

    if forbidden():
        raise PinsError("the emergency stop is pressed, or its wire is broken")
    guard = Guard(
        {pin: relay},
        now=clock.up_s,
        interlocks={pin: forbidden},
        vouched=lambda: True,
        feed=lambda: None,
    )
    for number in SIGNALS:
        signal.signal(number, _leave)
    guard.start()
    guard.arm(pin, clock.up_s() + seconds)
    try:
        relay.on()
        threading.Event().wait(seconds)
    finally:
        relay.off()
        guard.stop()


def _leave(number: int, _frame: FrameType | None) -> NoReturn:
    """End by way of every `finally`."""
    sys.exit(128 + number)


def _agrees(question: str) -> bool:
    """Ask; only a clear yes is one."""
    try:
        return input(f"{question} [y/N] ").strip().lower() in ("y", "yes")
    except EOFError:
        return False
