"""Setting PayBay up: keys, how payments reach us, plans, and on to the first bay."""

from collections.abc import Iterable
from typing import Any, override

from homeassistant.config_entries import (
    SOURCE_USER,
    ConfigEntry,
    ConfigFlowResult,
    ConfigSubentryFlow,
    FlowType,
    OptionsFlow,
    SubentryFlowContext,
)
from homeassistant.core import callback

from .const import (
    CONF_HOOK_ID,
    CONF_KEY_ID,
    CONF_WEBHOOK_SECRET,
    DOMAIN,
    SUBENTRY_BAY,
    SUBENTRY_PLAN,
)
from .domain.ids import new_hook_id, new_webhook_secret
from .domain.plans import Plan
from .flows import keys, pricing
from .flows.bay import BayFlow
from .flows.first_plans import FirstPlansFlow
from .flows.options import PayBayOptionsFlow
from .flows.plan import PlanFlow


class PayBayConfigFlow(FirstPlansFlow, domain=DOMAIN):
    """One account at a payment provider."""

    @staticmethod
    @callback
    @override
    def async_get_options_flow(config_entry: ConfigEntry) -> OptionsFlow:
        """Return what can be changed after setting up."""
        return PayBayOptionsFlow()

    @classmethod
    @callback
    @override
    def async_get_supported_subentry_types(
        cls, config_entry: ConfigEntry
    ) -> dict[str, type[ConfigSubentryFlow]]:
        """Return what an account consists of."""
        return {SUBENTRY_BAY: BayFlow, SUBENTRY_PLAN: PlanFlow}

    @override
    async def async_step_user(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Take the keys and try them."""
        if user_input is None:
            return self._keys_form("user", None, None)
        given = keys.clean(user_input)
        key_id = given[CONF_KEY_ID]
        await self.async_set_unique_id(key_id, raise_on_progress=False)
        self._abort_if_unique_id_configured()
        self._take_over(key_id)
        if problem := await keys.async_try(self.hass, given):
            return self._keys_form("user", given[CONF_KEY_ID], problem)
        self._data = given | {
            CONF_HOOK_ID: new_hook_id(),
            CONF_WEBHOOK_SECRET: new_webhook_secret(),
        }
        return await self.async_step_reach()

    @override
    async def async_on_create_entry(self, result: ConfigFlowResult) -> ConfigFlowResult:
        """Hand over to the first bay."""
        bay = await self.hass.config_entries.subentries.async_init(
            (result["result"].entry_id, SUBENTRY_BAY),
            context=SubentryFlowContext(source=SOURCE_USER),
        )
        result["next_flow"] = (FlowType.CONFIG_SUBENTRIES_FLOW, bay["flow_id"])
        return result

    @callback
    def _take_over(self, key_id: str) -> None:
        """End what was begun for this account in a window that nobody sees any more."""
        flows = self.hass.config_entries.flow
        for other in self._async_in_progress():
            context = other["context"]
            if (context.get("source"), context.get("unique_id")) == (
                SOURCE_USER,
                key_id,
            ):
                flows.async_abort(other["flow_id"])

    @override
    def async_create(self, plans: Iterable[Plan]) -> ConfigFlowResult:
        """Make the entry."""
        self._created = True
        return self.async_create_entry(
            title=keys.title_of(self._data[CONF_KEY_ID]),
            data=self._data,
            options=self._options,
            subentries=pricing.subentries(plans),
        )
