"""Simulated pins outlive their process; lgpio lines are claimed with their level."""

import importlib
from pathlib import Path
import sys
from types import ModuleType, SimpleNamespace
from typing import Any

from gpiozero import OutputDevice
from pi_relay_bridge.config import BayConfig, parse
from pi_relay_bridge.pins import PinsError, claim_off, make_factory
from pi_relay_bridge.simulate import SIZE, Levels, read_levels
from pi_relay_bridge.simulated_pins import SimulatedFactory
import pytest

from .test_config import GOOD

HIGH_BAY = BayConfig(id="1", name="Bay 1", pin=17)
LOW_BAY = BayConfig(id="2", name="Bay 2", pin=27, active_high=False)


def test_a_board_has_sixty_four_bytes_all_low(tmp_path: Path) -> None:
    Levels(tmp_path)
    assert read_levels(tmp_path / "pins.bin") == bytes(SIZE)


def test_the_level_of_the_board_is_there_at_the_start_and_claiming_drops_it(
    tmp_path: Path,
) -> None:
    Levels(tmp_path).set(17, high=True)
    factory = SimulatedFactory(Levels(tmp_path))
    assert factory.pin(17).state == 1
    claim_off((HIGH_BAY,), factory)
    assert read_levels(tmp_path / "pins.bin")[17] == 0


def test_letting_a_pin_go_leaves_its_level(tmp_path: Path) -> None:
    factory = SimulatedFactory(Levels(tmp_path))
    device = OutputDevice(2, pin_factory=factory)
    device.on()
    device.close()
    factory.close()
    assert read_levels(tmp_path / "pins.bin")[2] == 1


def test_an_active_low_relay_is_off_when_high(tmp_path: Path) -> None:
    relays = claim_off((HIGH_BAY, LOW_BAY), SimulatedFactory(Levels(tmp_path)))
    assert read_levels(tmp_path / "pins.bin")[27] == 1
    relays["2"].on()
    assert read_levels(tmp_path / "pins.bin")[27] == 0


def test_one_bad_pin_does_not_keep_the_others_from_being_switched_off(
    tmp_path: Path,
) -> None:
    levels = Levels(tmp_path)
    levels.set(17, high=True)
    bad = BayConfig(id="0", name="Bay 0", pin=99)
    with pytest.raises(PinsError, match="bay 0, GPIO 99"):
        claim_off((bad, HIGH_BAY), SimulatedFactory(levels))
    assert not levels.get(17)


def test_a_factory_that_is_not_there_is_no_reason_for_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "lgpio", None)
    monkeypatch.delitem(sys.modules, "pi_relay_bridge.lgpio_pins", raising=False)
    with pytest.raises(PinsError, match="pin factory lgpio"):
        make_factory(parse(GOOD), None)


def test_an_lgpio_line_is_claimed_with_its_level_and_left_driven(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    calls: list[Any] = []
    library = ModuleType("lgpio")
    for name in (
        "SET_PULL_NONE",
        "SET_PULL_UP",
        "SET_PULL_DOWN",
        "BOTH_EDGES",
        "RISING_EDGE",
        "FALLING_EDGE",
    ):
        setattr(library, name, 0)
    for name in ("gpio_claim_output", "gpio_claim_input", "gpio_write"):
        setattr(library, name, lambda *args, name=name: calls.append((name, *args[1:])))
    monkeypatch.setitem(sys.modules, "lgpio", library)
    for name in ("pi_relay_bridge.lgpio_pins", "gpiozero.pins.lgpio"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    pins = importlib.import_module("pi_relay_bridge.lgpio_pins")
    factory = SimpleNamespace(_handle=1)
    pin = pins.LevelPin(factory, SimpleNamespace(interfaces={"gpio"}, name="GPIO27"))
    pin.output_with_state(True)
    pin.close()
    assert calls == [("gpio_claim_input", 27, 0), ("gpio_claim_output", 27, 1)]
    for name in ("pi_relay_bridge.lgpio_pins", "gpiozero.pins.lgpio"):
        sys.modules.pop(name, None)
