"""Adding and changing a bay."""

from dataclasses import replace
from itertools import count
from typing import Any

from homeassistant.config_entries import (
    SOURCE_RECONFIGURE,
    ConfigSubentryFlow,
    SubentryFlowResult,
)
from homeassistant.const import CONF_NAME
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.translation import async_get_translations

from ..const import CONF_RELAY, DOMAIN, SUBENTRY_BAY
from ..domain.bay import BayConfig
from ..entry_data import bay_data, bay_from, bays_of, plans_of, relay_key, relay_now
from . import bay_form, bay_meter, protection
from .bay_rules import no_relays, problems


class BayFlow(ConfigSubentryFlow):
    """A bay: its relay, what it sells and who switches it on."""

    _bay: BayConfig

    async def async_step_user(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Add a bay."""
        shown = {CONF_NAME: await self._async_next_name()}
        return await self._async_edit("user", user_input, shown)

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Change a bay."""
        subentry = self._get_reconfigure_subentry()
        bay = protection.named(self.hass, bay_from(subentry))
        bay = bay_meter.named(self.hass, bay)
        shown = bay_form.fields_of(bay, plans_of(self._get_entry()))
        shown[CONF_RELAY] = relay_now(self.hass, subentry)
        return await self._async_edit("reconfigure", user_input, shown)

    async def async_step_protection(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Say what ends a session at this relay, before it is used for money."""
        if user_input is not None:
            return self._async_store()
        return self.async_show_form(
            step_id=protection.step_for(self.hass, self._bay),
            description_placeholders={"bay": self._bay.name, "relay": self._relay_name},
        )

    async_step_protected_bridge = async_step_protection
    async_step_protected_esphome = async_step_protection
    async_step_protected_timer = async_step_protection

    async def _async_edit(
        self, step: str, user_input: dict[str, Any] | None, shown: dict[str, Any]
    ) -> SubentryFlowResult:
        if not (plans := plans_of(self._get_entry())):
            return self.async_abort(reason="no_plan_yet")
        errors: dict[str, str] = {}
        placeholders: dict[str, str] = {}
        if user_input is not None:
            bay = bay_form.bay_of(user_input, self._relay(user_input))
            bay = protection.keyed(self.hass, bay)
            self._bay = bay_meter.keyed(self.hass, bay)
            for problem in problems(self.hass, self._bay, plans, self._own_id):
                errors[problem.where] = problem.reason
                placeholders |= problem.placeholders
            if not errors:
                return await self._async_tell_or_store()
        return self.async_show_form(
            step_id=step,
            data_schema=self.add_suggested_values_to_schema(
                bay_form.schema(plans, no_relays(self.hass, self._own_id)),
                user_input or shown,
            ),
            errors=errors,
            description_placeholders=placeholders,
        )

    async def _async_next_name(self) -> str:
        """Return what a bay is called if nobody says otherwise."""
        texts = await async_get_translations(
            self.hass, self.hass.config.language, "config_subentries", [DOMAIN]
        )
        word = texts[f"component.{DOMAIN}.config_subentries.{SUBENTRY_BAY}.entry_type"]
        taken = {bay.name for bay in bays_of(self._get_entry()).values()}
        names = (f"{word} {number}" for number in count(1))
        return next(name for name in names if name not in taken)

    async def _async_tell_or_store(self) -> SubentryFlowResult:
        """Tell what ends a session, unless nothing of that has changed."""
        if self._own_id is not None:
            subentry = self._get_reconfigure_subentry()
            before = replace(bay_from(subentry), relay=relay_now(self.hass, subentry))
            if _own_end(before) == _own_end(self._bay):
                return self._async_store()
        return await self.async_step_protection()

    def _async_store(self) -> SubentryFlowResult:
        data, key = bay_data(self._bay), relay_key(self.hass, self._bay.relay)
        if self._own_id is None:
            return self.async_create_entry(
                title=self._bay.name,
                data=data,
                unique_id=key,
                description_placeholders={"bay": self._bay.name},
            )
        return self.async_update_and_abort(
            self._get_entry(),
            self._get_reconfigure_subentry(),
            title=self._bay.name,
            data_updates=data,
            unique_id=key,
        )

    @property
    def _relay_name(self) -> str:
        state = self.hass.states.get(self._bay.relay)
        return state.name if state else self._bay.relay

    @property
    def _own_id(self) -> str | None:
        if self.source != SOURCE_RECONFIGURE:
            return None
        return self._get_reconfigure_subentry().subentry_id

    def _relay(self, user_input: dict[str, Any]) -> str:
        chosen: str = user_input[CONF_RELAY]
        return er.async_resolve_entity_id(er.async_get(self.hass), chosen) or chosen


def _own_end(bay: BayConfig) -> tuple[str, str | None, int]:
    return bay.relay, bay.auto_off, bay.auto_off_s
