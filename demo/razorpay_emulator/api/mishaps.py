"""What API calls meet when the knobs say so: refusals, silence, lost answers."""

import asyncio
from contextlib import suppress

from aiohttp import web

from ..errors import AUTHENTICATION_FAILED, ApiError
from ..faults import ApiFaultKind, Faults
from .edge import CORE, Handler, books_of, server_error

_PAGES = {
    ApiFaultKind.BAD_GATEWAY: (502, "Bad Gateway"),
    ApiFaultKind.GATEWAY_TIMEOUT: (504, "Gateway Time-out"),
}


@web.middleware
async def inject_faults(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Spoil API calls as the knobs say."""
    if not request.path.startswith("/v1"):
        return await handler(request)
    faults = books_of(request).faults
    kind = faults.take(request.method, request.path.rstrip("/"))
    if kind is None:
        return await handler(request)
    if kind in _PAGES:
        return _page(*_PAGES[kind])
    if error := _refusal(kind):
        raise error
    return await _interfere(request, handler, kind, faults)


async def _interfere(
    request: web.Request, handler: Handler, kind: ApiFaultKind, faults: Faults
) -> web.StreamResponse:
    """Lose or hold up a call or its answer."""
    if kind is ApiFaultKind.HANG:
        await _silence(request, faults.hang_s)
    if kind in (ApiFaultKind.HANG, ApiFaultKind.RESET):
        raise _cut(request)
    answer = await handler(request)
    if kind is ApiFaultKind.SLOW:
        await _silence(request, faults.slow_s)
        return answer
    if kind is ApiFaultKind.HANG_AFTER:
        await _silence(request, faults.hang_s)
    raise _cut(request)


def _refusal(kind: ApiFaultKind) -> ApiError | None:
    match kind:
        case ApiFaultKind.UNAUTHORIZED:
            return ApiError(AUTHENTICATION_FAILED, status=401)
        case ApiFaultKind.THROTTLED:
            return ApiError("Too many requests", status=429)
        case ApiFaultKind.SERVER_ERROR:
            return server_error()
    return None


def _page(status: int, title: str) -> web.Response:
    page = f"<html><head><title>{status} {title}</title></head></html>"
    return web.Response(status=status, text=page, content_type="text/html")


async def _silence(request: web.Request, seconds: float) -> None:
    """Say nothing for so many real seconds, or until the emulator ends."""
    closing = request.app[CORE].closing
    with suppress(TimeoutError):
        await asyncio.wait_for(closing.wait(), seconds)


def _cut(request: web.Request) -> web.HTTPException:
    if request.transport:
        request.transport.abort()
    return web.HTTPServiceUnavailable()
