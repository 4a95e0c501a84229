"""Plans and bays on their way into an entry and out of it."""

from dataclasses import replace

from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
import pytest

from custom_components.paybay.drivers.find import bridge_address
from custom_components.paybay.entry_data import (
    async_follow_renamed_relays,
    bays_of,
    plans_of,
    relay_now,
)

from .entries import BAY_1, BAY_2, HOUR_PASS, TEN_MIN, bay_subentry, make_entry


def test_plans_and_bays_come_back_as_they_were() -> None:
    metered = replace(HOUR_PASS, energy_wh=900)
    entry = make_entry(bays=[BAY_1, BAY_2], plans=[TEN_MIN, metered])
    assert plans_of(entry) == {"ten_min": TEN_MIN, "hour_pass": metered}
    assert bays_of(entry) == {"bay_1": BAY_1, "bay_2": BAY_2}


async def test_a_bay_follows_its_renamed_relay(hass: HomeAssistant) -> None:
    registry = er.async_get(hass)
    relay = registry.async_get_or_create("switch", "shelly", "1")
    bay = replace(BAY_1, relay=relay.entity_id)
    entry = make_entry(bays=[BAY_2], subentries=[bay_subentry(bay, relay.id)])
    entry.add_to_hass(hass)
    registry.async_update_entity(relay.entity_id, new_entity_id="switch.renamed")

    assert relay_now(hass, entry.subentries["bay_1"]) == "switch.renamed"
    async_follow_renamed_relays(hass, entry)
    assert bays_of(entry)["bay_1"].relay == "switch.renamed"
    assert bays_of(entry)["bay_2"] == BAY_2


@pytest.mark.parametrize(
    ("unique_id", "address"),
    [
        ("paybay_lot_2_relay", ("lot", "2")),
        ("paybay_a_b_left-1_relay", ("a_b", "left-1")),
        ("paybay_lot_2_relay_x", None),
        ("paybay_2_relay", None),
    ],
)
def test_a_bridge_is_known_by_its_unique_id(
    hass: HomeAssistant, unique_id: str, address: tuple[str, str] | None
) -> None:
    relay = er.async_get(hass).async_get_or_create("switch", "mqtt", unique_id)
    assert bridge_address(hass, relay.entity_id) == address
