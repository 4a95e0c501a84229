"""The switch of a bay: on while a customer's order has the relay."""

from typing import Any, override

from homeassistant.components.switch import SwitchEntity, SwitchEntityDescription
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .bay import NothingToStartError, NothingToStopError
from .domain.orders import ClaimedBy
from .entity import BayEntity
from .errors import require_ended, translated_errors
from .site import PayBayConfigEntry
from .site_switch import SiteSwitch

# Not one at a time: a relay that is slow to answer must not hold up other bays.
PARALLEL_UPDATES = 0

SESSION = SwitchEntityDescription(key="session", translation_key="session", name=None)
IN_SERVICE = SwitchEntityDescription(
    key="in_service",
    translation_key="in_service",
    entity_category=EntityCategory.CONFIG,
)


async def async_setup_entry(
    hass: HomeAssistant,  # noqa: ARG001 - Home Assistant's signature
    entry: PayBayConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the site's switch, and each bay's."""
    async_add_entities([SiteSwitch(entry.runtime_data, entry.title)])
    for bay in entry.runtime_data.bays.values():
        async_add_entities(
            [BaySwitch(bay, SESSION), ServiceSwitch(bay, IN_SERVICE)],
            config_subentry_id=bay.config.id,
        )


class ServiceSwitch(BayEntity, SwitchEntity):
    """Whether a bay takes customers. The ledger remembers it, whatever happens here."""

    @property
    @override
    def is_on(self) -> bool:
        """Return whether it does."""
        return self.bay.face.in_service

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        """Take customers again."""
        await self._who()
        with translated_errors(self.bay.config.name):
            await self.bay.put_in_service(on=True)

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        """Take no more; a session that runs, and paid orders that wait, go on."""
        await self._who()
        with translated_errors(self.bay.config.name):
            await self.bay.put_in_service(on=False)


class BaySwitch(BayEntity, SwitchEntity):
    """Starts a paid order that waits, and stops the session that runs."""

    @property
    @override
    def is_on(self) -> bool:
        """Return whether an order has the relay, be it charging or paused."""
        return self.bay.face.order_id is not None

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        """Claim the first paid order that waits; a session that runs just goes on."""
        await self._who()
        if self.is_on:
            return
        with translated_errors(self.bay.config.name):
            try:
                await self.bay.start(None, ClaimedBy.SWITCH)
            except NothingToStartError:
                # Somebody else may be starting the same order at this moment.
                await self.bay.settle()
                if not self.is_on:
                    raise

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        """End the session that runs, if any."""
        by_user = await self._who()
        with translated_errors(self.bay.config.name):
            try:
                order = await self.bay.stop("stopped_by_owner", by_user=by_user)
            except NothingToStopError:
                return
            require_ended(order, self.bay.config.name)
