"""Adding and changing a plan."""

from typing import Any

from homeassistant.config_entries import (
    ConfigSubentryFlow,
    SubentryFlowResult,
)

from ..const import CONF_CODE, CONF_CURRENCY, CONF_ENERGY_WH
from ..domain.bay import BayConfig
from ..domain.plans import Plan
from ..entry_data import bays_of, plan_data, plan_from, plans_of
from . import plan_form
from .plan_form import FormError


class PlanFlow(ConfigSubentryFlow):
    """A plan: a price and the time it buys."""

    async def async_step_user(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Add a plan."""
        errors: dict[str, str] = {}
        if user_input is not None:
            try:
                plan = self._new_plan(user_input)
            except FormError as err:
                errors[err.where] = err.reason
            else:
                return self.async_create_entry(
                    title=plan.name, data=plan_data(plan), unique_id=plan.code
                )
        schema = self.add_suggested_values_to_schema(plan_form.NEW, user_input)
        return self.async_show_form(step_id="user", data_schema=schema, errors=errors)

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Change a plan; its code stays, for orders and stickers name it."""
        subentry = self._get_reconfigure_subentry()
        old = plan_from(subentry.data)
        errors: dict[str, str] = {}
        placeholders = {"code": old.code}
        if user_input is not None:
            try:
                plan = self._changed_plan(user_input, old)
            except FormError as err:
                errors[err.where] = err.reason
                placeholders |= err.placeholders
            else:
                return self.async_update_and_abort(
                    self._get_entry(), subentry, title=plan.name, data=plan_data(plan)
                )
        schema = self.add_suggested_values_to_schema(
            plan_form.CHANGE, user_input or plan_form.fields_of(old)
        )
        return self.async_show_form(
            step_id="reconfigure",
            data_schema=schema,
            errors=errors,
            description_placeholders=placeholders,
        )

    def _new_plan(self, user_input: dict[str, Any]) -> Plan:
        plan = plan_form.plan_of(user_input)
        if plan.code in plans_of(self._get_entry()):
            raise FormError(CONF_CODE, "plan_code_taken")
        return plan

    def _changed_plan(self, user_input: dict[str, Any], old: Plan) -> Plan:
        plan = plan_form.plan_of(user_input, old)
        entry = self._get_entry()
        plans = plans_of(entry) | {plan.code: plan}
        for bay in bays_of(entry).values():
            sold = {plans[c].price.currency for c in bay.plan_codes if c in plans}
            if plan.code in bay.plan_codes and len(sold) > 1:
                raise FormError(CONF_CURRENCY, "mixed_currencies")
            if plan.energy_wh is not None and plan.code in bay.plan_codes:
                _require_meter(bay)
        return plan


def _require_meter(bay: BayConfig) -> None:
    """Refuse a limit of energy where nobody can measure it."""
    if not bay.metered:
        raise FormError(CONF_ENERGY_WH, "plan_needs_meter", bay=bay.name)
