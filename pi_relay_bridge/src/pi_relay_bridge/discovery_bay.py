"""The entities of one bay. Pure."""

from typing import Any

from . import topics
from .config import BayConfig
from .discovery_parts import (
    DIAGNOSTIC,
    entity,
    kept_if,
    on_if,
    on_or_unknown,
    value_of,
)
from .estop import ESTOP
from .monitor import OVER_CURRENT, SENSOR_STALE, WELDED
from .output import GPIO_ERROR

EVENT_TYPES = ["started", "completed", "stopped", "interrupted", "fault"]
PHASES = ["idle", "running", "manual", "fault"]
FAULTS = [GPIO_ERROR, ESTOP, OVER_CURRENT, WELDED, SENSOR_STALE]


def bay_components(node: str, bay: BayConfig, *, has_estop: bool) -> dict[str, Any]:
    """Return one bay's entities, by component key."""
    made = _always(node, bay) | _measured(node, bay)
    made["estop"] = kept_if(
        has_estop,
        {
            **_shown("binary_sensor", node, bay, "emergency stop"),
            **on_or_unknown("estop"),
            "dev_cla": "safety",
        },
    )
    made["reset"] = kept_if(
        has_estop or bay.sensor is not None,
        {
            **_entity("button", node, bay, "reset"),
            "cmd_t": topics.bay(node, bay.id, "set"),
            "pl_prs": "RESET",
            "ent_cat": "config",
        },
    )
    return {f"{bay.id}_{key}": component for key, component in made.items()}


def _always(node: str, bay: BayConfig) -> dict[str, Any]:
    """Return what every bay has."""
    return {
        "relay": {
            **_shown("switch", node, bay, "relay"),
            **on_if("value_json.relay == 'on'"),
            "cmd_t": topics.bay(node, bay.id, "set"),
            "qos": 1,
        },
        "activity": {
            **_entity("event", node, bay, "activity"),
            "stat_t": topics.bay(node, bay.id, "event"),
            "evt_typ": EVENT_TYPES,
        },
        "phase": {
            **_shown("sensor", node, bay, "phase"),
            **value_of("phase"),
            **DIAGNOSTIC,
            "dev_cla": "enum",
            "ops": PHASES,
        },
        "fault": {
            **_shown("sensor", node, bay, "fault"),
            **DIAGNOSTIC,
            "val_tpl": "{{ value_json.fault or 'none' }}",
            "dev_cla": "enum",
            "ops": ["none", *FAULTS],
        },
        "problem": {
            **_shown("binary_sensor", node, bay, "problem"),
            **DIAGNOSTIC,
            **on_if("value_json.fault"),
            "dev_cla": "problem",
        },
        "ends": {
            **_shown("sensor", node, bay, "ends"),
            **value_of("ends_at"),
            "dev_cla": "timestamp",
        },
    }


def _measured(node: str, bay: BayConfig) -> dict[str, Any]:
    """Return what a bay with a sensor has."""
    has_sensor = bay.sensor is not None
    has_voltage = bay.sensor is not None and bay.sensor.limits.voltage_v is not None
    return {
        "current": kept_if(
            has_sensor,
            {
                **_shown("sensor", node, bay, "current"),
                **value_of("amps"),
                "dev_cla": "current",
                "unit_of_meas": "A",
                "stat_cla": "measurement",
                "sug_dsp_prc": 1,
            },
        ),
        "plugged": kept_if(
            has_sensor,
            {
                **_shown("binary_sensor", node, bay, "plugged"),
                **on_or_unknown("plugged"),
                "dev_cla": "plug",
            },
        ),
        "energy": kept_if(
            has_voltage,
            {
                **_shown("sensor", node, bay, "energy"),
                **value_of("energy_wh"),
                "dev_cla": "energy",
                "unit_of_meas": "Wh",
                "stat_cla": "total_increasing",
            },
        ),
    }


def _shown(platform: str, node: str, bay: BayConfig, what: str) -> dict[str, Any]:
    """Return what every entity has that reads the bay's state."""
    state = {"stat_t": topics.bay(node, bay.id, "state")}
    return _entity(platform, node, bay, what) | state


def _entity(platform: str, node: str, bay: BayConfig, what: str) -> dict[str, Any]:
    """Return what every entity of a bay has."""
    unique_id = f"paybay_{node}_{bay.id}_{what.replace(' ', '_')}"
    return entity(platform, unique_id, f"{bay.name} {what}")
