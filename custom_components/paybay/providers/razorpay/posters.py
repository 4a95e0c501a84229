"""Posters: the picture behind a QR code's short link."""

import re
from urllib.parse import urljoin, urlsplit

import certifi
import requests

from ..base import Poster, ProviderRefusedError, ProviderUnavailableError
from .client import TIMEOUT_S

MAX_BYTES = 4 * 2**20
_MAX_HOPS = 4
_CHUNK = 64 * 1024
_SHORT_LINKS = re.compile(r"(rzp\.io|([a-z0-9-]+\.)*razorpay\.com)")
_STORES = re.compile(
    r"(rzp\.io|([a-z0-9-]+\.)+(razorpay\.com|amazonaws\.com|cloudfront\.net))"
)
"""Where a short link may lead: the hosts of the pictures are not documented."""
_SIGNATURES = {"image/png": b"\x89PNG\r\n\x1a\n", "image/jpeg": b"\xff\xd8\xff"}


def fetch_poster(image_url: str, base_url: str | None) -> Poster:
    """Return the picture behind a short link; blocks.

    `base_url` is the emulator's, whose own addresses are then the only ones allowed.
    Raise ProviderRefusedError for another address, or for what is no picture.
    """
    url = image_url
    with requests.Session() as session:
        session.trust_env = base_url is None
        session.headers["Accept"] = ", ".join(_SIGNATURES)
        for hop in range(_MAX_HOPS):
            _check_address(url, base_url, first=hop == 0)
            answer = _get(session, url)
            with answer:
                if not answer.is_redirect:
                    return _picture(answer)
                url = urljoin(url, answer.headers["Location"])
    raise _refused("the picture's address leads in circles")


def _check_address(url: str, base_url: str | None, *, first: bool) -> None:
    if base_url is not None and url.startswith(f"{base_url}/"):
        return
    parts = urlsplit(url)
    allowed = _SHORT_LINKS if first else _STORES
    named = f"https://{parts.hostname}{parts.path}"
    plain = url.partition("?")[0] == named
    if base_url is not None or not plain or not allowed.fullmatch(str(parts.hostname)):
        raise _refused("the picture's address is not the provider's")


def _get(session: requests.Session, url: str) -> requests.Response:
    try:
        answer = session.get(
            url,
            timeout=TIMEOUT_S,
            allow_redirects=False,
            stream=True,
            verify=certifi.where(),
        )
    except OSError as err:
        raise ProviderUnavailableError(f"no picture: {type(err).__name__}") from err
    if answer.status_code >= requests.codes.bad_request:
        answer.close()
        raise ProviderUnavailableError(f"no picture: {answer.status_code}")
    return answer


def _picture(answer: requests.Response) -> Poster:
    content_type = answer.headers.get("Content-Type", "").partition(";")[0].strip()
    signature = _SIGNATURES.get(content_type)
    if signature is None:
        raise _refused("what should be a picture is none")
    image = bytearray()
    try:
        for chunk in answer.iter_content(_CHUNK):
            image += chunk
            if len(image) > MAX_BYTES:
                raise _refused("the picture is too large")
    except OSError as err:
        raise ProviderUnavailableError(f"no picture: {type(err).__name__}") from err
    if not image.startswith(signature):
        raise _refused("what should be a picture is none")
    return Poster(content_type, bytes(image))


def _refused(text: str) -> ProviderRefusedError:
    return ProviderRefusedError(text, 400, None)
