"""All bays of the bridge, kept apart: an error of one reaches no other."""

import asyncio
from collections.abc import Callable
from functools import partial
import logging
from typing import Protocol

from . import logs, topics
from .bay import Bay
from .bay_ports import BayPorts
from .clock import Clock
from .config import BayConfig, Config
from .desk import Desk
from .guard import Guard
from .hardware import Hardware
from .link import Link, Message
from .outlet import BayOutlet
from .plain_desk import PlainDesk
from .reporter import Reporter
from .state_dir import StateDir
from .timer import Timer

_LOG = logging.getLogger(__name__)


class Receive(Protocol):
    """Takes one message in."""

    def __call__(self, payload: bytes, *, retained: bool) -> None:
        """Handle it; `retained` is the broker's flag."""


class Bays:
    """Makes the bays with their edges; does things to one or to all of them."""

    def __init__(
        self,
        config: Config,
        hardware: Hardware,
        state: StateDir,
        clock: Clock,
        *,
        link: Link,
        guard: Guard,
    ) -> None:
        """Take over relays that are off, in the present event loop."""
        self._config = config
        self._hardware = hardware
        self._clock = clock
        self._link = link
        self._guard = guard
        self._receivers: dict[str, tuple[Bay, Receive]] = {}
        self._bays = [self._make(bay, state) for bay in config.bays]

    def pulse(self) -> None:
        """Let all look around."""
        for bay in self._bays:
            self._contain(bay, bay.pulse)

    def interrupt(self, reason: str) -> None:
        """End what runs, at all bays."""
        for bay in self._bays:
            self._contain(bay, partial(bay.interrupt, reason))

    def announce(self) -> None:
        """Publish all that is retained, of all bays."""
        for bay in self._bays:
            self._contain(bay, bay.announce)

    def receive(self, message: Message) -> None:
        """Bring a message to its bay's desk."""
        receiver = self._receivers.get(message.topic)
        if receiver is None:
            return
        bay, receive = receiver
        self._contain(bay, lambda: receive(message.payload, retained=message.retained))

    def _make(self, config: BayConfig, state: StateDir) -> Bay:
        """Return one bay with its edges."""
        reporter = Reporter(
            BayOutlet(self._link, self._config.node, config.id),
            boot_id=self._clock.boot_id,
            max_session_s=config.max_session_s,
        )
        supervisor = self._hardware.watch.supervisors[config.id]
        record = state.take_over(config.id, self._clock)
        supervisor.restore(record.latched)
        loop = asyncio.get_running_loop()
        timer = Timer(loop, self._clock, lambda: self._contain(bay, bay.expire))
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
        asyncio.get_running_loop().call_soon(logs.flush)
