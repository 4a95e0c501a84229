"""What a bay's device says of itself stands in the repairs as long as it says so."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
import pytest

from custom_components.paybay.bay.face import Face
from custom_components.paybay.const import DOMAIN
from custom_components.paybay.domain.bay import BayStatus
from custom_components.paybay.fault_issues import FaultIssues


class FakeBay:
    """A bay with a face that changes as told."""

    config = SimpleNamespace(id="bay_1", name="Bay 1", relay="switch.bay_1")

    def __init__(self) -> None:
        self.face = Face(status=BayStatus.AVAILABLE)
        self._listeners: list[Callable[[], None]] = []

    def listen(self, on_change: Callable[[], None]) -> Callable[[], None]:
        self._listeners.append(on_change)
        return lambda: self._listeners.remove(on_change)

    def show(self, status: BayStatus, fault: str | None = None) -> None:
        self.face = Face(status=status, fault=fault)
        for on_change in self._listeners:
            on_change()


@pytest.fixture
def bay(hass: HomeAssistant) -> FakeBay:
    made: Any = FakeBay()
    FaultIssues(hass, made)
    return made  # type: ignore[no-any-return]


def keys(hass: HomeAssistant) -> list[str | None]:
    """Return what stands in the repairs."""
    found = ir.async_get(hass).issues.values()
    return [issue.translation_key for issue in found if issue.domain == DOMAIN]


async def test_a_fault_stands_until_the_device_is_well(
    hass: HomeAssistant, bay: FakeBay
) -> None:
    bay.show(BayStatus.PROBLEM, "welded")
    assert keys(hass) == ["device_fault_welded"]
    bay.show(BayStatus.OFFLINE)
    assert keys(hass) == ["device_fault_welded"]
    bay.show(BayStatus.AVAILABLE)
    assert keys(hass) == []


async def test_another_fault_takes_its_place(hass: HomeAssistant, bay: FakeBay) -> None:
    bay.show(BayStatus.PROBLEM, "over_current")
    bay.show(BayStatus.PROBLEM, "estop")
    assert keys(hass) == ["device_fault_estop"]
    bay.show(BayStatus.PROBLEM, "fire")
    assert keys(hass) == ["device_fault_other"]


async def test_nothing_is_left_behind_when_the_site_goes(hass: HomeAssistant) -> None:
    made: Any = FakeBay()
    issues = FaultIssues(hass, made)
    made.show(BayStatus.PROBLEM, "welded")
    issues.close()
    assert keys(hass) == []
