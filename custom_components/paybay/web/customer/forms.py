"""What browsers send: forms of ours, small and from our own pages."""

from http import HTTPStatus
from urllib.parse import parse_qs, urlsplit

from aiohttp import web

from ..body import read_body

MAX_FORM_BYTES = 4096
_FORM = "application/x-www-form-urlencoded"
_OURS = ("same-origin", "none")


class BadFormError(Exception):
    """A form that is not taken; `status` says why."""

    def __init__(self, status: HTTPStatus) -> None:
        """Keep the status."""
        super().__init__(status.phrase)
        self.status = status


async def read_form(request: web.Request) -> dict[str, str]:
    """Return a form's fields, the first of each name; raise BadFormError.

    403 from another website, 413 past 4 KiB, 415 for anything but a plain form.
    """
    if not _is_ours(request):
        raise BadFormError(HTTPStatus.FORBIDDEN)
    body = await read_body(request, MAX_FORM_BYTES)
    if body is None:
        raise BadFormError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    # A form without fields may come without a type as well.
    if body and request.content_type != _FORM:
        raise BadFormError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
    try:
        fields = parse_qs(body.decode("ascii"), max_num_fields=20)
    except ValueError:
        raise BadFormError(HTTPStatus.BAD_REQUEST) from None
    return {name: values[0] for name, values in fields.items()}


def _is_ours(request: web.Request) -> bool:
    """Return whether no other website sent this.

    Old browsers name no site, and none names an origin to a page that asks for no
    referrers: then the form's token or the order's key must do.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in _OURS
    origin = request.headers.get("Origin", "null")
    if origin == "null":
        return True
    try:
        return urlsplit(origin).netloc.lower() == request.host.lower()
    except ValueError:
        return False
