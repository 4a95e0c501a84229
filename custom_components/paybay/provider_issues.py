"""The repair issue of keys that are refused while customers wait for their money."""

from collections.abc import Callable

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir
from sqlalchemy import Connection

from .const import DOMAIN
from .domain.money import Money
from .ledger import refunds
from .site import PayBayConfigEntry

ISSUE_KEYS_REFUSED = "keys_refused_money_owed"


@callback
def async_track_provider(
    hass: HomeAssistant, entry: PayBayConfigEntry
) -> Callable[[], None]:
    """Keep the issue in step; it goes when the keys work, or nothing is owed."""
    site = entry.runtime_data
    issue_id = f"{ISSUE_KEYS_REFUSED}_{entry.entry_id}"

    def owed(connection: Connection) -> list[Money]:
        found = refunds.unsettled(connection, entry.entry_id)
        return [refund.amount for refund in found]

    async def judge() -> None:
        amounts = await site.ledger.run(owed) if site.reachability.refused else []
        if not amounts:
            ir.async_delete_issue(hass, DOMAIN, issue_id)
            return
        total = Money(sum(amount.minor for amount in amounts), amounts[0].currency)
        ir.async_create_issue(
            hass,
            DOMAIN,
            issue_id,
            is_fixable=False,
            severity=ir.IssueSeverity.ERROR,
            translation_key=ISSUE_KEYS_REFUSED,
            translation_placeholders={"site": entry.title, "amount": str(total)},
        )

    @callback
    def changed() -> None:
        entry.async_create_task(hass, judge(), DOMAIN)

    leave = [site.reachability.listen(changed), site.refunder.listen(changed)]

    @callback
    def stop() -> None:
        for unlisten in leave:
            unlisten()
        ir.async_delete_issue(hass, DOMAIN, issue_id)

    return stop
