"""Setting PayBay up: keys, webhook, plans, and on to the first bay."""

from collections.abc import Iterable
from typing import Any, override

from homeassistant.config_entries import (
    SOURCE_RECONFIGURE,
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
from .flows import keys, plan_form, pricing, schemas
from .flows.bay import BayFlow
from .flows.change import ChangeFlow
from .flows.options import PayBayOptionsFlow
from .flows.plan import PlanFlow
from .flows.problem import Problem


class PayBayConfigFlow(ChangeFlow, domain=DOMAIN):
    """One account at a payment provider."""

    def __init__(self) -> None:
        """Start with nothing known."""
        super().__init__()
        self._data: dict[str, str] = {}

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
        await self.async_set_unique_id(given[CONF_KEY_ID])
        self._abort_if_unique_id_configured()
        if problem := await keys.async_try(self.hass, given):
            return self._keys_form("user", given[CONF_KEY_ID], problem)
        self._data = given | {
            CONF_HOOK_ID: new_hook_id(),
            CONF_WEBHOOK_SECRET: new_webhook_secret(),
        }
        return self._webhook_form(self._data)

    async def async_step_webhook(
        self, _user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Go on once the owner has seen the webhook."""
        if self.source == SOURCE_RECONFIGURE:
            return self.async_abort(reason="webhook_shown")
        return await self.async_step_plans()

    async_step_webhook_blocked = async_step_webhook
    async_step_webhook_missing = async_step_webhook

    async def async_step_plans(
        self, _user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Choose where the first plans come from."""
        defaults = await pricing.async_default_plans(self.hass)
        listed = "\n".join(f"- {plan_form.label(plan)}" for plan in defaults)
        return self.async_show_menu(
            step_id="plans",
            menu_options=["default_plans", "upload_plans"],
            description_placeholders={"defaults": listed},
        )

    async def async_step_default_plans(
        self, _user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Start with PayBay's own plans."""
        return self._create(await pricing.async_default_plans(self.hass))

    async def async_step_upload_plans(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Start with the plans of a pricing.toml."""
        problem = None
        if user_input is not None:
            found = await pricing.async_uploaded_plans(
                self.hass, user_input[schemas.CONF_FILE]
            )
            if not isinstance(found, Problem):
                return self._create(found)
            problem = found
        return self.async_show_form(
            step_id="upload_plans",
            data_schema=schemas.UPLOAD,
            errors={problem.where: problem.reason} if problem else {},
            description_placeholders=problem.placeholders if problem else {},
        )

    @override
    async def async_on_create_entry(self, result: ConfigFlowResult) -> ConfigFlowResult:
        """Hand over to the first bay."""
        bay = await self.hass.config_entries.subentries.async_init(
            (result["result"].entry_id, SUBENTRY_BAY),
            context=SubentryFlowContext(source=SOURCE_USER),
        )
        result["next_flow"] = (FlowType.CONFIG_SUBENTRIES_FLOW, bay["flow_id"])
        return result

    def _create(self, plans: Iterable[Plan]) -> ConfigFlowResult:
        return self.async_create_entry(
            title=keys.title_of(self._data[CONF_KEY_ID]),
            data=self._data,
            subentries=pricing.subentries(plans),
        )
