"""Every address that PayBay serves, and strange requests to it."""

from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPConnection
import importlib
from itertools import count
from pathlib import Path
import pkgutil
import re
from typing import Self
from urllib.parse import quote

from homeassistant.helpers.http import HomeAssistantView
from hypothesis import strategies as st

import custom_components.paybay
from custom_components.paybay import web

PACKAGE = custom_components.paybay.__name__
BODY_READ = 65536
ANSWER_WITHIN_S = 30.0
_FIELD = re.compile(r"{[^}]*}")
_clients = count()


@dataclass(frozen=True, kw_only=True)
class Request:
    """One request, as its bytes go over the wire."""

    method: str
    path: str
    headers: tuple[tuple[str, str], ...]
    body: bytes


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came back; of a stream only its head is read."""

    status: int
    headers: dict[str, str]
    text: str

    @property
    def is_page(self) -> bool:
        """Return whether a browser would show it as a page."""
        return self.headers.get("content-type", "").startswith("text/html")

    @classmethod
    def to(cls, request: Request, port: int) -> Self:
        """Ask as a new client: the limits are not what is looked at."""
        number = next(_clients)
        source = f"127.0.{2 + number // 250 % 250}.{1 + number % 250}"
        connection = HTTPConnection(
            "127.0.0.1", port, timeout=ANSWER_WITHIN_S, source_address=(source, 0)
        )
        try:
            connection.request(
                request.method, request.path, request.body, dict(request.headers)
            )
            found = connection.getresponse()
            headers = {name.lower(): value for name, value in found.getheaders()}
            streams = headers.get("content-type", "").startswith("text/event-stream")
            text = b"" if streams else found.read(BODY_READ)
            return cls(
                status=found.status, headers=headers, text=text.decode(errors="replace")
            )
        finally:
            connection.close()


def urls() -> list[str]:
    """Return all addresses, with their fields in braces, as the views tell them."""
    for module in pkgutil.walk_packages(web.__path__, f"{web.__name__}."):
        importlib.import_module(module.name)
    return sorted(
        {
            view.url
            for view in _views(HomeAssistantView)
            if view.__module__.startswith(PACKAGE) and view.url is not None
        }
    )


def _views(base: type[HomeAssistantView]) -> Iterator[type[HomeAssistantView]]:
    for view in base.__subclasses__():
        yield view
        yield from _views(view)


def requests(
    known: dict[str, str], fields: dict[str, str]
) -> st.SearchStrategy[Request]:
    """Return requests to our addresses, most of them wrong.

    `known` are values that lead somewhere, by the name of an address's field; `fields`
    are those of a form.
    """
    odd = st.one_of(
        st.text(max_size=60).map(lambda text: quote(text, safe="")),
        st.sampled_from(
            [
                "%00",
                "..%2f..",
                "a" * 3000,
                "%ff%fe",
                "-",
                "nan",
                "\N{MATHEMATICAL DOUBLE-STRUCK SMALL P}",
                "%0d%0a",
            ]
        ),
    )

    def fill(url: str) -> st.SearchStrategy[str]:
        names = [name[1:-1].partition(":")[0] for name in _FIELD.findall(url)]
        values = [
            st.one_of(st.just(known[n]), odd) if n in known else odd for n in names
        ]
        shape = _FIELD.sub("{}", url)
        return st.tuples(*values).map(lambda chosen: shape.format(*chosen))

    query = st.one_of(
        st.just(""),
        st.sampled_from(
            ["?lang=hi", "?lang=xx", "?razorpay_signature=0", "?a=" + "b" * 4000]
        ),
        st.text(max_size=30).map(lambda text: "?" + quote(text, safe="=&")),
    )
    paths = st.tuples(st.sampled_from(urls()).flatmap(fill), query).map("".join)
    return st.builds(
        Request,
        method=_METHODS,
        path=paths.map(_ascii),
        headers=_HEADERS,
        body=_bodies(fields),
    )


def _ascii(path: str) -> str:
    return quote(path, safe="/%?=&.-_~")


_METHODS = st.one_of(
    st.sampled_from(["GET", "POST"]),
    st.sampled_from(
        ["GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH", "BREW"]
    ),
)
_WORDS = st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=80)
_HEADERS = st.dictionaries(
    st.sampled_from(
        [
            "Accept-Language",
            "Content-Type",
            "Cookie",
            "Forwarded",
            "If-None-Match",
            "Last-Event-ID",
            "Origin",
            "Range",
            "Referer",
            "Sec-Fetch-Site",
            "X-Razorpay-Signature",
            "x-razorpay-event-id",
        ]
    ),
    st.one_of(
        _WORDS,
        st.sampled_from(
            [
                "application/x-www-form-urlencoded",
                "application/json",
                "multipart/form-data",
                "multipart/form-data; boundary=x",
                "text/event-stream",
                "https://elsewhere.example",
                "https://[",
                "paybay_visitor=x; paybay_order=" + "A" * 32,
                "cross-site",
                "hi;q=1,*;q=nan",
            ]
        ),
    ),
    max_size=5,
).map(lambda headers: tuple(headers.items()))


def _bodies(fields: dict[str, str]) -> st.SearchStrategy[bytes]:
    """Return nothing, garbage, too much, and forms with this and that wrong."""
    value = st.one_of(st.sampled_from(sorted(fields.values())), st.text(max_size=60))
    form = st.dictionaries(st.sampled_from([*fields, "x"]), value, max_size=4)
    return st.one_of(
        st.just(b""),
        st.binary(max_size=200),
        st.sampled_from([b"{}", b"[" * 4000, b"\xff" * 100, b"x" * 200_000]),
        form.map(
            lambda f: "&".join(
                f"{k}={quote(v, safe='')}" for k, v in f.items()
            ).encode()
        ),
    )


def log_of(site_directory: Path) -> str:
    """Return what Home Assistant has written so far; a traceback names its files."""
    logs = (site_directory / "logs").glob("home*assistant*")
    return "\n".join(log.read_text("utf-8", errors="replace") for log in logs)
