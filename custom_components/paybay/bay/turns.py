"""A bay takes turns: look at everything, do the one thing `decide` says, look again."""

import asyncio
from collections.abc import Callable, Coroutine
import logging
from typing import Any

from ..domain.actions import GiveUp, Wait
from ..domain.bay import BayConfig, BayStatus
from ..domain.clock import Clock
from ..domain.happenings import Happening
from ..domain.orders import Order
from ..domain.session import decide
from ..drivers.base import RelayDriver
from ..ledger import Ledger, LedgerError, orders, sessions
from ..ledger.sessions import Desk
from .energy import Meter
from .energy_book import EnergyBook
from .face import Face
from .guarded import GuardedDriver
from .moves import Moves
from .tools import Tools
from .watch import SessionWatch

_LOGGER = logging.getLogger(__name__)

CHECKPOINT_MS = 15_000
RETRY_MS = 5_000


class Turns:
    """Everything that changes at a bay ends in `poke`, and `poke` in one turn."""

    def __init__(
        self,
        config: BayConfig,
        driver: RelayDriver,
        *,
        ledger: Ledger,
        clock: Clock,
        spawn: Callable[[Coroutine[Any, Any, None]], Any],
        tell: Callable[[Happening], None],
        meter: Meter | None = None,
        day_began_ms: Callable[[], int] = lambda: 0,
    ) -> None:
        """`spawn` runs a coroutine as a task; `tell` hears what happened.

        `meter` tells the bay's energy, `day_began_ms` the Unix time of last midnight.
        """
        driver = GuardedDriver(driver)
        self.config = config
        self.face = Face(status=BayStatus.OFFLINE)
        self._driver = driver
        self._ledger = ledger
        self._clock = clock
        self._spawn = spawn
        self._tell = tell
        self._meter = meter
        self._watch = SessionWatch(config, driver, clock, self._overdue, meter)
        self.energy = EnergyBook(
            config, self._watch.energy, ledger, clock, day_began_ms
        )
        self._moves = Moves(
            Tools(
                config=config,
                driver=driver,
                ledger=ledger,
                clock=clock,
                watch=self._watch,
                tell=tell,
                meter=meter,
            ),
            self.energy,
        )
        self._listeners: set[Callable[[], None]] = set()
        self._cancel_timer: Callable[[], None] | None = None
        self._unwatch: Callable[[], None] | None = None
        self._unmeter: Callable[[], None] | None = None
        self._turning: asyncio.Future[None] | None = None
        self._called_off: dict[str, str] = {}
        self._withdrawn: set[str] = set()
        self._dirty = False
        self._in_reach = True
        self._booted = False
        self._open = False

    def open(self) -> None:
        """Begin: pick up what the ledger says and watch the relay."""
        self._open = True
        self._unwatch = self._driver.watch(self.poke)
        if self._meter is not None:
            self._unmeter = self._meter.watch(self._metered)
        self.poke()

    async def close(self) -> None:
        """Let go without touching the relay; a running session stays in the ledger."""
        self._open = False
        self._moves.hurry(leave=True)
        # A turn under way still needs to hear its relay.
        while self._turning is not None:
            await asyncio.shield(self._turning)
        if self._unwatch:
            self._unwatch()
            self._unwatch = None
        if self._unmeter:
            self._unmeter()
            self._unmeter = None
        self._arm(None)
        self._watch.stretch.forget()

    @property
    def problem(self) -> str | None:
        """Return a short word for what is wrong with the bay, if anything is."""
        return self._moves.problem.code

    def listen(self, on_change: Callable[[], None]) -> Callable[[], None]:
        """Call `on_change` when the face changes; return how to stop that."""
        self._listeners.add(on_change)
        return lambda: self._listeners.discard(on_change)

    def poke(self) -> None:
        """Something may have changed: take a turn soon."""
        self._dirty = True
        self._watch.stretch.glance()
        if self._open and self._turning is None:
            self._turning = asyncio.get_running_loop().create_future()
            self._spawn(self._take_turns())

    def _metered(self) -> None:
        """Count what the meter says; it is worth a turn only once it ends something."""
        if self._watch.energy.glance():
            self.poke()

    async def settle(self) -> None:
        """Return after everything known by now has been acted on."""
        self.poke()
        while self._turning is not None:
            await asyncio.shield(self._turning)

    async def _desk(self) -> Desk:
        return await self._ledger.run(lambda c: sessions.desk(c, self.config.id))

    async def _order(self, order_id: str) -> Order:
        return await self._ledger.run(lambda c: orders.get(c, order_id))

    async def _take_turns(self) -> None:
        try:
            while self._dirty and self._open:
                self._dirty = False
                await self._turn_safely()
        finally:
            turning, self._turning = self._turning, None
            if turning and not turning.done():
                turning.set_result(None)

    async def _turn_safely(self) -> None:
        """Take a turn; whatever goes wrong, another one follows."""
        try:
            await self._turn()
        except LedgerError as err:
            _LOGGER.warning("%s: %s; trying again", self.config.name, err)
            self._recover()
        except Exception:
            # Without this one surprise would end all turns, with the relay on.
            _LOGGER.exception("%s: unexpected error; trying again", self.config.name)
            self._recover()

    def _recover(self) -> None:
        """Take another turn soon, and guard an end that this one may have missed."""
        self._watch.stretch.guard_again()
        self._arm(RETRY_MS)

    async def _turn(self) -> None:
        if not self._booted:
            self._watch.windows.boot(await self._ledger.run(orders.newest_ms))
            self._booted = True
        desk = await self._desk()
        problem_ms = self._moves.problem.look_again()
        if self._called_off:
            await self._call_off(desk)
            self._dirty = True
            return
        action = decide(self._watch.look(desk))
        if isinstance(action, Wait):
            self._show(desk)
            await self._rest(desk, [action.for_ms, problem_ms])
            return
        # Shown while the relay is at it: what people see must not delay it.
        asyncio.get_running_loop().call_soon(self._show, desk)
        if await self._moves.make(desk, action):
            self._dirty = True
        else:
            self._show(desk)
            self._arm(RETRY_MS)

    async def _call_off(self, desk: Desk) -> None:
        order_id, reason = next(iter(self._called_off.items()))
        runs = desk.order is not None and desk.order.id == order_id
        if runs and order_id not in self._withdrawn:
            await self._moves.stop(order_id, reason)
        for order in desk.waiting:
            if order.id == order_id:
                await self._moves.make(desk, GiveUp(order, reason))
        del self._called_off[order_id]
        self._withdrawn.discard(order_id)

    async def _rest(self, desk: Desk, waits: list[int | None]) -> None:
        """Keep the checkpoint fresh and set the next look."""
        looks = [wait_ms for wait_ms in waits if wait_ms is not None]
        if desk.delivery is not None:
            looks += filter(None, [self._watch.energy.next_look_ms()])
            await self.energy.tell(desk.delivery)
        if desk.delivery is not None and self._driver.report().on:
            self._driver.confirm()
            since_ms = self._clock.now_ms() - desk.delivery.checkpoint_ms
            if not 0 <= since_ms < CHECKPOINT_MS:
                await self._moves.checkpoint(desk.delivery)
                since_ms = 0
            looks.append(CHECKPOINT_MS - since_ms)
        self._arm(min(looks, default=None))

    def _arm(self, delay_ms: int | None) -> None:
        if self._cancel_timer:
            self._cancel_timer()
            self._cancel_timer = None
        if delay_ms is not None and self._open:
            self._cancel_timer = self._clock.call_later(max(1, delay_ms), self.poke)

    def _overdue(self, session_id: str) -> None:
        """Switch off at once, past a turn that hangs or a ledger that is gone."""
        if self._driver.report().contact:
            _LOGGER.error("%s: order %s ran past its end", self.config.name, session_id)
        self._spawn(self._switch_off(session_id))
        self.poke()

    async def _switch_off(self, session_id: str) -> None:
        await self._driver.stop(session_id)

    def _show(self, desk: Desk) -> None:
        face = self._watch.face(desk, self._moves.problem.code)
        if face != self.face:
            self.face = face
            for on_change in tuple(self._listeners):
                on_change()
        if face.in_reach != self._in_reach:
            self._in_reach = face.in_reach
            now = "in reach again" if face.in_reach else "out of reach"
            _LOGGER.info("The relay of %s is %s", self.config.name, now)
