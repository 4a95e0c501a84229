"""What a bay knows beyond the ledger, put together for a decision."""

from collections.abc import Callable

from ..domain.bay import BayConfig
from ..domain.clock import Clock
from ..domain.view import Stretch, View
from ..drivers.base import RelayDriver
from ..ledger.deliveries import DeliveryState
from ..ledger.sessions import Desk
from .energy import EnergyWatch, Meter
from .extensions import Extensions
from .face import Face, FacePainter
from .stretch_clock import StretchClock
from .windows import Pauses, StartWindows


class SessionWatch:
    """Everything one bay keeps in memory; a restart begins with an empty one."""

    def __init__(
        self,
        config: BayConfig,
        driver: RelayDriver,
        clock: Clock,
        on_overdue: Callable[[str], None],
        meter: Meter | None = None,
    ) -> None:
        """`on_overdue` gets the id of a session that nobody ended in time."""
        self.stretch = StretchClock(driver, clock, on_overdue)
        self.extensions = Extensions(clock)
        self.pauses = Pauses(clock)
        self.energy = EnergyWatch(config, meter, clock)
        self.windows = StartWindows(config, clock)
        self._painter = FacePainter(self.stretch, clock)
        self._config = config
        self._driver = driver

    def look(self, desk: Desk) -> View:
        """Put together everything a decision depends on."""
        stretch = self._stretch(desk)
        paused_ms, resume_in_ms = self.pauses.look(desk) if stretch is None else (0, 0)
        claimed = (order for order in desk.waiting if order.claimed_by)
        waiting = next(claimed, next(iter(desk.waiting), None))
        start_window_ms, claim_window_ms = self.windows.look(desk, waiting)
        return View(
            config=self._config,
            report=self._driver.report(),
            keeps_time=self._driver.keeps_time,
            order=desk.order,
            stretch=stretch,
            paused_ms=paused_ms,
            resume_in_ms=resume_in_ms,
            rest_ms=self.pauses.rest_ms(),
            waiting=waiting,
            queue=desk.waiting,
            start_window_ms=start_window_ms,
            claim_window_ms=claim_window_ms,
            clock_behind=self.windows.is_behind(waiting),
            energy_left_mwh=self.energy.look(desk.order, desk.delivery),
        )

    def face(self, desk: Desk, problem: str | None) -> Face:
        """Return what to show now."""
        return self._painter.paint(desk, self._driver.report(), problem)

    def _stretch(self, desk: Desk) -> Stretch | None:
        delivery = desk.delivery
        if delivery is None:
            self.stretch.forget()
            return None
        elapsed_ms, unsure = self.stretch.look(delivery)
        return Stretch(
            planned_ms=delivery.planned_ms,
            elapsed_ms=elapsed_ms,
            known_ms=delivery.ran_ms,
            proven=delivery.state is DeliveryState.ON,
            unsure=unsure,
            accounted_ms=desk.accounted_ms,
            session_id=delivery.session_id,
            offset_ms=delivery.offset_ms,
            granted_ms=delivery.granted_ms,
            asked_ms=delivery.asked_ms,
            given_ms=self.stretch.given_ms(delivery),
            extend_in_ms=self.extensions.in_ms(delivery),
        )
