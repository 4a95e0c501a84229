"""The customer's and the provider's side: the emulator's pay page and control API."""

import base64
from dataclasses import dataclass
from http import HTTPStatus
from io import BytesIO
import json
from typing import Any
from urllib.parse import urlsplit

from aiohttp import ClientError, ClientSession, ClientTimeout
from PIL import Image
import zxingcpp

from .waiting import poll

type Json = dict[str, Any]


PAID = ("payment.captured", "order.paid", "payment_link.paid")


class TillError(Exception):
    """The pay page or the emulator did something unexpected; the text says what."""


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One webhook as it was sent, and the answer; no status: nobody answered."""

    event_id: str
    event: str
    number: int
    status: int | None
    took_ms: int

    @property
    def accepted(self) -> bool:
        """Return whether the receiver took responsibility for it."""
        return self.status is not None and self.status // 100 == 2  # noqa: PLR2004

    @property
    def refused(self) -> bool:
        """Return whether the receiver took it for a forgery."""
        return self.status == HTTPStatus.FORBIDDEN


def read_qr(data_uri: str) -> str:
    """Return the text in a QR code that came as `data:image/png;base64,...`."""
    kind, _, encoded = data_uri.partition(",")
    if kind != "data:image/png;base64":
        raise TillError(f"the QR code is no PNG: {kind[:40]}")
    found = zxingcpp.read_barcodes(Image.open(BytesIO(base64.b64decode(encoded))))
    if len(found) != 1:
        raise TillError(f"a phone would see {len(found)} codes in the QR image")
    return str(found[0].text)


class Till:
    """One emulator, from outside."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self._session = ClientSession(timeout=ClientTimeout(total=30))

    async def close(self) -> None:
        """Leave."""
        await self._session.close()

    async def is_open(self) -> bool:
        """Return whether the emulator answers."""
        try:
            await self.books()
        except ClientError, TimeoutError, OSError:
            return False
        return True

    async def open(self, url: str) -> None:
        """Open a pay page; raise TillError if there is nothing to pay."""
        async with self._session.get(url) as page:
            form = f'action="{urlsplit(url).path}/pay"'
            if not page.ok or form not in await page.text():
                raise TillError(f"{url} offers nothing to pay ({page.status})")

    async def press(self, url: str, button: str = "success") -> None:
        """Press a button of a pay page; raise TillError."""
        pressed = self._session.post(
            f"{url}/pay", data={"outcome": button}, allow_redirects=False
        )
        async with pressed as answer:
            if answer.status != HTTPStatus.SEE_OTHER:
                raise TillError(f"{url}/pay answered {answer.status}")

    async def books(self) -> Json:
        """Return all that the emulator knows."""
        async with self._session.get(f"{self.url}/_emulator/books") as answer:
            books: Json = await answer.json()
            return books

    async def control(self, path: str, /, **body: Any) -> Any:
        """Do something under `/_emulator/`; raise TillError."""
        url = f"{self.url}/_emulator/{path}"
        async with self._session.post(url, json=body) as answer:
            text = await answer.text()
            if not answer.ok:
                raise TillError(f"{path}: {text}")
            return json.loads(text)

    async def events(self, order_id: str) -> dict[str, str]:
        """Return the ids of all events about an order's payments and link, by name."""
        books = await self.books()
        about = _entities(books, order_id)
        return {
            event["event"]: event["id"]
            for event in books["events"]
            if about & set(event["entities"].values())
        }

    async def attempts(self, order_id: str) -> list[Attempt]:
        """Return all tries to deliver the events about an order, oldest first."""
        ids = set((await self.events(order_id)).values())
        return [
            Attempt(**{name: each[name] for name in Attempt.__annotations__})
            for each in (await self.books())["deliveries"]
            if each["event_id"] in ids
        ]

    async def wait_answered(
        self, order_id: str, *, within_s: float = 30
    ) -> list[Attempt]:
        """Return the first tries once one was accepted, or refused for good."""

        async def look() -> list[Attempt] | None:
            tries = await self.attempts(order_id)
            over = any(
                each.accepted or each.status == HTTPStatus.FORBIDDEN for each in tries
            )
            return tries if over else None

        what = f"the answer to a webhook about order {order_id}"
        return await poll(look, what, within_s=within_s, every_s=0.01)


def _entities(books: Json, order_id: str) -> set[str]:
    found: set[str] = set()
    for link in books["links"]:
        if link["reference_id"] == order_id:
            payments = [each["payment_id"] for each in link["payments"] or []]
            found |= {link["id"], *payments}
    return found
