"""The running program: owns the bays, the loop's timers, the guard and the link."""

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
import logging
import signal
from typing import Protocol

from . import discovery, systemd, topics
from .bay import Bay
from .bay_ports import BayPorts
from .clock import Clock
from .config import BayConfig, Config
from .desk import Desk
from .estop import ESTOP
from .guard import Guard
from .hardware import Hardware
from .health import Health
from .link import Link, LinkHandlers, Message
from .outlet import BayOutlet
from .plain_desk import PlainDesk
from .relay import RelayError
from .reporter import Reporter
from .sampler import Sampler
from .state_dir import StateDir
from .timer import Timer

PULSE_S = 1.0


class Receive(Protocol):
    """Takes one message in."""

    def __call__(self, payload: bytes, *, retained: bool) -> None:
        """Handle it; `retained` is the broker's flag."""


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
        self._receivers: dict[str, tuple[Bay, Receive]] = {}
        self._bays = [self._make_bay(bay, state) for bay in config.bays]
        self._samplers = [
            self._make_sampler(bay) for bay in config.bays if bay.sensor is not None
        ]
        self._contact_timer: asyncio.TimerHandle | None = None
        self._stopping = asyncio.Event()

    async def run(self) -> int:
        """Serve until a signal (return 0) or the connection's keeper's death (1)."""
        for number in (signal.SIGTERM, signal.SIGINT):
            self._loop.add_signal_handler(number, self._stopping.set)
        try:
            self._guard.start()
            self._watch()
            self._link.open()
            systemd.notify("READY=1")
            _LOG.info(
                "ready: node %s, %d bays, all relays off",
                self._config.node,
                len(self._bays),
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
            self._pulse()
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
        for bay in self._bays:
            self._contain(bay, partial(bay.interrupt, "shutdown"))
        self._link.close()
        self._guard.stop()
        for sampler in self._samplers:
            sampler.stop()
        _LOG.info("stopped, all relays off")

    def _watch(self) -> None:
        """Let the sensors and the emergency stops work, each in a thread of its own."""
        for sampler in self._samplers:
            sampler.start()
        for estop, bays in self._hardware.watch.estops:
            estop.watch(partial(self._cut, bays, ESTOP))

    def _cut(self, bays: Iterable[BayConfig], reason: str) -> None:
        """Switch bays off at once, from any thread; the loop then accounts for it."""
        for bay in bays:
            self._guard.cut(bay.pin, reason)
        with suppress(RuntimeError):  # the loop may be closed already
            self._loop.call_soon_threadsafe(self._pulse)

    def _pulse(self) -> None:
        """Let all bays look around."""
        for bay in self._bays:
            self._contain(bay, bay.pulse)

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

    def _make_bay(self, config: BayConfig, state: StateDir) -> Bay:
        """Return one bay with its edges."""
        reporter = Reporter(
            BayOutlet(self._link, self._config.node, config.id),
            boot_id=self._clock.boot_id,
            max_session_s=config.max_session_s,
        )
        supervisor = self._hardware.watch.supervisors[config.id]
        record = state.take_over(config.id, self._clock)
        supervisor.restore(record.latched)
        timer = Timer(self._loop, self._clock, lambda: self._contain(bay, bay.expire))
        ports = BayPorts(
            clock=self._clock,
            relay=self._hardware.relays[config.id],
            guard=self._guard,
            supervisor=supervisor,
            store=state.store(config.id),
            reporter=reporter,
            set_timer=timer.set,
        )
        bay = Bay(config, ports, record)
        self._receive_for(bay, Desk(bay, self._clock, reporter))
        return bay

    def _receive_for(self, bay: Bay, desk: Desk) -> None:
        """Note which topics are one bay's, and who takes them in."""
        node, bay_id = self._config.node, bay.config.id
        receives = {
            topics.bay(node, bay_id, "cmd"): desk.receive_command,
            topics.bay(node, bay_id, "set"): desk.receive_set,
        }
        if (prefix := self._config.plain_prefix) is not None:
            plain = PlainDesk(bay, self._clock)
            receives[topics.plain(prefix, bay_id)] = plain.receive
        self._receivers |= {topic: (bay, each) for topic, each in receives.items()}

    def _contain(self, bay: Bay, work: Callable[[], None]) -> None:
        """Do something for one bay; an error switches it off and reaches no other."""
        try:
            work()
        except Exception:  # noqa: BLE001 - whatever it was, the relay goes off
            _LOG.exception("bay %s: internal error, switching off", bay.config.id)
            try:
                bay.fail_safe()
            except Exception:  # noqa: BLE001 - the other bays go on
                _LOG.exception("bay %s: left to the guard", bay.config.id)

    def _on_message(self, message: Message) -> None:
        """Bring a message to its bay's desk, or answer Home Assistant's birth."""
        if message.topic == topics.HA_STATUS:
            if message.payload == b"online":
                self._announce()
            return
        receiver = self._receivers.get(message.topic)
        if receiver is None:
            return
        bay, receive = receiver
        self._contain(bay, lambda: receive(message.payload, retained=message.retained))

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
        for bay in self._bays:
            self._contain(bay, partial(bay.interrupt, "contact_lost"))

    def _publish_health(self, payload: str) -> None:
        """Publish how the bridge is, or drop it while there is no broker."""
        self._link.publish(topics.health(self._config.node), payload, retain=True)

    def _announce(self) -> None:
        """Publish all that is retained, of the bridge and all bays."""
        self._health.tell()
        for bay in self._bays:
            self._contain(bay, bay.announce)
