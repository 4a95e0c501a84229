"""What people who are no administrators may give away."""

from typing import Any

from homeassistant.config_entries import ConfigFlowResult, OptionsFlow
from homeassistant.helpers.selector import NumberSelectorConfig
import voluptuous as vol

from ..const import CONF_FREE_MINUTES, DEFAULT_FREE_MINUTES
from .schemas import number

MAX_FREE_MIN = 24 * 60


class AttendantsStep(OptionsFlow):
    """The step of the options that is about attendants."""

    async def async_step_attendants(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask how much each may give away a day."""
        options = self.config_entry.options
        if user_input is not None:
            minutes = int(user_input[CONF_FREE_MINUTES])
            return self.async_create_entry(data={**options, CONF_FREE_MINUTES: minutes})
        now = options.get(CONF_FREE_MINUTES, DEFAULT_FREE_MINUTES)
        field = number(
            NumberSelectorConfig(
                min=0, max=MAX_FREE_MIN, step=1, unit_of_measurement="min"
            )
        )
        schema = vol.Schema({vol.Required(CONF_FREE_MINUTES, default=now): field})
        return self.async_show_form(step_id="attendants", data_schema=schema)
