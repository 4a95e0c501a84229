"""Buttons of a site."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import override

from homeassistant.components.button import ButtonEntity, ButtonEntityDescription
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .entity import PayBayEntity
from .errors import fault, translated_errors
from .people import async_require_admin
from .site import PayBayConfigEntry, Site
from .stop_all import async_stop_everything

# Nobody should wait for somebody else's button.
PARALLEL_UPDATES = 0


@dataclass(frozen=True, kw_only=True)
class SiteButtonDescription(ButtonEntityDescription):
    """A button that does something at a whole site, for a user (None: nobody).

    `admin`: only administrators may press it, as with the action of that name.
    """

    press_fn: Callable[[Site, str | None], Awaitable[None]]
    admin: bool = False


async def _reconcile(site: Site, _by_user: str | None) -> None:
    tally = await site.reconciler.reconcile(thorough=True)
    if tally.unanswered:
        raise fault("reconcile_incomplete", unanswered=str(tally.unanswered))


async def _stop_everything(site: Site, by_user: str | None) -> None:
    with translated_errors("PayBay"):
        awaited = await async_stop_everything(site, by_user)
    if awaited:
        names = ", ".join(bay.config.name for bay in awaited)
        raise fault("stop_awaited", bay=names)


BUTTONS = (
    SiteButtonDescription(
        key="stop_everything",
        translation_key="stop_everything",
        press_fn=_stop_everything,
    ),
    SiteButtonDescription(
        key="reconcile",
        translation_key="reconcile",
        entity_category=EntityCategory.DIAGNOSTIC,
        press_fn=_reconcile,
        admin=True,
    ),
)


async def async_setup_entry(
    hass: HomeAssistant,  # noqa: ARG001 - Home Assistant's signature
    entry: PayBayConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up a site's buttons."""
    site = entry.runtime_data
    async_add_entities(SiteButton(site, description) for description in BUTTONS)


class SiteButton(PayBayEntity, ButtonEntity):
    """A button of a site."""

    entity_description: SiteButtonDescription

    def __init__(self, site: Site, description: SiteButtonDescription) -> None:
        """Serve this site."""
        super().__init__(site.entry_id, description)
        self._site = site

    @override
    async def async_press(self) -> None:
        """Do it, if whoever presses it may."""
        context = self._context
        by_user = await self._who()
        if self.entity_description.admin and context:
            await async_require_admin(self.hass, context)
        await self.entity_description.press_fn(self._site, by_user)
