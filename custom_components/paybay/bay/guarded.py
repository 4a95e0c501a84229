"""A driver whose surprises end here: a relay's bug must not stop its bay's clock."""

from collections.abc import Callable
import logging
from typing import override

from ..domain.relays import RelayReport
from ..drivers.base import RelayDriver, Renewer, StartError

_LOGGER = logging.getLogger(__name__)


class GuardedDriver(RelayDriver):
    """Turns any unexpected exception into "no proof" and "not known to be off"."""

    def __init__(self, driver: RelayDriver) -> None:
        """Guard this driver."""
        self._driver = driver

    @property
    @override
    def keeps_time(self) -> bool:
        return self._driver.keeps_time

    @override
    def report(self) -> RelayReport:
        return self._driver.report()

    @override
    def watch(self, on_change: Callable[[], None]) -> Callable[[], None]:
        return self._driver.watch(on_change)

    @override
    async def start(self, order_id: str, for_ms: int) -> None:
        try:
            await self._driver.start(order_id, for_ms)
        except StartError:
            raise
        except Exception as err:
            # Whatever a device's integration lets escape: it is off before it is owed.
            _LOGGER.exception("Order %s: the relay's driver failed", order_id)
            await self.stop(order_id)
            raise StartError("driver_error") from err

    @override
    async def extend(self, order_id: str, total_ms: int) -> None:
        try:
            await self._driver.extend(order_id, total_ms)
        except StartError:
            raise
        except Exception as err:
            # The same: the session goes on to the end that was proven.
            _LOGGER.exception("Order %s: the relay's driver failed", order_id)
            raise StartError("driver_error") from err

    @override
    async def stop(self, order_id: str | None) -> bool:
        try:
            return await self._driver.stop(order_id)
        except Exception:
            # The same: not proven off, so it is tried again.
            _LOGGER.exception("Order %s: the relay's driver failed", order_id)
            return False

    @override
    async def acknowledge(self, order_id: str) -> None:
        try:
            await self._driver.acknowledge(order_id)
        except Exception:
            # The same: the device says it again, and is thanked again.
            _LOGGER.exception("Order %s: the relay's driver failed", order_id)

    def confirm(self) -> None:
        """Tell a driver that wants to know it that the relay is rightly on."""
        if isinstance(self._driver, Renewer):
            self._driver.confirm()
