"""The customer's pages as a browser sees them: cookies, forms, redirects."""

from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any, override

from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.paybay.domain.orders import Order, OrderState
from custom_components.paybay.ledger import orders

type Client = TestClient[web.Request, web.Application]

BAY = "/paybay/bay_1"
ORDERS = f"{BAY}/orders"


class Reader(HTMLParser):
    """Collects what a page has: visible text, forms' fields, links, all tags."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    @override
    def handle_data(self, data: str) -> None:
        if data.strip():
            self.words.append(" ".join(data.split()))


@dataclass(frozen=True, kw_only=True)
class Page:
    """An answer that was read."""

    status: int
    headers: Any
    source: str

    @property
    def read(self) -> Reader:
        reader = Reader()
        reader.feed(self.source)
        return reader

    @property
    def text(self) -> str:
        return "\n".join(self.read.words)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.read.tags if name == tag]

    @property
    def plans(self) -> list[str | None]:
        buttons = self.all("button")
        return [each["value"] for each in buttons if each.get("name") == "plan"]

    @property
    def token(self) -> str:
        found = [i["value"] for i in self.all("input") if i.get("name") == "token"]
        assert found
        assert found[0]
        return found[0]

    @property
    def can_pay(self) -> bool:
        """Return whether there is any way from here to spend money."""
        links = [each.get("href") or "" for each in self.all("a")]
        return bool(self.plans) or any("rzp.io" in link for link in links)


async def read(response: ClientResponse) -> Page:
    text = await response.text()
    return Page(status=response.status, headers=response.headers, source=text)


async def get(client: Client, path: str, **headers: str) -> Page:
    return await read(await client.get(path, headers=headers, allow_redirects=False))


async def post(
    client: Client,
    path: str,
    form: dict[str, str] | None = None,
    headers: dict[str, str] | None = None,
) -> Page:
    sent = await client.post(
        path, data=form or {}, headers=headers, allow_redirects=False
    )
    return await read(sent)


async def choose(client: Client, plan: str = "ten_min", bay: str = BAY) -> Page:
    """Open a bay's page and press a plan's button."""
    token = (await get(client, bay)).token
    return await post(client, f"{bay}/orders", {"token": token, "plan": plan})


async def orders_of(entry: MockConfigEntry) -> list[Order]:
    """Return all orders of a site, oldest first."""
    return list(
        await entry.runtime_data.ledger.run(
            lambda c: orders.of_site(c, entry.entry_id, list(OrderState))
        )
    )


async def the_order(entry: MockConfigEntry) -> Order:
    found = await orders_of(entry)
    assert len(found) == 1
    return found[0]


def page_of(order: Order) -> str:
    return f"/paybay/orders/{order.watch_code}"
