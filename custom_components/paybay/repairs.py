"""The owner's answer to an open item: it is settled."""

from typing import override

from homeassistant.components.repairs import (
    ConfirmRepairFlow,
    RepairsFlow,
    RepairsFlowResult,
)
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
from sqlalchemy import Connection

from .ledger import LedgerError, refunds, unreported
from .ledger_file import async_get_ledger
from .open_items import DATA_ORDER_ID, DATA_REFUND_KEY


class SettleFlow(ConfirmRepairFlow):
    """Records in the ledger what the owner confirms; the issue goes with it."""

    @override
    async def async_step_confirm(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Ask, then record the answer."""
        if user_input is not None:
            try:
                ledger = await async_get_ledger(self.hass)
                await ledger.run(self._settle)
            except LedgerError:
                return self.async_abort(reason="not_stored")
        return await super().async_step_confirm(user_input)

    def _settle(self, connection: Connection) -> None:
        data = self.data or {}
        now_ms = int(dt_util.utcnow().timestamp() * 1000)
        if key := data.get(DATA_REFUND_KEY):
            refunds.settle(connection, str(key), now_ms)
        if order_id := data.get(DATA_ORDER_ID):
            unreported.seen(connection, str(order_id), now_ms)


async def async_create_fix_flow(
    hass: HomeAssistant,  # noqa: ARG001 - Home Assistant's signature
    issue_id: str,  # noqa: ARG001
    data: dict[str, str | int | float | None] | None,  # noqa: ARG001
) -> RepairsFlow:
    """Return the flow for an issue; every fixable one of ours is an open item."""
    return SettleFlow()
