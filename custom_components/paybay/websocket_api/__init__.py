"""What screens ask of PayBay over Home Assistant's WebSocket; `docs/websocket.md`."""

from .commands import async_setup_websocket_api

__all__ = ["async_setup_websocket_api"]
