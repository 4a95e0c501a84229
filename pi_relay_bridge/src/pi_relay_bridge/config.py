"""The configuration: one TOML file, strict about its keys."""

from dataclasses import dataclass
from pathlib import Path
import re
import tomllib

from .config_mqtt import MqttConfig, read_mqtt
from .config_sensor import SensorConfig, read_sensor
from .config_table import ConfigError, Lines, Table

NODE = re.compile(r"[a-zA-Z0-9_-]{1,32}")
# No underscore: it separates node and bay in the unique ids of Home Assistant.
BAY = re.compile(r"[a-zA-Z0-9-]{1,32}")
PREFIX = re.compile(r"[a-zA-Z0-9_-]{1,32}(/[a-zA-Z0-9_-]{1,32}){0,3}")
DAY_S = 86400
LAST_PIN = 27


@dataclass(frozen=True, kw_only=True)
class BayConfig:
    """One bay; `pin` and `estop_pin` are BCM numbers."""

    id: str
    name: str
    pin: int
    active_high: bool = True
    max_session_s: float = 14400
    manual_max_s: float = 30
    estop_pin: int | None = None
    sensor: SensorConfig | None = None


@dataclass(frozen=True, kw_only=True)
class Config:
    """The whole file. `contact_loss_off_s` 0: sessions need no broker to run on.

    `estop_release` is `auto` or `reset`: what it takes, once a stop is let go.
    `plain_prefix` None: no plain topics.
    """

    node: str
    state_dir: Path
    contact_loss_off_s: float
    pin_factory: str
    estop_pin: int | None
    estop_release: str
    mqtt: MqttConfig
    plain_prefix: str | None
    bays: tuple[BayConfig, ...]


def load(path: Path) -> Config:
    """Return the configuration in a file; raise ConfigError in plain words."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}") from None
    try:
        return parse(text)
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from None


def parse(text: str) -> Config:
    """Return the configuration in TOML text; raise ConfigError."""
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(str(error)) from None
    root = Table(values, "", Lines(text))
    bridge = root.table("bridge")
    mqtt = read_mqtt(root.table("mqtt"))
    plain = root.optional_table("plain_topics")
    bays = tuple(_bay(table) for table in root.tables("bay"))
    root.finish()
    config = Config(
        node=bridge.name("node", NODE),
        state_dir=Path(bridge.text("state_dir", "/var/lib/pi-relay-bridge")),
        contact_loss_off_s=bridge.number("contact_loss_off_s", 180, low=0, high=DAY_S),
        pin_factory=bridge.choice(
            "pin_factory", "lgpio", ("lgpio", "rpigpio", "pigpio", "native", "mock")
        ),
        estop_pin=_optional_pin(bridge, "estop_pin"),
        estop_release=bridge.choice("estop_release", "auto", ("auto", "reset")),
        mqtt=mqtt,
        plain_prefix=None if plain is None else _plain_prefix(plain),
        bays=bays,
    )
    bridge.finish()
    _require_distinct("id", [bay.id for bay in bays])
    _require_distinct("pin", [bay.pin for bay in bays])
    _require_own_estops(config)
    return config


def _bay(table: Table) -> BayConfig:
    """Return one [[bay]] table."""
    bay_id = table.name("id", BAY)
    sensor = table.optional_table("sensor")
    max_session_s = table.number("max_session_s", 14400, low=1, high=7 * DAY_S)
    bay = BayConfig(
        id=bay_id,
        name=table.text("name", f"Bay {bay_id}"),
        pin=int(table.number("pin", low=0, high=LAST_PIN, whole=True)),
        active_high=table.flag("active_high", default=True),
        max_session_s=max_session_s,
        manual_max_s=table.number(
            "manual_max_s", min(30, max_session_s), low=0, high=max_session_s
        ),
        estop_pin=_optional_pin(table, "estop_pin"),
        sensor=None if sensor is None else read_sensor(sensor),
    )
    table.finish()
    return bay


def _plain_prefix(table: Table) -> str:
    """Return what the plain topics begin with."""
    prefix = table.name("prefix", PREFIX)
    if prefix.split("/")[0] in ("paybay", "homeassistant"):
        raise table.error("prefix", "must not begin with paybay or homeassistant")
    table.finish()
    return prefix


def _optional_pin(table: Table, key: str) -> int | None:
    """Return a BCM number, if one is set."""
    pin = table.optional_number(key, low=0, high=LAST_PIN, whole=True)
    return None if pin is None else int(pin)


def _require_own_estops(config: Config) -> None:
    """Raise ConfigError if an emergency stop hangs on a relay's pin."""
    stops = {config.estop_pin, *(bay.estop_pin for bay in config.bays)}
    for bay in config.bays:
        if bay.pin in stops:
            raise ConfigError(f"estop_pin: GPIO {bay.pin} is the relay of bay {bay.id}")


def _require_distinct(key: str, values: list[str] | list[int]) -> None:
    """Raise ConfigError if two bays share a value."""
    for value in values:
        if values.count(value) > 1:  # type: ignore[arg-type]
            raise ConfigError(f"two bays have the same {key}: {value}")
