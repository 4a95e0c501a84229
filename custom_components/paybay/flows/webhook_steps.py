"""The webhook's own screens: what to enter at the provider, and whether it works."""

import asyncio
from collections.abc import Mapping
from typing import Any, override

from homeassistant.config_entries import (
    SOURCE_RECONFIGURE,
    ConfigFlow,
    ConfigFlowResult,
)
from homeassistant.core import callback

from ..const import CONF_KEY_ID
from . import keys, schemas, webhook
from .webhook_check import WebhookCheck

_WAITING = ("webhook_waiting", "webhook_wrong_secret")


class WebhookFlow(ConfigFlow):
    """Shows the webhook of an account that is there or comes to be, and tries it."""

    def __init__(self) -> None:
        """Start with nothing known."""
        super().__init__()
        self._data: dict[str, Any] = {}
        self._check: WebhookCheck | None = None
        self._checking: asyncio.Task[None] | None = None

    async def async_step_webhook(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Show what to enter at the provider, then see whether it works."""
        if user_input is None:
            return self._webhook_form()
        return await self.async_step_webhook_check()

    async def async_step_webhook_blocked(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Show an address that the provider cannot reach, and go on without it."""
        if user_input is None:
            return self._webhook_form()
        return await self._async_reached("webhook_shown")

    async_step_webhook_missing = async_step_webhook_blocked
    async_step_webhook_again = async_step_webhook

    async def async_step_webhook_check(
        self, _user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Try the webhook, and show that it is being tried."""
        if self._check is None:
            self._check = WebhookCheck(self.hass, self._account, self._event_came)
        if self._checking is None:
            self._checking = self.hass.async_create_task(self._check.run())
        if not self._checking.done():
            return self.async_show_progress(
                step_id="webhook_check",
                progress_action="webhook_check",
                progress_task=self._checking,
            )
        self._checking = None
        return self.async_show_progress_done(next_step_id="webhook_waiting")

    async def async_step_webhook_waiting(
        self, _user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Wait for the first event with the owner; it moves on by itself."""
        check = self._check
        if check and check.verified:
            return await self.async_step_webhook_verified()
        return self.async_show_menu(
            step_id=_WAITING[bool(check and check.refused)],
            menu_options=["webhook_check", "webhook_again", "webhook_skip"],
        )

    async_step_webhook_wrong_secret = async_step_webhook_waiting

    async def async_step_webhook_verified(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Say that it works."""
        if user_input is None and self.source != SOURCE_RECONFIGURE:
            return self.async_show_form(step_id="webhook_verified")
        return await self._async_reached("webhook_works")

    async def async_step_webhook_skip(
        self, _user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Go on, and see later whether it works."""
        return await self._async_reached("webhook_shown")

    async def async_after_reach(self) -> ConfigFlowResult:
        """Go on with setting up."""
        raise NotImplementedError

    @override
    @callback
    def async_remove(self) -> None:
        """Look for events no more."""
        if self._check:
            self._check.close()
        if self._checking:
            self._checking.cancel()

    @property
    def _account(self) -> Mapping[str, Any]:
        """Return the account: the one that is there, or the one that comes to be."""
        if self.source == SOURCE_RECONFIGURE:
            return self._get_reconfigure_entry().data
        return self._data

    def _webhook_form(self) -> ConfigFlowResult:
        data = self._account
        url = webhook.address(self.hass, data)
        return self.async_show_form(
            step_id=webhook.step_for(url),
            data_schema=schemas.webhook(keys.mode_of(data[CONF_KEY_ID])),
            description_placeholders=webhook.placeholders(url, data),
        )

    async def _async_reached(self, reason: str) -> ConfigFlowResult:
        """Go on where the owner came from."""
        if self.source == SOURCE_RECONFIGURE:
            return self.async_abort(reason=reason)
        return await self.async_after_reach()

    @callback
    def _event_came(self) -> None:
        """Show what came, where the owner waits for it."""
        if self.cur_step and self.cur_step.get("step_id") in _WAITING:
            self.async_notify_flow_changed()
