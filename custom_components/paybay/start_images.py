"""Images of a bay's start page: its QR code, and the poster that leads there."""

from abc import abstractmethod
from datetime import datetime
from typing import override

from homeassistant.components.image import ImageEntity, ImageEntityDescription
from homeassistant.core import HomeAssistant, callback
from homeassistant.util import dt as dt_util

from .bay import Bay
from .entity import PayBayEntity
from .public_url import async_follow_public_url, start_url
from .qr import qr_png
from .site import Site
from .web.posters.content import Content, Format, Size
from .web.posters.files import poster
from .web.posters.words import content_of, default_language

START_QR = ImageEntityDescription(key="start_qr", translation_key="start_qr")
POSTER = ImageEntityDescription(key="poster", translation_key="poster")


class _StartImage[Shown](PayBayEntity, ImageEntity):
    """A picture of what leads to a bay's page; unavailable without a public address.

    It is new whenever what it shows is another, such as the address.
    """

    entity_description: ImageEntityDescription
    _attr_content_type = "image/png"

    def __init__(
        self, hass: HomeAssistant, bay: Bay, description: ImageEntityDescription
    ) -> None:
        """Show this bay's."""
        ImageEntity.__init__(self, hass)
        super().__init__(bay.config.id, description)
        self._bay = bay
        self._shown: Shown | None = None
        self._since: datetime | None = None

    @abstractmethod
    def _now(self) -> Shown | None:
        """Return what is to be shown now."""

    @override
    async def async_added_to_hass(self) -> None:
        """Look now, and whenever our own address or name may have changed."""
        await super().async_added_to_hass()
        self._look()
        self.async_on_remove(async_follow_public_url(self.hass, self._changed))

    def _look(self) -> bool:
        """Return whether there is something else to show than before."""
        now = self._now()
        if now == self._shown:
            return False
        self._shown = now
        self._since = dt_util.utcnow() if now is not None else None
        return True

    @callback
    def _changed(self) -> None:
        if self._look():
            self.async_write_ha_state()

    @property
    @override
    def available(self) -> bool:
        """Return whether there is something to show."""
        return self._shown is not None

    @property
    @override
    def image_last_updated(self) -> datetime | None:
        """Return since when it looks like this."""
        return self._since


class StartQrImage(_StartImage[str]):
    """The QR code of a bay's page."""

    def __init__(self, hass: HomeAssistant, bay: Bay) -> None:
        """Show this bay's."""
        super().__init__(hass, bay, START_QR)

    @override
    def _now(self) -> str | None:
        return start_url(self.hass, self._bay.config.id)

    @override
    async def async_image(self) -> bytes | None:
        """Return the code."""
        if self._shown is None:
            return None
        return await self.hass.async_add_executor_job(qr_png, self._shown)


class PosterImage(_StartImage[Content]):
    """The poster of a bay in Home Assistant's language, ready to print on A6."""

    def __init__(self, hass: HomeAssistant, bay: Bay, site: Site) -> None:
        """Show this bay's."""
        super().__init__(hass, bay, POSTER)
        self._site = site

    @override
    def _now(self) -> Content | None:
        return content_of(self.hass, self._site, self._bay, default_language(self.hass))

    @override
    async def async_image(self) -> bytes | None:
        """Return the poster."""
        if self._shown is None:
            return None
        return await self.hass.async_add_executor_job(
            poster, self._shown, Size.A6, Format.PNG
        )
