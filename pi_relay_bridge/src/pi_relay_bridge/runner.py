"""The two commands that own the pins: `run`, and `off` for before and after it."""

import asyncio
import gc
import logging
from pathlib import Path

from . import logs
from .bridge import Bridge
from .clock import Clock
from .config import Config
from .hardware import claim
from .pins import claim_off, make_factory
from .state_dir import StateDir

_LOG = logging.getLogger(__name__)


def run(config: Config, simulate: Path | None) -> int:
    """Serve until stopped; raise PinsError, StateDirError or OSError."""
    with StateDir(config.state_dir) as state:
        clock = Clock()
        hardware = claim(config, simulate, clock.up_s)

        async def serve() -> int:
            state.serve(asyncio.get_running_loop())
            bridge = Bridge(config, hardware, state, clock)
            # What is here now stays: no full collection need look through it again.
            gc.collect()
            gc.freeze()
            logs.defer()
            return await bridge.run()

        return asyncio.run(serve())


def off(config: Config, simulate: Path | None) -> int:
    """Switch all off, close what a dead process left open; raise as `run` does."""
    claim_off(config.bays, make_factory(config, simulate))
    clock = Clock()
    with StateDir(config.state_dir) as state:
        for bay in config.bays:
            state.take_over(bay.id, clock)
    _LOG.info("all relays off")
    return 0
