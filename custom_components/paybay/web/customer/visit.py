"""One request of a customer: in which language, from which browser, of which client."""

from dataclasses import dataclass, field
import re
import secrets
from typing import Self
from urllib.parse import urlencode

from aiohttp import hdrs, web

from .buckets import client_of
from .texts import Texts, is_known, preferred, texts_in

WATCH_CODE = re.compile(r"[A-Za-z0-9_-]{32}")
_VISITOR = re.compile(r"[A-Za-z0-9_-]{22}")
_VISITOR_COOKIE, _LANGUAGE_COOKIE = "paybay_visitor", "paybay_language"
_ORDER_COOKIE = "paybay_order"
_QUERY = "lang"
_DAY_S = 24 * 3600
ROOT = "/paybay"


@dataclass(slots=True, kw_only=True)
class Visit:
    """Who looks; what it remembers goes into the answer's cookies.

    `visitor` is random and tells nothing; `order` is the watch code of the order that
    this browser made at the bay whose page it asks for.
    """

    request: web.Request
    t: Texts
    client: str
    visitor: str | None
    order: str | None
    _cookies: list[tuple[str, str, str, int]] = field(default_factory=list)

    @classmethod
    def of(cls, request: web.Request) -> Self:
        """Read what a browser sent with its request."""
        visit = cls(
            request=request,
            t=texts_in(_language(request)),
            client=client_of(request.remote),
            visitor=_cookie(request, _VISITOR_COOKIE, _VISITOR),
            order=_cookie(request, _ORDER_COOKIE, WATCH_CODE),
        )
        if asked := _asked(request):
            visit._cookies.append((_LANGUAGE_COOKIE, asked, ROOT, 365 * _DAY_S))
        return visit

    def name_visitor(self) -> str:
        """Return the browser's name, a new one if it has none yet."""
        if self.visitor is None:
            self.visitor = secrets.token_urlsafe(16)
            self._cookies.append((_VISITOR_COOKIE, self.visitor, ROOT, _DAY_S))
        return self.visitor

    def remember_order(self, bay_id: str, watch_code: str) -> None:
        """Have the browser find its order when it comes back to this bay."""
        path = f"{ROOT}/{bay_id}"
        self._cookies.append((_ORDER_COOKIE, watch_code, path, 2 * _DAY_S))

    def finish(self, response: web.Response) -> web.Response:
        """Return the answer with all that is to be remembered.

        A language that was asked for goes along where the answer leads to our pages: a
        browser may keep no cookies.
        """
        to, asked = response.headers.get(hdrs.LOCATION, ""), _asked(self.request)
        if asked and to.startswith(f"{ROOT}/"):
            response.headers[hdrs.LOCATION] = f"{to}?{urlencode({_QUERY: asked})}"
        for name, value, path, max_age in self._cookies:
            response.set_cookie(
                name,
                value,
                path=path,
                max_age=max_age,
                httponly=True,
                samesite="Lax",
                secure=self.request.secure,
            )
        return response


def _asked(request: web.Request) -> str | None:
    """Return the language that an address asks for, if we speak it."""
    asked = request.query.get(_QUERY, "")
    return asked if is_known(asked) else None


def _language(request: web.Request) -> str:
    for asked in (_asked(request), request.cookies.get(_LANGUAGE_COOKIE)):
        if asked and is_known(asked):
            return asked
    return preferred(request.headers.get(hdrs.ACCEPT_LANGUAGE, ""))


def _cookie(request: web.Request, name: str, shape: re.Pattern[str]) -> str | None:
    value = request.cookies.get(name, "")
    return value if shape.fullmatch(value) else None
