"""What switches relays off past the event loop: sensors and emergency stops."""

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial

from .clock import Clock
from .config import BayConfig, Config
from .estop import ESTOP
from .guard import Guard
from .hardware import Hardware
from .sampler import Sampler


class Lookout:
    """Each sensor in a thread of its own, each stop at its pin's edge."""

    def __init__(
        self,
        config: Config,
        hardware: Hardware,
        clock: Clock,
        guard: Guard,
        account: Callable[[], None],
    ) -> None:
        """Cut through `guard`; then let the present loop `account` for it."""
        self._hardware = hardware
        self._clock = clock
        self._guard = guard
        self._loop = asyncio.get_running_loop()
        self._account = account
        self._samplers = [
            self._make_sampler(bay) for bay in config.bays if bay.sensor is not None
        ]

    def start(self) -> None:
        """Begin to watch."""
        for sampler in self._samplers:
            sampler.start()
        for estop, bays in self._hardware.watch.estops:
            estop.watch(partial(self._cut, bays, ESTOP))

    def stop(self) -> None:
        """End the sensors' threads."""
        for sampler in self._samplers:
            sampler.stop()

    def _cut(self, bays: Iterable[BayConfig], reason: str) -> None:
        """Switch bays off at once, from any thread."""
        for bay in bays:
            self._guard.cut(bay.pin, reason)
        with suppress(RuntimeError):  # the loop may be closed already
            self._loop.call_soon_threadsafe(self._account)

    def _make_sampler(self, config: BayConfig) -> Sampler:
        """Return what reads one bay's sensor."""
        return Sampler(
            config.id,
            self._hardware.sensors[config.id],
            self._hardware.relays[config.id],
            self._hardware.watch.monitors[config.id],
            now=self._clock.up_s,
            on_trouble=partial(self._cut, (config,)),
        )
