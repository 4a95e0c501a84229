"""What the owner lets PayBay do by itself."""

from decimal import Decimal
from typing import Any

from homeassistant.config_entries import ConfigFlowResult, OptionsFlow
from homeassistant.helpers.selector import BooleanSelector, NumberSelectorConfig
import voluptuous as vol

from ..const import CONF_POLLING_ONLY, CONF_REFUND_BUDGET
from ..domain.money import Money
from ..entry_data import currency_of, refund_budget_of
from .schemas import number

MAX_BUDGET = 10_000_000


class PayBayOptionsFlow(OptionsFlow):
    """The account's options; the entry reloads itself when they change."""

    async def async_step_init(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask what may be refunded without asking, and whether a webhook is used."""
        currency = currency_of(self.config_entry)
        if user_input is not None:
            given = Decimal(str(user_input[CONF_REFUND_BUDGET]))
            budget = Money.from_major(round(given, 2), currency)
            return self.async_create_entry(
                data={
                    **self.config_entry.options,
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
        return self.async_show_form(step_id="init", data_schema=vol.Schema(schema))
