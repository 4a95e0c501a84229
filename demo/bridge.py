"""The Pi bridge on simulated pins, under a supervisor that does what systemd does."""

import asyncio
from contextlib import suppress
from pathlib import Path
import time

from .bays import NODE, BaySpec
from .processes import PYTHON, ROOT, Part, PartError
from .site import SiteSpec

RUN_OFF_WITHIN_S = 20.0
_PROGRAM = (PYTHON, "-m", "pi_relay_bridge")
_ENV = {"PYTHONPATH": str(ROOT / "pi_relay_bridge" / "src")}


def write_config(path: Path, spec: SiteSpec, broker_port: int) -> None:
    """Write the bridge's TOML file beside its state."""
    lines = [
        "[bridge]",
        f'node = "{NODE}"',
        f'state_dir = "{path.parent / "state"}"',
        "[mqtt]",
        'host = "127.0.0.1"',
        f"port = {broker_port}",
    ]
    for bay in spec.bays:
        pin = bay.pin if bay.wired_to is None else bay.wired_to
        lines += [
            "[[bay]]",
            f'id = "{bay.number}"',
            f'name = "Pi bay {bay.number}"',
            f"pin = {pin}",
            *_protection(bay),
        ]
    path.write_text("\n".join(lines), encoding="utf-8")


def _protection(bay: BaySpec) -> list[str]:
    """Return the lines of a bay's emergency stop and current sensor."""
    lines = [] if bay.estop_pin is None else [f"estop_pin = {bay.estop_pin}"]
    if bay.trip_current_a is not None:
        lines += [
            "[bay.sensor]",
            'kind = "ina219"',
            f"trip_current_a = {bay.trip_current_a}",
            "trip_after_s = 0.5",
            f"trip_rest_s = {bay.trip_rest_s}",
        ]
    return lines


class SupervisedBridge:
    """`off` before the start and after any death, and a new start a second later.

    `off_allowed` and `restart_allowed` hold these back while they are cleared.
    """

    def __init__(
        self, directory: Path, logs: Path, spec: SiteSpec, broker_port: int
    ) -> None:
        """Prepare it in a directory of its own."""
        directory.mkdir()
        self.board = directory / "pins" / "pins.bin"
        self.off_allowed = asyncio.Event()
        self.restart_allowed = asyncio.Event()
        self.off_at_mono_s: list[float] = []
        self._logs = logs
        self._restart_s = spec.bridge_restart_s
        config = directory / "config.toml"
        write_config(config, spec, broker_port)
        self._off = self._part("pi-relay-bridge off", "off", config, logs)
        self.part = self._part("the Pi bridge", "run", config, logs)
        self._watching: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Switch everything off, then start, and start again after each death."""
        self.off_allowed.set()
        self.restart_allowed.set()
        await self._switch_off()
        await self.part.start()
        await self.part.wait_ready()
        self._watching = asyncio.create_task(self._watch())

    async def stop(self) -> None:
        """End it for good, relays off."""
        if self._watching is not None:
            self._watching.cancel()
            with suppress(asyncio.CancelledError, PartError):
                await self._watching
            self._watching = None
        await self._off.stop()
        await self.part.stop()
        if self.off_at_mono_s:
            await self._switch_off()

    async def let(self, *what: str) -> None:
        """Let something happen on the board: `press 5`; raise PartError."""
        simulate = Part(
            "pi-relay-bridge simulate",
            [*_PROGRAM, "simulate", str(self.board.parent), *what],
            log=self._logs / "bridge_simulate.log",
            env=_ENV,
        )
        await simulate.start()
        async with asyncio.timeout(RUN_OFF_WITHIN_S):
            if await simulate.wait_end() != 0:
                raise simulate.failure("failed")

    async def kill(self) -> None:
        """Kill the program, not its supervisor."""
        await self.part.kill()

    async def _watch(self) -> None:
        while True:
            await self.part.wait_end()
            await self.off_allowed.wait()
            await self._switch_off()
            await self.restart_allowed.wait()
            await asyncio.sleep(self._restart_s)
            await self.part.start()

    async def _switch_off(self) -> None:
        await self._off.start()
        async with asyncio.timeout(RUN_OFF_WITHIN_S):
            if await self._off.wait_end() != 0:
                raise self._off.failure("failed")
        self.off_at_mono_s.append(time.monotonic())

    def _part(self, name: str, command: str, config: Path, logs: Path) -> Part:
        arguments = ["-c", str(config), "--simulate", str(self.board.parent)]
        return Part(
            name,
            [*_PROGRAM, command, *arguments],
            log=logs / f"bridge_{command}.log",
            env=_ENV,
            ready=self._is_ready,
        )

    async def _is_ready(self) -> bool:
        return "ready: node" in self.part.log
