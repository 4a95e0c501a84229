"""How the customer's pages answer: strict headers, templates that escape everything."""

import hashlib
from http import HTTPStatus
import os
from pathlib import Path
from typing import Any, Final

from aiohttp import hdrs, web
from jinja2 import DictLoader, Environment, StrictUndefined

from ...const import ENV_RAZORPAY_URL

_FOLDER = Path(__file__).parent.parent
_TYPES = {"page.css": "text/css", "page.js": "text/javascript"}
STATIC_PATH: Final = "/paybay/static/{name}"


def _environment() -> Environment:
    files = sorted((_FOLDER / "templates").glob("*.html"))
    sources = {file.name: file.read_text("utf-8") for file in files}
    made = Environment(
        autoescape=True,
        loader=DictLoader(sources),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    # Compiled now, in the executor that imports us, and not in the event loop.
    for name in sources:
        made.get_template(name)
    return made


def _assets() -> dict[str, tuple[str, bytes]]:
    """Return each file by a name that changes with what is in it."""
    found = {}
    for name, content_type in _TYPES.items():
        body = (_FOLDER / "static" / name).read_bytes()
        stem, _, suffix = name.partition(".")
        mark = hashlib.sha256(body).hexdigest()[:12]
        found[f"{stem}.{mark}.{suffix}"] = (content_type, body)
    return found


TEMPLATES = _environment()
ASSETS = _assets()
_URLS = {name.rpartition(".")[2]: STATIC_PATH.format(name=name) for name in ASSETS}


def _policy() -> str:
    # A form leads on to the payment page, and browsers check that too. Which hosts a
    # provider sends its customers through is its own affair, so any of https may be.
    emulator = os.environ.get(ENV_RAZORPAY_URL, "").rstrip("/")
    return "; ".join(
        (
            "default-src 'none'",
            "style-src 'self'",
            "script-src 'self'",
            "connect-src 'self'",
            "img-src data:",
            f"form-action 'self' https: {emulator}".rstrip(),
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    )


def _headers() -> dict[str, str]:
    return {
        "Content-Security-Policy": _policy(),
        hdrs.CACHE_CONTROL: "no-store",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
        "Referrer-Policy": "no-referrer",
        "X-Robots-Tag": "noindex",
        hdrs.X_CONTENT_TYPE_OPTIONS: "nosniff",
    }


def render(template: str, **values: Any) -> str:
    """Return a template's HTML."""
    return TEMPLATES.get_template(template).render(
        css=_URLS["css"], js=_URLS["js"], **values
    )


def html(
    text: str, status: HTTPStatus = HTTPStatus.OK, *, retry_after_s: int | None = None
) -> web.Response:
    """Answer with a page."""
    headers = _headers()
    if retry_after_s is not None:
        headers[hdrs.RETRY_AFTER] = str(retry_after_s)
    return web.Response(
        text=text, content_type="text/html", status=status, headers=headers
    )


def data(
    body: Any, *, etag: str | None = None, status: HTTPStatus = HTTPStatus.OK
) -> web.Response:
    """Answer with JSON."""
    headers = _headers()
    if etag is not None:
        headers[hdrs.ETAG] = f'"{etag}"'
    return web.json_response(body, status=status, headers=headers)


def unchanged(etag: str) -> web.Response:
    """Answer that it is what the browser has."""
    headers = _headers()
    headers[hdrs.ETAG] = f'"{etag}"'
    return web.Response(status=HTTPStatus.NOT_MODIFIED, headers=headers)


def events() -> web.StreamResponse:
    """Return the beginning of a stream of events, which no proxy may hold back."""
    response = web.StreamResponse(headers=_headers() | {"X-Accel-Buffering": "no"})
    response.content_type = "text/event-stream"
    response.charset = "utf-8"
    return response


def nothing_more() -> web.Response:
    """Answer that no more can listen now; a browser gives up on the stream then."""
    return web.Response(status=HTTPStatus.TOO_MANY_REQUESTS, headers=_headers())


def see_other(location: str) -> web.Response:
    """Send the browser on, with a GET."""
    headers = _headers()
    headers[hdrs.LOCATION] = location
    return web.Response(status=HTTPStatus.SEE_OTHER, headers=headers)


def asset(name: str) -> web.Response:
    """Answer with a stylesheet or a script; a browser may keep it for ever."""
    if name not in ASSETS:
        return web.Response(status=HTTPStatus.NOT_FOUND, headers=_headers())
    content_type, body = ASSETS[name]
    headers = _headers()
    headers[hdrs.CACHE_CONTROL] = "public, max-age=31536000, immutable"
    return web.Response(
        body=body,
        content_type=content_type,
        charset="utf-8",
        headers=headers,
    )
