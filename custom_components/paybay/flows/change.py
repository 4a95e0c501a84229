"""Changing an account that is set up: new keys, the webhook again, a new secret."""

from collections.abc import Mapping
from typing import Any

from homeassistant.config_entries import (
    SOURCE_REAUTH,
    ConfigEntry,
    ConfigFlowResult,
)

from ..const import (
    CONF_KEY_ID,
    CONF_PREVIOUS_WEBHOOK_SECRET,
    CONF_WEBHOOK_SECRET,
    DOMAIN,
)
from ..domain.ids import new_webhook_secret
from . import keys, schemas
from .problem import Problem
from .reach import ReachFlow


class ChangeFlow(ReachFlow):
    """The steps of reauthentication and reconfiguration."""

    async def async_step_reauth(
        self, _entry_data: Mapping[str, Any]
    ) -> ConfigFlowResult:
        """Ask for keys after the provider refused the stored ones."""
        return await self.async_step_reauth_confirm()

    async def async_step_reauth_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Take new keys."""
        return await self._async_new_keys("reauth_confirm", user_input)

    async def async_step_reconfigure(
        self, _user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Choose what to change."""
        return self.async_show_menu(
            step_id="reconfigure",
            menu_options=["show_webhook", "reach", "new_keys", "new_secret"],
        )

    async def async_step_new_keys(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Take new keys."""
        return await self._async_new_keys("new_keys", user_input)

    async def async_step_show_webhook(
        self, _user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Show the webhook's address and secret again."""
        return self._webhook_form()

    async def async_step_new_secret(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Replace the webhook's secret; the old one stays good for late retries."""
        if user_input is None:
            return self.async_show_form(step_id="new_secret")
        entry = self._get_reconfigure_entry()
        secrets = {
            CONF_WEBHOOK_SECRET: new_webhook_secret(),
            CONF_PREVIOUS_WEBHOOK_SECRET: entry.data[CONF_WEBHOOK_SECRET],
        }
        self.hass.config_entries.async_update_entry(entry, data=entry.data | secrets)
        return self._webhook_form()

    def _keys_form(
        self, step: str, key_id: str | None, problem: Problem | None
    ) -> ConfigFlowResult:
        """Show the form for keys; a secret once typed is not sent back."""
        shown = {CONF_KEY_ID: key_id} if key_id else None
        return self.async_show_form(
            step_id=step,
            data_schema=self.add_suggested_values_to_schema(schemas.KEYS, shown),
            errors={problem.where: problem.reason} if problem else {},
            description_placeholders=problem.placeholders if problem else {},
        )

    async def _async_new_keys(
        self, step: str, user_input: dict[str, Any] | None
    ) -> ConfigFlowResult:
        entry = self._changing
        if user_input is None:
            return self._keys_form(step, entry.data[CONF_KEY_ID], None)
        new = keys.clean(user_input)
        key_id = new[CONF_KEY_ID]
        holder = self.hass.config_entries.async_entry_for_domain_unique_id(
            DOMAIN, key_id
        )
        if holder not in (None, entry):
            return self.async_abort(reason="already_configured")
        if problem := await keys.async_try(self.hass, new):
            return self._keys_form(step, key_id, problem)
        return self._store_keys(entry, new)

    def _store_keys(
        self, entry: ConfigEntry, new: Mapping[str, str]
    ) -> ConfigFlowResult:
        old_id, new_id = entry.data[CONF_KEY_ID], new[CONF_KEY_ID]
        renamed = entry.title != keys.title_of(old_id)
        changes: dict[str, Any] = {
            "unique_id": new_id,
            "title": entry.title if renamed else keys.title_of(new_id),
            "data_updates": new,
        }
        if keys.mode_of(old_id) != keys.mode_of(new_id):
            changes["reason"] = "mode_changed"
        # A loaded entry listens for changes and reloads itself. One whose setup was
        # refused with the old keys does not listen.
        if entry.update_listeners:
            return self.async_update_and_abort(entry, **changes)
        return self.async_update_reload_and_abort(entry, **changes)

    @property
    def _changing(self) -> ConfigEntry:
        if self.source == SOURCE_REAUTH:
            return self._get_reauth_entry()
        return self._get_reconfigure_entry()
