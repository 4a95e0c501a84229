"""The switch that opens and closes a site."""

from typing import Any, override

from homeassistant.components.switch import SwitchEntity, SwitchEntityDescription

from .entity import PayBayEntity
from .errors import translated_errors
from .site import Site

OPEN = SwitchEntityDescription(key="site_open", translation_key="site_open")


class SiteSwitch(PayBayEntity, SwitchEntity):
    """On while the site sells."""

    def __init__(self, site: Site, title: str) -> None:
        """Show this site; its title is for error messages."""
        super().__init__(site.entry_id, OPEN)
        self._site = site
        self._title = title

    @override
    async def async_added_to_hass(self) -> None:
        """Follow the sign."""
        await super().async_added_to_hass()
        self.async_on_remove(self._site.sign.listen(self.async_write_ha_state))

    @property
    @override
    def is_on(self) -> bool:
        """Return whether the site is open."""
        return self._site.sign.is_open

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        """Sell again."""
        await self._turn(is_open=True)

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        """Sell nothing more, and withdraw what is offered."""
        await self._turn(is_open=False)

    async def _turn(self, *, is_open: bool) -> None:
        await self._who()
        with translated_errors(self._title):
            await self._site.sign.turn(is_open=is_open)
        self._site.reconciler.reconcile_soon()
