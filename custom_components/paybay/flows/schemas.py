"""The fields of the account's forms, and what fields are made of."""

from enum import StrEnum

from homeassistant.const import CONF_MODE
from homeassistant.helpers.selector import (
    FileSelector,
    FileSelectorConfig,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)
import voluptuous as vol

from ..const import CONF_KEY_ID, CONF_KEY_SECRET

CONF_FILE = "file"


class Mode(StrEnum):
    """Whether an account's keys move real money."""

    TEST = "test"
    LIVE = "live"


def choice(
    options: type[StrEnum], translation_key: str, *, read_only: bool = False
) -> SelectSelector:
    """Return a field to choose one of some translated options."""
    return SelectSelector(
        SelectSelectorConfig(
            options=[option.value for option in options],
            mode=SelectSelectorMode.DROPDOWN,
            translation_key=translation_key,
            read_only=read_only,
        )
    )


def number(config: NumberSelectorConfig) -> NumberSelector:
    """Return a field to type a number into."""
    return NumberSelector({**config, "mode": NumberSelectorMode.BOX})


KEYS = vol.Schema(
    {
        vol.Required(CONF_KEY_ID): TextSelector(TextSelectorConfig(autocomplete="off")),
        vol.Required(CONF_KEY_SECRET): TextSelector(
            TextSelectorConfig(type=TextSelectorType.PASSWORD, autocomplete="off")
        ),
    }
)

UPLOAD = vol.Schema(
    {vol.Required(CONF_FILE): FileSelector(FileSelectorConfig(accept=".toml"))}
)


def webhook(mode: Mode) -> vol.Schema:
    """Return the webhook form: nothing to fill in, only the mode to see."""
    field = choice(Mode, "mode", read_only=True)
    return vol.Schema({vol.Optional(CONF_MODE, default=mode.value): field})
