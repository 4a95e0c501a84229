"""Razorpay's SDK, made to time out, to tell what went wrong and to share nothing."""

from collections import deque
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import Any, override

import certifi
import requests

from ..base import ProviderUnavailableError
from .entities import Entity
from .errors import error_of

TIMEOUT_S = (5, 20)
"""To connect, and between two bytes of an answer; the SDK itself waits for ever."""
_MAX_IDLE = 4

type Ask = Callable[[Any], Any]
"""One call on a `razorpay.Client`."""


class _Session(requests.Session):
    """A session that raises PayBay's own errors.

    The SDK drops the HTTP status, and prints what it catches; it lets exceptions
    that are not of `requests` through untouched.
    """

    def __init__(self, on_answer: Callable[[requests.Response], None]) -> None:
        """`on_answer` sees each readable success."""
        super().__init__()
        self._on_answer = on_answer

    @override
    def request(self, *args: Any, **kwargs: Any) -> requests.Response:
        """Make a request; raise a ProviderError for all but a readable success."""
        # A redirected POST would come back as a GET that did nothing.
        options = {"timeout": TIMEOUT_S} | kwargs | {"allow_redirects": False}
        try:
            response = super().request(*args, **options)
        except OSError as err:
            raise ProviderUnavailableError(f"no answer: {type(err).__name__}") from err
        _check(response)
        self._on_answer(response)
        return response


class Clients:
    """SDK clients for one account, each used by one thread at a time.

    A client holds one `requests` session, which is not safe to share. It is taken
    from the idle ones for a call and put back after it, so a call that hangs delays
    no other, and connections are kept open between calls.
    """

    def __init__(self, key_id: str, key_secret: str, base_url: str | None) -> None:
        """Remember the account; `base_url` points at an emulator."""
        self._auth = (key_id, key_secret)
        self._base_url = base_url
        self.on_time: Callable[[int], None] = lambda _: None
        """Hears the provider's Unix ms, in the thread that got the answer."""
        self._idle: deque[Any] = deque(maxlen=_MAX_IDLE)

    def call(self, ask: Ask) -> Entity:
        """Run `ask` on a client of its own and return the object answered.

        Blocks: for executor threads only. Raises ProviderError.
        """
        client = self._take()
        try:
            answer = ask(client)
        finally:
            self._idle.append(client)
        # The SDK answers 204 with the text "{}".
        return answer if isinstance(answer, dict) else {}

    def _take(self) -> Any:
        try:
            return self._idle.pop()
        except IndexError:
            return self._new()

    def _tell_time(self, response: requests.Response) -> None:
        """Pass on when the answer was made; one that does not say tells nothing."""
        try:
            made = parsedate_to_datetime(response.headers["Date"])
        except KeyError, ValueError:
            return
        self.on_time(int(made.timestamp() * 1000))

    def _new(self) -> Any:
        import razorpay  # noqa: PLC0415 - takes 0.3 s, which the loop must not wait

        session = _Session(self._tell_time)
        options = {}
        if self._base_url:
            session.trust_env = False  # no proxy stands before the loopback
            options["base_url"] = self._base_url
        client = razorpay.Client(session=session, auth=self._auth, **options)
        client.cert_path = certifi.where()  # the SDK's own bundle is of 2015
        client.set_app_details({"title": "PayBay"})
        return client


def _check(response: requests.Response) -> None:
    if response.status_code == requests.codes.no_content:
        return
    try:
        body = response.json()
    except ValueError, RecursionError:
        body = None
    if not response.ok or body is None or response.is_redirect:
        raise error_of(response.status_code, body)
