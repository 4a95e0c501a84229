"""The owner's answer to an open item: it is settled."""

from collections.abc import Callable
from contextlib import suppress
from typing import cast, override

from homeassistant.components.repairs import (
    ConfirmRepairFlow,
    RepairsFlow,
    RepairsFlowResult,
)
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util
from sqlalchemy import Connection

from .bay import StartFailedError
from .blueprint_action import ISSUE_BLUEPRINTS, async_update
from .cloud_hook import DATA_WEBHOOK_ENTRY_ID
from .domain.orders import PaidBy
from .ledger import (
    LedgerError,
    arrivals,
    cash,
    orders,
    payments,
    refund_choices,
    refund_wishes,
    refunds,
    restored,
    unknown_outcomes,
    unreported,
)
from .ledger.refund_wishes import WishRefusedError
from .ledger.servings import ServeRefusedError
from .ledger_file import async_get_ledger
from .open_items import is_at_work
from .open_items.kinds import (
    DATA_CASH_ORDER_ID,
    DATA_ENTRY_ID,
    DATA_ORDER_ID,
    DATA_OWED_ORDER_ID,
    DATA_REFUND_KEY,
    DATA_RESTORED,
    DATA_UNKNOWN_ORDER_ID,
    DATA_UNREADABLE,
)
from .serving import async_can_serve, async_serve
from .site import PayBayConfigEntry, Site
from .webhook_repair import WebhookRepairFlow


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

    @property
    def _entry_id(self) -> str:
        return str((self.data or {}).get(DATA_ENTRY_ID))

    @property
    def _site(self) -> Site | None:
        """Return the site, if it is loaded."""
        entry = self.hass.config_entries.async_get_entry(self._entry_id)
        if entry is None or entry.state is not ConfigEntryState.LOADED:
            return None
        return cast(PayBayConfigEntry, entry).runtime_data

    def _menu(self, *options: str) -> RepairsFlowResult:
        issue = ir.async_get(self.hass).async_get_issue(self.handler, self.issue_id)
        return self.async_show_menu(
            step_id="init",
            menu_options=list(options),
            description_placeholders=issue.translation_placeholders if issue else None,
        )

    def _settle(self, connection: Connection, now_ms: int) -> None:
        data = self.data or {}
        if key := data.get(DATA_REFUND_KEY):
            refunds.settle(connection, str(key), now_ms)
        if order_id := data.get(DATA_ORDER_ID):
            unreported.seen(connection, str(order_id), now_ms)
        if order_id := data.get(DATA_UNKNOWN_ORDER_ID):
            unknown_outcomes.forget(connection, str(order_id))
        if order_id := data.get(DATA_CASH_ORDER_ID):
            with suppress(cash.NoCashBackError):
                cash.give_back(connection, str(order_id), None, now_ms)
        if site_id := data.get(DATA_UNREADABLE):
            arrivals.see_unreadable(connection, str(site_id))
        if site_id := data.get(DATA_RESTORED):
            restored.see(connection, str(site_id))


class RefundFlow(SettleFlow):
    """Lets a refund go, serves its order after all, or records another settlement."""

    @override
    async def async_step_init(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Offer what can be done, unless nobody is there to do it."""
        if not is_at_work(self.hass, self._entry_id):
            return await self.async_step_confirm()
        serve = ["serve"] if await self._can_serve() else []
        return self._menu("refund", *serve, "confirm")

    async def async_step_refund(
        self, _user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Approve the refund and send it at once if the site is loaded."""
        result = await self._store(self._approve)
        if site := self._site:
            site.refunder.poke()
        return result

    async def async_step_serve(
        self, _user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Run what is left of the order now, if that is still possible."""
        site = self._site
        try:
            if site is None:
                return self.async_abort(reason="not_served")
            await async_serve(site, self._order_id)
        except ServeRefusedError:
            return self.async_abort(reason="not_served")
        except StartFailedError:
            return self.async_abort(reason="not_started")
        except LedgerError:
            return self.async_abort(reason="not_stored")
        return self.async_create_entry(data={})

    @property
    def _order_id(self) -> str:
        return str((self.data or {}).get(DATA_OWED_ORDER_ID))

    async def _can_serve(self) -> bool:
        try:
            site = self._site
            return site is not None and await async_can_serve(site, self._order_id)
        except LedgerError:
            return False

    def _approve(self, connection: Connection, now_ms: int) -> None:
        key = str((self.data or {})[DATA_REFUND_KEY])
        refund_choices.approve(connection, key, now_ms)


class UnreportedFlow(SettleFlow):
    """Gives a customer's money back whose session nobody knows, or leaves it."""

    @override
    async def async_step_init(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Offer to refund, unless nobody is there to send it."""
        if self._site is None:
            return await self.async_step_confirm()
        return self._menu("refund", "confirm")

    async def async_step_refund(
        self, _user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Owe all of it back, and send it."""
        try:
            result = await self._store(self._refund)
        except WishRefusedError:
            return self.async_abort(reason="not_refunded")
        if site := self._site:
            site.refunder.poke()
        return result

    def _refund(self, connection: Connection, now_ms: int) -> None:
        order_id = str((self.data or {})[DATA_ORDER_ID])
        unreported.seen(connection, order_id, now_ms)
        order = orders.get(connection, order_id)
        if order.paid_by is PaidBy.CASH:
            cash.owe_all_back(connection, order, refund_wishes.REASON, now_ms)
            return
        payment = payments.of_order(connection, order_id)[:1]
        minor = payment[0].amount.minor if payment else None
        refund_wishes.refund_order(connection, order_id, minor, now_ms)


class BlueprintsFlow(ConfirmRepairFlow):
    """Updates the blueprints that nobody has edited."""

    @override
    async def async_step_confirm(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Ask, then update."""
        if user_input is None:
            return await super().async_step_confirm()
        try:
            await async_update(self.hass)
        except HomeAssistantError:
            return self.async_abort(reason="not_written")
        return self.async_create_entry(data={})


async def async_create_fix_flow(
    hass: HomeAssistant,  # noqa: ARG001 - Home Assistant's signature
    issue_id: str,
    data: dict[str, str | int | float | None] | None,
) -> RepairsFlow:
    """Return the flow for an issue; most with data are open items."""
    if issue_id == ISSUE_BLUEPRINTS:
        return BlueprintsFlow()
    if DATA_WEBHOOK_ENTRY_ID in (data or {}):
        return WebhookRepairFlow()
    if DATA_REFUND_KEY in (data or {}):
        return RefundFlow()
    return UnreportedFlow() if DATA_ORDER_ID in (data or {}) else SettleFlow()
