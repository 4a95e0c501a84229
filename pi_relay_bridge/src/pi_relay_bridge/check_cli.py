"""The command `check`: what is right and wrong with this machine, in plain words."""

from collections.abc import Iterator

from . import findings
from .checks import broker, firmware, gpio, machine, sensors
from .config import Config
from .findings import Finding, ok
from .state_dir import is_locked


def check(config: Config, *, as_json: bool) -> int:
    """Print all findings; return 1 if something must be done, else 0."""
    return findings.show(look(config), as_json=as_json)


def look(config: Config) -> Iterator[Finding]:
    """Yield what there is to say, quick things first; change nothing."""
    runs = is_locked(config.state_dir)
    yield ok("configuration", f"node {config.node}, {len(config.bays)} bays")
    yield ok("bridge", "is running" if runs else "is not running")
    yield from firmware.check_pins(config)
    yield from firmware.check_firmware(config)
    yield gpio.check_factory(config)
    yield from gpio.check_lines(config, bridge_runs=runs)
    yield from sensors.check_sensors(config)
    yield machine.check_state_dir(config)
    yield machine.check_clock()
    yield machine.check_watchdog()
    yield from machine.check_supply()
    yield from broker.check_secrets(config)
    yield broker.check_broker(config)
