"""What the owner lets PayBay do by itself, and tells its customers."""

from decimal import Decimal
from typing import Any

from homeassistant.config_entries import ConfigFlowResult
from homeassistant.helpers.selector import BooleanSelector, NumberSelectorConfig
import voluptuous as vol

from ..const import CONF_MERCHANT, CONF_POLLING_ONLY, CONF_REFERENCE, CONF_REFUND_BUDGET
from ..domain.merchant import Merchant
from ..domain.money import Money
from ..entry_data import currency_of, merchant_of, reference_policy_of, refund_budget_of
from . import merchant_form, reference_form
from .attendants import AttendantsStep
from .schemas import number

MAX_BUDGET = 10_000_000


class PayBayOptionsFlow(AttendantsStep):
    """The account's options; the entry reloads itself when they change."""

    async def async_step_init(
        self, _user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Choose what to change."""
        return self.async_show_menu(
            step_id="init",
            menu_options=["merchant", "reference", "account", "attendants"],
        )

    async def async_step_account(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask what may be refunded without asking, and whether a webhook is used."""
        currency = currency_of(self.config_entry)
        if user_input is not None:
            given = Decimal(str(user_input[CONF_REFUND_BUDGET]))
            budget = Money.from_major(round(given, 2), currency)
            return self._store(
                {
                    CONF_REFUND_BUDGET: str(budget.major),
                    CONF_POLLING_ONLY: user_input[CONF_POLLING_ONLY],
                }
            )
        budget_now = float(refund_budget_of(self.config_entry).major)
        field = number(
            NumberSelectorConfig(
                min=0, max=MAX_BUDGET, step=0.01, unit_of_measurement=currency
            )
        )
        polling_now = bool(self.config_entry.options.get(CONF_POLLING_ONLY))
        schema = {
            vol.Required(CONF_REFUND_BUDGET, default=budget_now): field,
            vol.Required(CONF_POLLING_ONLY, default=polling_now): BooleanSelector(),
        }
        return self.async_show_form(step_id="account", data_schema=vol.Schema(schema))

    async def async_step_merchant(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask what customers are told of whom they pay."""
        if user_input is None:
            return self._merchant_form(merchant_of(self.config_entry))
        merchant = merchant_form.merchant_of(user_input)
        found = list(merchant_form.form_problems(merchant))
        if not found:
            return self._store({CONF_MERCHANT: merchant.stored()})
        placeholders = {k: v for each in found for k, v in each.placeholders.items()}
        errors = {each.where: each.reason for each in found}
        return self._merchant_form(merchant, errors, placeholders)

    async def async_step_reference(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask what customers write on an order, if anything."""
        if user_input is not None:
            return self._store({CONF_REFERENCE: reference_form.stored_of(user_input)})
        policy = reference_policy_of(self.config_entry)
        schema = reference_form.schema(policy)
        return self.async_show_form(step_id="reference", data_schema=schema)

    def _merchant_form(
        self,
        merchant: Merchant,
        errors: dict[str, str] | None = None,
        placeholders: dict[str, str] | None = None,
    ) -> ConfigFlowResult:
        return self.async_show_form(
            step_id="merchant",
            data_schema=merchant_form.schema(merchant),
            errors=errors or {},
            description_placeholders=placeholders or {},
        )

    def _store(self, changes: dict[str, Any]) -> ConfigFlowResult:
        return self.async_create_entry(data={**self.config_entry.options, **changes})
