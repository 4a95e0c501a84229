"""Reading what is sent to us, but never more than it may be."""

from aiohttp import web
from homeassistant.util.aiohttp import MockRequest


async def read_body(request: web.Request | MockRequest, max_bytes: int) -> bytes | None:
    """Return a request's body; None if it is longer than it may be."""
    if isinstance(request, MockRequest):
        # Home Assistant Cloud's: all there, and with a reader of its own.
        whole = await request.content.read(max_bytes + 1)
        return None if len(whole) > max_bytes else whole
    if (request.content_length or 0) > max_bytes:
        return None
    body = bytearray()
    async for chunk in request.content.iter_any():
        body += chunk
        if len(body) > max_bytes:
            return None
    return bytes(body)
