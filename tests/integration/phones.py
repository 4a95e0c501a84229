"""Phones with the Home Assistant app, for real but for the push service.

phone = await Phone.register(hass, client, user, push, "Owner's phone")
await phone.tap("PAYBAY_REFUND_...")      # as the app does, under its user
phone.told[-1]["title"]                   # what was pushed to it
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Self

from homeassistant.auth.models import User
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.test_util.aiohttp import AiohttpClientMocker

PUSH = "https://push.example.com/"


@dataclass(frozen=True, kw_only=True)
class Phone:
    """A phone of one user; it knows what was pushed to it."""

    hass: HomeAssistant
    post: Callable[[dict[str, Any]], Awaitable[int]]
    pushes: AiohttpClientMocker
    url: str
    entry: MockConfigEntry

    @classmethod
    async def register(
        cls,
        hass: HomeAssistant,
        client: Callable[[], Awaitable[Any]],
        user: User,
        pushes: AiohttpClientMocker,
        name: str,
    ) -> Self:
        """Set up the app's integration for a phone."""
        url = f"{PUSH}{len(hass.config_entries.async_entries('mobile_app'))}"
        data = _data(url, name) | {"user_id": user.id}
        entry = MockConfigEntry(domain="mobile_app", title=name, data=data)
        pushes.post(url, status=201, json={})
        entry.add_to_hass(hass)
        if "mobile_app" not in hass.config.components:
            assert await async_setup_component(hass, "mobile_app", {})
        else:
            assert await hass.config_entries.async_setup(entry.entry_id)
        await hass.async_block_till_done()
        web = await client()

        async def post(body: dict[str, Any]) -> int:
            answer = await web.post(
                f"/api/webhook/{url.rsplit('/', maxsplit=1)[-1]}", json=body
            )
            return int(answer.status)

        return cls(hass=hass, post=post, pushes=pushes, url=url, entry=entry)

    @property
    def told(self) -> list[dict[str, Any]]:
        """What was pushed to it, oldest first."""
        return [
            body for _, to, body, _ in self.pushes.mock_calls if str(to) == self.url
        ]

    @property
    def device_id(self) -> str:
        """Its device."""
        (device,) = dr.async_entries_for_config_entry(
            dr.async_get(self.hass), self.entry.entry_id
        )
        return device.id

    @property
    def notify(self) -> str:
        """Its notify entity."""
        found = er.async_entries_for_config_entry(
            er.async_get(self.hass), self.entry.entry_id
        )
        return next(each.entity_id for each in found if each.domain == "notify")

    async def tap(self, action: str) -> None:
        """Tap a button, as the app tells it."""
        event = {"event_type": "mobile_app_notification_action"}
        event_data = {"event_data": {"action": action}}
        assert (
            await self.post({"type": "fire_event", "data": event | event_data}) == 200
        )
        await self.hass.async_block_till_done(wait_background_tasks=True)


def _data(url: str, name: str) -> dict[str, Any]:
    return {
        "app_data": {"push_token": "token", "push_url": url},
        "app_id": "io.example.app",
        "app_name": "Home Assistant",
        "app_version": "1.0",
        "device_id": url,
        "device_name": name,
        "manufacturer": "Example",
        "model": "Phone",
        "os_name": "Example OS",
        "os_version": "1.0",
        "supports_encryption": False,
        "webhook_id": url.rsplit("/", maxsplit=1)[-1],
    }
