"""Whether the webhook works: one event is provoked, and waited for."""

import asyncio
from collections.abc import Callable, Mapping
import logging
import time
from typing import Any

from homeassistant.core import HomeAssistant

from ..const import CONF_HOOK_ID, CONF_PREVIOUS_WEBHOOK_SECRET
from ..domain.ids import new_check_id
from ..domain.money import Money
from ..domain.pricing_toml import DEFAULT_CURRENCY
from ..providers.base import LinkRequest, PaymentProvider, ProviderError
from ..webhook_watch import WebhookWatch
from . import keys

_LOGGER = logging.getLogger(__name__)

WAIT_S = 20.0
"""Events come within seconds, or their address is wrong."""
_LEAST_MINOR = 100
_TRIES = 3


class WebhookCheck:
    """Sees the events that come to an account's webhook from when it was made on."""

    def __init__(
        self,
        hass: HomeAssistant,
        data: Mapping[str, Any],
        on_event: Callable[[], None],
    ) -> None:
        """Take only the present secret for good; `on_event` hears of each event."""
        self._hass = hass
        self._provider: PaymentProvider = keys.provider_of(
            hass, {**data, CONF_PREVIOUS_WEBHOOK_SECRET: None}
        )
        self._on_event = on_event
        self._came = asyncio.Event()
        self._watch = WebhookWatch(
            hass, data[CONF_HOOK_ID], self._provider.verify, self._heard
        ).open()

    @property
    def verified(self) -> bool:
        """Whether an event came that is signed with our secret."""
        return self._watch.verified

    @property
    def refused(self) -> bool:
        """Whether all that came is signed with another."""
        return bool(self._watch.refused) and not self.verified

    async def run(self) -> None:
        """Make the provider report something, and wait a while for it."""
        self._came.clear()
        if self.verified:
            return
        # A window that is closed meanwhile must not leave the link there to be paid.
        provoking = self._hass.async_create_task(self._provoke(), "paybay webhook try")
        if not await asyncio.shield(provoking):
            return
        timer = self._hass.loop.call_later(WAIT_S, self._came.set)
        try:
            await self._came.wait()
        finally:
            timer.cancel()

    def close(self) -> None:
        """Look no more."""
        self._watch.close()

    async def _provoke(self) -> bool:
        """Make a link and call it off: the provider tells of that, and nobody pays."""
        expires_s = int(time.time()) + self._provider.min_link_life_s
        try:
            link = await self._provider.create_link(
                LinkRequest(
                    reference_id=new_check_id(),
                    amount=Money(_LEAST_MINOR, DEFAULT_CURRENCY),
                    description="PayBay tries its webhook. Please do not pay.",
                    expires_s=expires_s,
                )
            )
        except ProviderError as err:
            _LOGGER.warning("No link could be made to try the webhook: %s", err)
            return False
        return await self._call_off(link.id)

    async def _call_off(self, link_id: str) -> bool:
        for _ in range(_TRIES):
            try:
                await self._provider.cancel_link(link_id)
            except ProviderError as err:
                problem = err
            else:
                return True
        _LOGGER.warning(
            "The link %s that tried the webhook ends by itself within %s minutes; "
            "it could not be called off: %s",
            link_id,
            self._provider.min_link_life_s // 60,
            problem,
        )
        return False

    def _heard(self) -> None:
        self._came.set()
        self._on_event()
