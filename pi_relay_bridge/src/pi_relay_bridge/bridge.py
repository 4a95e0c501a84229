"""The running program: owns the bays, the guard, the lookout and the link."""

import asyncio
from contextlib import suppress
import logging
import signal

from . import discovery, systemd, topics
from .bays import Bays
from .clock import Clock
from .config import Config
from .guard import Guard
from .hardware import Hardware
from .health import Health
from .link import Link, LinkHandlers, Message
from .lookout import Lookout
from .relay import RelayError
from .state_dir import StateDir

PULSE_S = 1.0


_LOG = logging.getLogger(__name__)


class Bridge:
    """Everything that lives while `run` runs. Make it inside the event loop."""

    def __init__(
        self, config: Config, hardware: Hardware, state: StateDir, clock: Clock
    ) -> None:
        """Take over relays that are off; raise OSError if a file is missing."""
        self._hardware = hardware
        self._config = config
        self._clock = clock
        self._loop = asyncio.get_running_loop()
        self._link = Link(
            config,
            self._loop,
            LinkHandlers(up=self._on_up, down=self._on_down, message=self._on_message),
        )
        self._guard = Guard(
            {bay.pin: hardware.relays[bay.id] for bay in config.bays},
            now=clock.up_s,
            interlocks={
                bay.pin: hardware.watch.supervisors[bay.id].reason
                for bay in config.bays
            },
            vouched=self._link.is_alive,
            feed=lambda: systemd.notify("WATCHDOG=1"),
        )
        self._health = Health(clock, self._publish_health)
        self._bays = Bays(
            config, hardware, state, clock, link=self._link, guard=self._guard
        )
        self._lookout = Lookout(config, hardware, clock, self._guard, self._bays.pulse)
        self._contact_timer: asyncio.TimerHandle | None = None
        self._stopping = asyncio.Event()

    async def run(self) -> int:
        """Serve until a signal (return 0) or the connection's keeper's death (1)."""
        for number in (signal.SIGTERM, signal.SIGINT):
            self._loop.add_signal_handler(number, self._stopping.set)
        try:
            self._guard.start()
            self._lookout.start()
            self._link.open()
            systemd.notify("READY=1")
            _LOG.info(
                "ready: node %s, %d bays, all relays off",
                self._config.node,
                len(self._config.bays),
            )
            health = asyncio.create_task(self._health.run())
            try:
                return await self._serve()
            finally:
                health.cancel()
        finally:
            self._shut_down()

    async def _serve(self) -> int:
        """Beat once a second."""
        while not self._stopping.is_set():
            self._guard.beat()
            self._bays.pulse()
            if not self._link.is_alive():
                _LOG.error(
                    "nobody keeps the connection; systemd will start the bridge anew"
                )
                return 1
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), PULSE_S)
        return 0

    def _shut_down(self) -> None:
        """Switch everything off first, then say so and leave."""
        systemd.notify("STOPPING=1")
        for relay in self._hardware.relays.values():
            with suppress(RelayError):
                relay.off()
        self._bays.interrupt("shutdown")
        self._link.close()
        self._guard.stop()
        self._lookout.stop()
        _LOG.info("stopped, all relays off")

    def _on_message(self, message: Message) -> None:
        """Bring a message to its bay's desk, or answer Home Assistant's birth."""
        if message.topic == topics.HA_STATUS:
            if message.payload == b"online":
                self._announce()
        else:
            self._bays.receive(message)

    def _on_up(self) -> None:
        """Tell the broker everything; it may be a new one."""
        if self._contact_timer is not None:
            self._contact_timer.cancel()
            self._contact_timer = None
        self._link.publish(
            topics.discovery(self._config.node),
            discovery.text(self._config, self._health.board),
            retain=True,
        )
        self._announce()

    def _on_down(self) -> None:
        """Give the broker some time to come back."""
        if self._config.contact_loss_off_s:
            self._contact_timer = self._loop.call_later(
                self._config.contact_loss_off_s, self._lose_contact
            )

    def _lose_contact(self) -> None:
        """Switch off: nobody could stop what runs, and nobody knows that it runs."""
        _LOG.warning(
            "no broker for %g s, switching off", self._config.contact_loss_off_s
        )
        self._bays.interrupt("contact_lost")

    def _publish_health(self, payload: str) -> None:
        """Publish how the bridge is, or drop it while there is no broker."""
        self._link.publish(topics.health(self._config.node), payload, retain=True)

    def _announce(self) -> None:
        """Publish all that is retained, of the bridge and all bays."""
        self._health.tell()
        self._bays.announce()
