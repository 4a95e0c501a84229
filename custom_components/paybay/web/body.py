"""Reading what is sent to us, but never more than it may be."""

from aiohttp import web


async def read_body(request: web.Request, max_bytes: int) -> bytes | None:
    """Return a request's body; None if it is longer than it may be."""
    if (request.content_length or 0) > max_bytes:
        return None
    body = bytearray()
    async for chunk in request.content.iter_any():
        body += chunk
        if len(body) > max_bytes:
            return None
    return bytes(body)
