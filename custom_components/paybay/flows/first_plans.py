"""The first plans of a new account: PayBay's own, a file's, or typed."""

from collections.abc import Iterable
from typing import Any, override

from homeassistant.config_entries import ConfigFlowResult
from homeassistant.const import CONF_NAME

from ..const import CONF_CURRENCY
from ..domain.plans import Plan
from . import plan_form, pricing, schemas
from .change import ChangeFlow
from .plan_form import FormError
from .problem import Problem


class FirstPlansFlow(ChangeFlow):
    """Asks what is sold, and ends with the plans."""

    def __init__(self) -> None:
        """Start with nothing typed."""
        super().__init__()
        self._typed: list[Plan] = []

    @override
    async def async_after_reach(self) -> ConfigFlowResult:
        """Go on to the plans."""
        return await self.async_step_plans()

    async def async_step_plans(
        self, _user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Choose where the first plans come from."""
        defaults = await pricing.async_default_plans(self.hass)
        return self.async_show_menu(
            step_id="plans",
            menu_options=["default_plans", "type_plans", "upload_plans"],
            description_placeholders={"defaults": _listed(defaults)},
        )

    async def async_step_default_plans(
        self, _user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Start with PayBay's own plans."""
        return self.async_create(await pricing.async_default_plans(self.hass))

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
                return self.async_create(found)
            problem = found
        return self.async_show_form(
            step_id="upload_plans",
            data_schema=schemas.UPLOAD,
            errors={problem.where: problem.reason} if problem else {},
            description_placeholders=problem.placeholders if problem else {},
        )

    async def async_step_type_plans(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Start with plans that are typed, one after another."""
        errors: dict[str, str] = {}
        shown = user_input
        if user_input is not None:
            try:
                self._typed.append(self._plan_of(user_input))
            except FormError as err:
                errors[err.where] = err.reason
            else:
                if not user_input[plan_form.CONF_ANOTHER]:
                    return self.async_create(self._typed)
                shown = {CONF_CURRENCY: user_input[CONF_CURRENCY]}
        return self.async_show_form(
            step_id="type_another_plan" if self._typed else "type_plans",
            data_schema=self.add_suggested_values_to_schema(plan_form.FIRST, shown),
            errors=errors,
            description_placeholders={"plans": _listed(self._typed)},
        )

    async_step_type_another_plan = async_step_type_plans

    def async_create(self, plans: Iterable[Plan]) -> ConfigFlowResult:
        """End with these plans."""
        raise NotImplementedError

    def _plan_of(self, user_input: dict[str, Any]) -> Plan:
        plan = plan_form.plan_of(user_input)
        if plan.code in {typed.code for typed in self._typed}:
            raise FormError(CONF_NAME, "plan_name_taken")
        return plan


def _listed(plans: Iterable[Plan]) -> str:
    return "\n".join(f"- {plan_form.label(plan)}" for plan in plans)
