"""Hands exported files to those who may have them."""

from http import HTTPStatus
from pathlib import Path
import re

from aiohttp import hdrs, web
from homeassistant.components.http.const import KEY_HASS_USER
from homeassistant.core import HomeAssistant
from homeassistant.helpers.http import HomeAssistantView

from ..const import EXPORT_PATH
from ..export_action import folder_of

_NAME = re.compile(r"paybay_[0-9_-]+_[0-9a-f]{16}\.csv")


class ExportView(HomeAssistantView):
    """Downloads, for admins and for whoever has a link that was signed for one."""

    url = EXPORT_PATH
    name = "api:paybay:exports"
    cors_allowed = False

    def __init__(self, hass: HomeAssistant) -> None:
        """Serve this Home Assistant."""
        self._hass = hass

    async def get(self, request: web.Request, name: str) -> web.StreamResponse:
        """Return the file; 401 without a right to it, 404 if there is none."""
        user = request[KEY_HASS_USER]
        # A link signed for an automation bears Home Assistant's own user.
        if not user.is_admin and not user.system_generated:
            return web.Response(status=HTTPStatus.UNAUTHORIZED)
        path = folder_of(self._hass) / name
        if not _NAME.fullmatch(name) or not await self._exists(path):
            return web.Response(status=HTTPStatus.NOT_FOUND)
        return web.FileResponse(path, headers=_headers(name))

    async def _exists(self, path: Path) -> bool:
        return await self._hass.async_add_executor_job(path.is_file)


def _headers(name: str) -> dict[str, str]:
    return {
        hdrs.CONTENT_TYPE: "text/csv; charset=utf-8; header=present",
        hdrs.CONTENT_DISPOSITION: f'attachment; filename="{name}"',
        hdrs.CACHE_CONTROL: "private, no-store",
        hdrs.X_CONTENT_TYPE_OPTIONS: "nosniff",
    }
