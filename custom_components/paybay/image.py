"""Images of a bay: its start page's QR code, its poster, its printed QR code."""

from datetime import datetime
from typing import override

from homeassistant.components.image import ImageEntity, ImageEntityDescription
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.util import dt as dt_util

from .bay import Bay
from .entity import PayBayEntity
from .printed_qrs import PrintedQrs
from .site import PayBayConfigEntry
from .start_images import PosterImage, StartQrImage

# Everything is pushed; the picture comes from the ledger.
PARALLEL_UPDATES = 0

PRINTED_QR = ImageEntityDescription(key="printed_qr", translation_key="printed_qr")


async def async_setup_entry(
    hass: HomeAssistant,
    entry: PayBayConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the images of each bay; a printed code's, once there is one."""
    site = entry.runtime_data
    for bay in site.bays.values():
        async_add_entities(
            [
                StartQrImage(hass, bay),
                PosterImage(hass, bay, site),
            ],
            config_subentry_id=bay.config.id,
        )
    waiting = dict(site.bays)

    @callback
    def add_printed() -> None:
        # Most bays never have such a code: an image without one looks broken.
        for bay_id in [key for key in waiting if site.printed_qrs.shown(key)]:
            image = PrintedQrImage(hass, waiting.pop(bay_id), site.printed_qrs)
            async_add_entities([image], config_subentry_id=bay_id)

    entry.async_on_unload(site.printed_qrs.listen(add_printed))
    add_printed()


class PrintedQrImage(PayBayEntity, ImageEntity):
    """The poster of a bay's newest printed QR code; unavailable without one."""

    entity_description: ImageEntityDescription

    def __init__(self, hass: HomeAssistant, bay: Bay, codes: PrintedQrs) -> None:
        """Show this bay's."""
        ImageEntity.__init__(self, hass)
        super().__init__(bay.config.id, PRINTED_QR)
        self._bay_id = bay.config.id
        self._codes = codes

    @override
    async def async_added_to_hass(self) -> None:
        """Follow the codes."""
        await super().async_added_to_hass()
        self.async_on_remove(self._codes.listen(self.async_write_ha_state))

    @property
    @override
    def available(self) -> bool:
        """Return whether there is something to show."""
        return self._codes.shown(self._bay_id) is not None

    @property
    @override
    def image_last_updated(self) -> datetime | None:
        """Return when the code was made; it never changes."""
        qr = self._codes.shown(self._bay_id)
        return dt_util.utc_from_timestamp(qr.created_ms / 1000) if qr else None

    @override
    async def async_image(self) -> bytes | None:
        """Return the picture; nobody outside is asked for it."""
        qr = self._codes.shown(self._bay_id)
        poster = await self._codes.poster(qr.key) if qr else None
        if poster is None:
            return None
        self._attr_content_type = poster.content_type
        return poster.image
