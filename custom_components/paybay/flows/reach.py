"""How payments reach a site: a webhook of ours, one through the cloud, or none."""

from typing import Any, override

from homeassistant.config_entries import SOURCE_RECONFIGURE, ConfigFlowResult
from homeassistant.core import callback
from homeassistant.setup import async_setup_component

from ..cloud_hook import (
    CloudHookError,
    async_drop_cloudhook,
    async_make_cloudhook,
    cloud_is_usable,
)
from ..const import CONF_CLOUDHOOK_URL, CONF_HOOK_ID, CONF_POLLING_ONLY, DOMAIN
from ..web.cloud_door import async_close_cloud_door, async_open_cloud_door
from . import webhook
from .webhook_steps import WebhookFlow


class ReachFlow(WebhookFlow):
    """Chooses the way, and leaves the one that was taken before."""

    def __init__(self) -> None:
        """Start with nothing known."""
        super().__init__()
        self._options: dict[str, Any] = {}
        self._created = False

    async def async_step_reach(
        self, _user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Choose how payments reach us, the best way that there is first."""
        # The first entry is yet to come, and the webhook must be there before it.
        await async_setup_component(self.hass, DOMAIN, {})
        url = webhook.webhook_url(self.hass, self._account[CONF_HOOK_ID])
        public, polling = ["reach_public"], ["reach_polling"]
        cloud = ["reach_cloud"] if cloud_is_usable(self.hass) else []
        if webhook.step_for(url) == "webhook":
            return self.async_show_menu(
                step_id="reach", menu_options=public + cloud + polling
            )
        return self.async_show_menu(
            step_id="reach_unknown", menu_options=cloud + polling + public
        )

    async_step_reach_unknown = async_step_reach

    async def async_step_reach_public(
        self, _user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Have them reported to this Home Assistant's own address."""
        await self._async_use(None, polling=False)
        return self._webhook_form()

    async def async_step_reach_cloud(
        self, _user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Have them reported through Home Assistant Cloud."""
        hook_id = self._account[CONF_HOOK_ID]
        try:
            url = await async_make_cloudhook(self.hass, hook_id)
        except CloudHookError:
            return self.async_show_menu(
                step_id="cloud_failed",
                menu_options=["reach_cloud", "reach_public", "reach_polling"],
            )
        await self._async_use(url, polling=False)
        return self._webhook_form()

    async_step_cloud_failed = async_step_reach_cloud

    async def async_step_reach_polling(
        self, _user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Do without reports, and ask the provider."""
        await self._async_use(None, polling=True)
        return await self._async_reached("polling_only")

    @override
    @callback
    def async_remove(self) -> None:
        """Leave nothing behind of a flow that was closed."""
        super().async_remove()
        if CONF_CLOUDHOOK_URL in self._data and not self._created:
            leave = self._async_leave_cloud(self._data[CONF_HOOK_ID])
            self.hass.async_create_task(leave)

    async def _async_use(self, cloudhook_url: str | None, *, polling: bool) -> None:
        """Take a way, and leave another one that was taken before."""
        account = dict(self._account)
        before = account.pop(CONF_CLOUDHOOK_URL, None)
        if cloudhook_url:
            account[CONF_CLOUDHOOK_URL] = cloudhook_url
            async_open_cloud_door(self.hass, account[CONF_HOOK_ID])
        if self.source == SOURCE_RECONFIGURE:
            entry = self._get_reconfigure_entry()
            options = {**entry.options, CONF_POLLING_ONLY: polling}
            self.hass.config_entries.async_update_entry(
                entry, data=account, options=options
            )
        else:
            self._data, self._options = account, {CONF_POLLING_ONLY: polling}
        if before and not cloudhook_url:
            await self._async_leave_cloud(account[CONF_HOOK_ID])

    async def _async_leave_cloud(self, hook_id: str) -> None:
        async_close_cloud_door(self.hass, hook_id)
        await async_drop_cloudhook(self.hass, hook_id)
