"""A relay that runs one paid order at a time: PayBay's bay on an ESPHome node."""

import esphome.codegen as cg
import esphome.config_validation as cv
from esphome.const import CONF_CURRENT, CONF_ID, ENTITY_CATEGORY_DIAGNOSTIC
import esphome.final_validate as fv

from esphome.components import binary_sensor, sensor, switch, text_sensor

CODEOWNERS = ["@paybay"]
DEPENDENCIES = ["api"]
AUTO_LOAD = ["binary_sensor", "sensor", "switch", "text_sensor"]
MULTI_CONF = True

CONF_RELAY = "relay"
CONF_REPORT = "report"
CONF_PHASE = "phase"
CONF_ORDER = "order"
CONF_LAST_SESSION = "last_session"
CONF_MAX_SESSION = "max_session"
CONF_MANUAL_MAX = "manual_max"
CONF_CONTACT_LOSS_OFF = "contact_loss_off"
CONF_CHECKPOINT = "checkpoint"
CONF_ESTOP = "estop"
CONF_TRIP_CURRENT = "trip_current"
CONF_TRIP_AFTER = "trip_after"
CONF_METER_SILENT_OFF = "meter_silent_off"
CONF_NEVER_WITH = "never_with"

LONGEST_S = 7 * 24 * 3600

paybay_ns = cg.esphome_ns.namespace("paybay_bay")
PaybayBay = paybay_ns.class_("PaybayBay", cg.Component)

_period = cv.positive_time_period_milliseconds
_diagnostic = text_sensor.text_sensor_schema(entity_category=ENTITY_CATEGORY_DIAGNOSTIC)


def _needs_meter(config):
    if CONF_TRIP_CURRENT in config and CONF_CURRENT not in config:
        raise cv.Invalid("trip_current needs current, the id of a sensor in amperes")
    return config


CONFIG_SCHEMA = cv.All(
    cv.Schema(
        {
            cv.Required(CONF_ID): cv.declare_id(PaybayBay),
            cv.Required(CONF_RELAY): cv.use_id(switch.Switch),
            cv.Required(CONF_REPORT): _diagnostic,
            cv.Required(CONF_PHASE): _diagnostic,
            cv.Required(CONF_ORDER): _diagnostic,
            cv.Required(CONF_LAST_SESSION): _diagnostic,
            cv.Optional(CONF_MAX_SESSION, default="4h"): cv.All(
                _period,
                cv.Range(
                    min=cv.TimePeriod(seconds=1), max=cv.TimePeriod(seconds=LONGEST_S)
                ),
            ),
            cv.Optional(CONF_MANUAL_MAX, default="60s"): _period,
            cv.Optional(CONF_CONTACT_LOSS_OFF, default="180s"): _period,
            cv.Optional(CONF_CHECKPOINT, default="60s"): cv.All(
                _period, cv.Range(min=cv.TimePeriod(seconds=1))
            ),
            cv.Optional(CONF_ESTOP): cv.use_id(binary_sensor.BinarySensor),
            cv.Optional(CONF_CURRENT): cv.use_id(sensor.Sensor),
            cv.Optional(CONF_TRIP_CURRENT): cv.All(
                cv.current, cv.Range(min=0, min_included=False)
            ),
            cv.Optional(CONF_TRIP_AFTER, default="2s"): _period,
            cv.Optional(CONF_METER_SILENT_OFF, default="60s"): _period,
            cv.Optional(CONF_NEVER_WITH, default=[]): cv.ensure_list(
                cv.use_id(PaybayBay)
            ),
        }
    ).extend(cv.COMPONENT_SCHEMA),
    _needs_meter,
)


def _stays_connected(config):
    """Refuse a node that would reboot in a paid session because nobody listens."""
    full = fv.full_config.get()
    for name in ("api", "wifi"):
        timeout = (full.get(name) or {}).get("reboot_timeout")
        if timeout is not None and timeout.total_milliseconds:
            raise cv.Invalid(
                f"set {name}: reboot_timeout: 0s, or the node reboots in the middle of"
                " a paid session"
            )
    return config


FINAL_VALIDATE_SCHEMA = _stays_connected


async def to_code(config):
    """Make one bay."""
    var = cg.new_Pvariable(config[CONF_ID], await cg.get_variable(config[CONF_RELAY]))
    await cg.register_component(var, config)
    cg.add(var.set_key(str(config[CONF_ID].id)))
    cg.add(var.set_max_session(config[CONF_MAX_SESSION].total_milliseconds))
    cg.add(var.set_manual_max(config[CONF_MANUAL_MAX].total_milliseconds))
    cg.add(var.set_contact_loss_off(config[CONF_CONTACT_LOSS_OFF].total_milliseconds))
    cg.add(var.set_checkpoint(config[CONF_CHECKPOINT].total_milliseconds))
    for name in (CONF_REPORT, CONF_PHASE, CONF_ORDER, CONF_LAST_SESSION):
        entity = await text_sensor.new_text_sensor(config[name])
        cg.add(getattr(var, f"set_{name}")(entity))
    if CONF_ESTOP in config:
        cg.add(var.set_estop(await cg.get_variable(config[CONF_ESTOP])))
    if CONF_TRIP_CURRENT in config:
        meter = await cg.get_variable(config[CONF_CURRENT])
        trip = config[CONF_TRIP_CURRENT], config[CONF_TRIP_AFTER].total_milliseconds
        silent = config[CONF_METER_SILENT_OFF].total_milliseconds
        cg.add(var.set_meter(meter, *trip, silent))
    for other in config[CONF_NEVER_WITH]:
        cg.add(var.never_with(await cg.get_variable(other)))
