"""What a customer writes on an order: who sees it, who never does, when it goes."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
import json
from pathlib import Path
from typing import Any
from unittest.mock import NonCallableMagicMock

from homeassistant.const import MATCH_ALL
from homeassistant.core import Context, Event, HomeAssistant, callback
from homeassistant.data_entry_flow import FlowResultType
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.paybay.const import CONF_REFERENCE, DOMAIN
from custom_components.paybay.diagnostics import async_get_config_entry_diagnostics
from custom_components.paybay.domain.order_filter import OrderFilter
from custom_components.paybay.domain.reference import ReferenceKind, ReferencePolicy
from custom_components.paybay.ledger import order_views, references

from .entries import make_entry
from .pages import BAY, ORDERS, Client, Page, get, page_of, post, the_order
from .site_fixtures import ObedientClock, captured, set_up, settled

POLICY = ReferencePolicy(kind=ReferenceKind.VEHICLE, retention_days=30)
TYPED, KEPT = "mh12 ab 1234", "MH12 AB 1234"
DAY_S = 24 * 3600


@pytest.fixture
async def asking_entry(
    hass: HomeAssistant,
    site_provider: NonCallableMagicMock,
    clock: ObedientClock,
    relay_helpers: None,
) -> MockConfigEntry:
    """Return a site that asks for vehicle numbers."""
    return await set_up(hass, make_entry(reference=POLICY))


@pytest.fixture
async def client(
    hass: HomeAssistant, hass_client_no_auth: ClientSessionGenerator
) -> Client:
    made: Client = await hass_client_no_auth()
    return made


async def order_with(client: Client, text: str | None, plan: str = "ten_min") -> Page:
    token = (await get(client, BAY)).token
    form = {"token": token, "plan": plan}
    return await post(client, ORDERS, form | ({"reference": text} if text else {}))


async def kept(entry: MockConfigEntry) -> list[str]:
    """Return all references in the ledger."""

    def read(connection: Any) -> list[str]:
        page = order_views.page(connection, OrderFilter(), after=None, limit=99)
        ids = [view.order.id for view in page.views]
        return sorted(references.of_orders(connection, ids).values())

    return list(await entry.runtime_data.ledger.run(read))


async def get_orders(hass: HomeAssistant, context: Context | None) -> dict[str, Any]:
    answer: Any = await hass.services.async_call(
        DOMAIN, "get_orders", {}, blocking=True, return_response=True, context=context
    )
    [order] = answer["orders"]
    return dict(order)


async def options_form(hass: HomeAssistant, entry: MockConfigEntry) -> str:
    options = hass.config_entries.options
    menu = await options.async_init(entry.entry_id)
    form = await options.async_configure(menu["flow_id"], {"next_step_id": "reference"})
    assert form["type"] is FlowResultType.FORM
    return str(form["flow_id"])


@contextmanager
def all_events(hass: HomeAssistant) -> Iterator[list[Event[Any]]]:
    heard: list[Event[Any]] = []

    @callback
    def hear(event: Event[Any]) -> None:
        heard.append(event)

    leave = hass.bus.async_listen(MATCH_ALL, hear)
    yield heard
    leave()


async def test_nobody_is_asked_unless_the_owner_wants_it(
    site_entry: MockConfigEntry, client: Client
) -> None:
    page = await get(client, BAY)
    assert not [each for each in page.all("input") if each.get("name") == "reference"]
    await order_with(client, TYPED)
    assert await kept(site_entry) == []


async def test_customers_are_told_what_is_asked_who_sees_it_and_for_how_long(
    asking_entry: MockConfigEntry, client: Client
) -> None:
    page = await get(client, BAY)
    assert "Vehicle number" in page.text
    assert "deleted after 30 days" in page.text
    [field] = [each for each in page.all("input") if each.get("name") == "reference"]
    assert "required" not in field
    # The key "Go" on a phone's keyboard must not choose a plan.
    assert "disabled" in page.all("button")[0]


async def test_signed_in_people_see_it_among_the_orders(
    hass: HomeAssistant,
    asking_entry: MockConfigEntry,
    client: Client,
    hass_admin_user: MockUser,
) -> None:
    await order_with(client, TYPED)
    mine = Context(user_id=hass_admin_user.id)
    assert (await get_orders(hass, mine))["customer_reference"] == KEPT


async def test_automations_do_not_see_it(
    hass: HomeAssistant, asking_entry: MockConfigEntry, client: Client
) -> None:
    await order_with(client, TYPED)
    assert "customer_reference" not in await get_orders(hass, None)


async def test_who_writes_nothing_gets_a_random_one(
    hass: HomeAssistant, asking_entry: MockConfigEntry, client: Client
) -> None:
    await order_with(client, None)
    [found] = await kept(asking_entry)
    assert found.startswith("WEB-")


@pytest.mark.parametrize("typed", [None, "9876543210", "me@bank", "A" * 21, "<script>"])
async def test_what_is_not_taken_orders_nothing_and_is_not_repeated(
    hass: HomeAssistant, asking_entry: MockConfigEntry, client: Client, typed: str
) -> None:
    must = replace(POLICY, required=True)
    options = {**asking_entry.options, CONF_REFERENCE: must.stored()}
    hass.config_entries.async_update_entry(asking_entry, options=options)
    await settled(hass, asking_entry)
    page = await order_with(client, typed)
    assert page.status == 400
    assert "Nothing was charged" in page.text
    assert typed is None or typed not in page.source
    assert await kept(asking_entry) == []


async def test_a_second_thought_replaces_the_first(
    asking_entry: MockConfigEntry, client: Client
) -> None:
    await order_with(client, "B 1")
    await order_with(client, "B 2")
    assert await kept(asking_entry) == ["B 2"]


async def test_an_empty_field_later_takes_nothing_back(
    asking_entry: MockConfigEntry, client: Client
) -> None:
    await order_with(client, TYPED)
    await order_with(client, None)
    assert await kept(asking_entry) == [KEPT]


async def test_it_is_nowhere_else(
    hass: HomeAssistant,
    asking_entry: MockConfigEntry,
    client: Client,
    *,
    site_provider: NonCallableMagicMock,
    clock: ObedientClock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("DEBUG")
    with all_events(hass) as heard:
        answer = await order_with(client, TYPED)
        order = await the_order(asking_entry)
        await asking_entry.runtime_data.intake.take(captured(order))
        await settled(hass, asking_entry)
        await clock.pass_by(hass, 601)
        await settled(hass, asking_entry)
    page = await get(client, page_of(order))
    status = await get(client, f"{page_of(order)}/status")
    said = {
        "events": [event.as_dict() for event in heard],
        "states": [state.as_dict() for state in hass.states.async_all()],
        "diagnostics": await async_get_config_entry_diagnostics(hass, asking_entry),
        "provider": str(site_provider.mock_calls),
        "log": caplog.text,
        "urls": answer.headers["Location"],
        "cookies": answer.headers.getall("Set-Cookie"),
        "pages": [page.source, status.source],
        "order": str(order),
        "timeline": await _timeline(asking_entry, order.id),
    }
    assert heard
    for where, what in said.items():
        text = json.dumps(what, default=str)
        for spelling in (TYPED, KEPT, "MH12", "1234 AB", "mh12+ab"):
            assert spelling not in text, where


async def _timeline(entry: MockConfigEntry, order_id: str) -> str:
    wanted = OrderFilter(order_id=order_id)
    page = await entry.runtime_data.ledger.run(
        lambda c: order_views.page(c, wanted, after=None, limit=1, timeline=True)
    )
    return str(page.views)


async def test_it_is_erased_when_its_time_is_over_and_leaves_no_trace_in_the_file(
    hass: HomeAssistant,
    asking_entry: MockConfigEntry,
    client: Client,
    clock: ObedientClock,
) -> None:
    await order_with(client, TYPED)
    path = Path(asking_entry.runtime_data.ledger.path)
    assert await hass.async_add_executor_job(_is_in, path)
    await asking_entry.runtime_data.references.erase()
    assert await kept(asking_entry) == [KEPT]
    clock.gone_ms += 31 * DAY_S * 1000
    await asking_entry.runtime_data.references.erase()
    assert await kept(asking_entry) == []
    assert not await hass.async_add_executor_job(_is_in, path)


def _is_in(path: Path) -> bool:
    files = [path, path.with_name(path.name + "-wal")]
    return any(KEPT.encode() in each.read_bytes() for each in files if each.exists())


async def test_it_is_looked_for_every_hour(
    hass: HomeAssistant,
    asking_entry: MockConfigEntry,
    client: Client,
    clock: ObedientClock,
) -> None:
    await order_with(client, TYPED)
    clock.gone_ms += 31 * DAY_S * 1000
    await clock.pass_by(hass, 3601)
    await settled(hass, asking_entry)
    assert await kept(asking_entry) == []


async def test_switching_it_off_erases_what_was_kept(
    hass: HomeAssistant, asking_entry: MockConfigEntry, client: Client
) -> None:
    await order_with(client, TYPED)
    form = {"ask": False, "kind": "vehicle", "required": False, "retention_days": 30}
    flow = await options_form(hass, asking_entry)
    await hass.config_entries.options.async_configure(flow, form)
    await settled(hass, asking_entry)
    assert asking_entry.options[CONF_REFERENCE] is None
    assert await kept(asking_entry) == []


async def test_the_owner_switches_it_on(
    hass: HomeAssistant, site_entry: MockConfigEntry, client: Client
) -> None:
    form = {"ask": True, "kind": "room", "required": True, "retention_days": 7}
    flow = await options_form(hass, site_entry)
    await hass.config_entries.options.async_configure(flow, form)
    await settled(hass, site_entry)
    page = await get(client, BAY)
    assert "Room or flat" in page.text
    assert "deleted after 7 days" in page.text


async def test_removing_a_site_erases_what_its_customers_wrote(
    hass: HomeAssistant, asking_entry: MockConfigEntry, client: Client
) -> None:
    await order_with(client, TYPED)
    ledger = asking_entry.runtime_data.ledger
    order = await the_order(asking_entry)
    await hass.config_entries.async_remove(asking_entry.entry_id)
    left = await ledger.run(lambda c: references.of_orders(c, [order.id]))
    assert left == {}
