"""Asking safely: whatever fails is counted, and will be asked again."""

from collections.abc import Coroutine
import logging
from typing import Any

from ..domain.clock import Clock
from ..domain.notices import Notice
from ..intake import Intake, Taken
from ..ledger import Ledger, LedgerError
from ..ledger.payments import Verdict
from ..providers.base import (
    PaymentProvider,
    ProviderError,
    ProviderRefusedError,
    ProviderUnavailableError,
)
from ..reachability import Reachability
from .tally import Tally

_LOGGER = logging.getLogger(__name__)


class Inquiry:
    """One site's way to ask its provider; what it learns goes to the intake."""

    def __init__(
        self,
        site_id: str,
        ledger: Ledger,
        clock: Clock,
        provider: PaymentProvider,
        *,
        intake: Intake,
        reachability: Reachability,
    ) -> None:
        """`reachability` is told how the provider answered."""
        self.site_id = site_id
        self.ledger = ledger
        self.clock = clock
        self.provider = provider
        self.tally = Tally()
        self._intake = intake
        self._reachability = reachability

    async def take(self, notice: Notice) -> Taken:
        """Take a piece of news in."""
        taken = await self._intake.take(notice)
        if taken.verdict in (Verdict.CREDITED, Verdict.EXTRA):
            self.tally.credited += 1
        return taken

    def refused(self, err: ProviderRefusedError) -> None:
        """Note that the provider answered, if only to say no."""
        self._reachability.answered()
        _LOGGER.warning("The provider refused a look-up: %s", err)

    async def safely[T](self, work: Coroutine[Any, Any, T]) -> T | None:
        """Do one thing; whatever fails will be looked at again."""
        try:
            done = await work
        except ProviderRefusedError as err:
            self.refused(err)
        except ProviderUnavailableError as err:
            self._reachability.failed(err)
            _LOGGER.debug("The provider cannot be asked now: %s", err)
        except ProviderError as err:
            self._reachability.failed(err)
            _LOGGER.warning("The provider refused a look-up: %s", err)
        except LedgerError as err:
            _LOGGER.warning("The ledger cannot be used: %s", err)
        except Exception:
            # Without this one surprise would end all polling.
            _LOGGER.exception("Unexpected error while reconciling")
        else:
            return done
        self.tally.unanswered += 1
        return None
