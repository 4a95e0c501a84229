"""Form tokens: a form of ours, shown to this browser, not long ago, used once."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Coroutine
import hmac
import secrets
from typing import Any

LIFE_S = 3600
MAX_USED = 1000
_NONCE_CHARS = 22


def new_secret() -> str:
    """Return something that nobody guesses."""
    return secrets.token_hex(32)


class FormTokens:
    """Makes and checks tokens; times are Unix seconds, so that they outlive a restart.

    Nothing is kept of a token: its signature says that it is ours.
    """

    def __init__(self, secret: bytes) -> None:
        """Sign with this secret."""
        self._secret = secret

    def make(self, visitor: str, bay_id: str, now_s: float) -> str:
        """Return a token for a form of this bay in this visitor's browser."""
        nonce, ends_s = secrets.token_urlsafe(16), int(now_s) + LIFE_S
        return f"{nonce}.{ends_s}.{self._sign(visitor, bay_id, nonce, ends_s)}"

    def nonce(self, token: str, visitor: str, bay_id: str, now_s: float) -> str | None:
        """Return what is unique about a token; None for one that does not count."""
        nonce, _, rest = token.partition(".")
        ends, _, signature = rest.partition(".")
        if len(nonce) != _NONCE_CHARS or not ends.isascii() or not ends.isdecimal():
            return None
        if len(ends) > 12 or int(ends) < now_s:  # noqa: PLR2004
            return None
        right = self._sign(visitor, bay_id, nonce, int(ends))
        given = signature.encode("utf-8", "replace")
        return nonce if hmac.compare_digest(right.encode(), given) else None

    def _sign(self, visitor: str, bay_id: str, nonce: str, ends_s: int) -> str:
        message = "|".join((visitor, bay_id, nonce, str(ends_s)))
        message_bytes = message.encode("utf-8", "replace")
        return hmac.digest(self._secret, message_bytes, "sha256").hex()


class Once[T]:
    """Does a thing once for each key: who asks again gets the same answer.

    The last MAX_USED answers are remembered. What failed may be tried again.
    """

    def __init__(
        self, spawn: Callable[[Coroutine[Any, Any, T]], asyncio.Task[T]]
    ) -> None:
        """`spawn` runs the work, also when whoever asked has left."""
        self._spawn = spawn
        self._done: OrderedDict[str, asyncio.Task[T]] = OrderedDict()

    async def do(self, key: str, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Return the answer of `work`, or raise what it raises."""
        task = self._done.get(key)
        if task is None:
            task = self._done[key] = self._spawn(work())
            while len(self._done) > MAX_USED:
                self._done.popitem(last=False)
        try:
            return await asyncio.shield(task)
        except Exception:
            # What failed, however it did, may be tried again with the same form.
            if self._done.get(key) is task:
                del self._done[key]
            raise
