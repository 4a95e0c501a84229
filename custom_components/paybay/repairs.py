"""The owner's answer to an open item: it is settled."""

from collections.abc import Callable
from typing import cast, override

from homeassistant.components.repairs import (
    ConfirmRepairFlow,
    RepairsFlow,
    RepairsFlowResult,
)
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util
from sqlalchemy import Connection

from .ledger import (
    LedgerError,
    arrivals,
    refund_choices,
    refunds,
    unknown_outcomes,
    unreported,
)
from .ledger_file import async_get_ledger
from .open_items import (
    DATA_ENTRY_ID,
    DATA_ORDER_ID,
    DATA_REFUND_KEY,
    DATA_UNKNOWN_ORDER_ID,
    DATA_UNREADABLE,
    is_at_work,
)
from .site import PayBayConfigEntry


class SettleFlow(ConfirmRepairFlow):
    """Records in the ledger what the owner confirms; the issue goes with it."""

    @override
    async def async_step_confirm(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Ask, then record the answer."""
        if user_input is None:
            return await super().async_step_confirm()
        return await self._store(self._settle)

    async def _store(
        self, work: Callable[[Connection, int], object]
    ) -> RepairsFlowResult:
        now_ms = int(dt_util.utcnow().timestamp() * 1000)
        try:
            ledger = await async_get_ledger(self.hass)
            await ledger.run(lambda connection: work(connection, now_ms))
        except LedgerError:
            return self.async_abort(reason="not_stored")
        return self.async_create_entry(data={})

    def _settle(self, connection: Connection, now_ms: int) -> None:
        data = self.data or {}
        if key := data.get(DATA_REFUND_KEY):
            refunds.settle(connection, str(key), now_ms)
        if order_id := data.get(DATA_ORDER_ID):
            unreported.seen(connection, str(order_id), now_ms)
        if order_id := data.get(DATA_UNKNOWN_ORDER_ID):
            unknown_outcomes.forget(connection, str(order_id))
        if site_id := data.get(DATA_UNREADABLE):
            arrivals.see_unreadable(connection, str(site_id))


class RefundFlow(SettleFlow):
    """Lets a refund go, or records that it was settled in another way."""

    @override
    async def async_step_init(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Offer to refund, unless nobody is there to send it."""
        if not is_at_work(self.hass, self._entry_id):
            return await self.async_step_confirm()
        issue = ir.async_get(self.hass).async_get_issue(self.handler, self.issue_id)
        placeholders = issue.translation_placeholders if issue else None
        return self.async_show_menu(
            step_id="init",
            menu_options=["refund", "confirm"],
            description_placeholders=placeholders,
        )

    async def async_step_refund(
        self, _user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Approve the refund and send it at once if the site is loaded."""
        result = await self._store(self._approve)
        entry = self.hass.config_entries.async_get_entry(self._entry_id)
        if entry is not None and entry.state is ConfigEntryState.LOADED:
            cast(PayBayConfigEntry, entry).runtime_data.refunder.poke()
        return result

    @property
    def _entry_id(self) -> str:
        return str((self.data or {}).get(DATA_ENTRY_ID))

    def _approve(self, connection: Connection, now_ms: int) -> None:
        key = str((self.data or {})[DATA_REFUND_KEY])
        refund_choices.approve(connection, key, now_ms)


async def async_create_fix_flow(
    hass: HomeAssistant,  # noqa: ARG001 - Home Assistant's signature
    issue_id: str,  # noqa: ARG001
    data: dict[str, str | int | float | None] | None,
) -> RepairsFlow:
    """Return the flow for an issue; every fixable one of ours is an open item."""
    return RefundFlow() if DATA_REFUND_KEY in (data or {}) else SettleFlow()
