"""The owner's way out of a webhook that does not do its job."""

from typing import override

from homeassistant.components.repairs import RepairsFlow, RepairsFlowResult
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import callback
from homeassistant.helpers import issue_registry as ir

from .cloud_hook import (
    DATA_CLOUD_GONE,
    DATA_WEBHOOK_ENTRY_ID,
    CloudHookError,
    async_make_cloudhook,
)
from .const import CONF_CLOUDHOOK_URL, CONF_HOOK_ID, CONF_POLLING_ONLY
from .flows import webhook
from .flows.webhook_check import WebhookCheck


class WebhookRepairFlow(RepairsFlow):
    """Shows what to enter at the provider and tries it, or gives the webhook up."""

    _check: WebhookCheck | None = None

    async def async_step_init(
        self, _user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Offer the ways."""
        if self._entry is None:
            return self.async_abort(reason="site_gone")
        first = "new_address" if (self.data or {}).get(DATA_CLOUD_GONE) else "show"
        issue = ir.async_get(self.hass).async_get_issue(self.handler, self.issue_id)
        return self.async_show_menu(
            step_id="init",
            menu_options=[first, "polling"],
            description_placeholders=issue.translation_placeholders if issue else None,
        )

    async def async_step_new_address(
        self, _user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Have Home Assistant Cloud make an address in place of the lost one."""
        if (entry := self._entry) is None:
            return self.async_abort(reason="site_gone")
        try:
            url = await async_make_cloudhook(self.hass, entry.data[CONF_HOOK_ID])
        except CloudHookError:
            return self.async_abort(reason="cloud_failed")
        data = {**entry.data, CONF_CLOUDHOOK_URL: url}
        self.hass.config_entries.async_update_entry(entry, data=data)
        return await self.async_step_show()

    async def async_step_show(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Show the webhook, and believe that it works when an event has come."""
        if (entry := self._entry) is None:
            return self.async_abort(reason="site_gone")
        errors: dict[str, str] = {}
        if user_input is not None:
            if self._check is None:
                self._check = WebhookCheck(self.hass, entry.data, lambda: None)
            await self._check.run()
            if self._check.verified:
                return self.async_create_entry(data={})
            came = "other_secret" if self._check.refused else "nothing_came"
            errors["base"] = came
        url = webhook.address(self.hass, entry.data)
        return self.async_show_form(
            step_id="show",
            errors=errors,
            description_placeholders=webhook.placeholders(url, entry.data),
        )

    async def async_step_polling(
        self, _user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Do without a webhook from now on."""
        if (entry := self._entry) is None:
            return self.async_abort(reason="site_gone")
        options = {**entry.options, CONF_POLLING_ONLY: True}
        self.hass.config_entries.async_update_entry(entry, options=options)
        return self.async_create_entry(data={})

    @override
    @callback
    def async_remove(self) -> None:
        """Look for events no more."""
        if self._check:
            self._check.close()

    @property
    def _entry(self) -> ConfigEntry | None:
        entry_id = str((self.data or {}).get(DATA_WEBHOOK_ENTRY_ID))
        return self.hass.config_entries.async_get_entry(entry_id)
