"""The config entries of a demo site: MQTT, and PayBay with its plans and bays.

Written as PayBay stores them, not by its code: what one version stored, the next
must still understand.
"""

from typing import Any

from .bays import ESPHOME_MAC, ESPHOME_NODE, AnyBay, BaySpec, Starter
from .site import PlanSpec, Ports, SiteSpec

type Json = dict[str, Any]

LONG_AGO = "2026-01-01T00:00:00+00:00"
MQTT_ENTRY_ID = "01DEM0MQTT0000000000000000"
PAYBAY_ENTRY_ID = "01DEM0PAYBAY00000000000000"
ESPHOME_ENTRY_ID = "01DEM0ESPH0ME0000000000000"


MERCHANT: Json = {
    "name": "PayBay demo",
    "help_phone": "+91 12345 67890",
    "whatsapp": "+91 12345 67890",
    "address": "Charging Street 1\nPune",
    "terms": "Please park within the lines.\n\nUnplug when your time is over.",
    "refund_policy": "What was not delivered goes back to the account you paid from.",
    "gstin": "27AAAAA0000A1Z2",
    "tax_bp": 1800,
}
"""What the demo's owner tells customers; nobody has this phone or tax number."""


def config_entries(spec: SiteSpec, ports: Ports) -> Json:
    """Return the data of `core.config_entries`."""
    esphome = [_esphome(ports)] if spec.esphome_bays else []
    paybay = [_paybay(spec)] if spec.set_up else []
    return {"entries": [_mqtt(ports), *esphome, *paybay]}


def _mqtt(ports: Ports) -> Json:
    broker = {"broker": "127.0.0.1", "port": ports.broker, "protocol": "5"}
    return _entry("mqtt", MQTT_ENTRY_ID, "Mosquitto", (2, 1), broker)


def _esphome(ports: Ports) -> Json:
    data = {
        "host": "127.0.0.1",
        "port": ports.esphome,
        "password": "",
        "noise_psk": "",
        "device_name": ESPHOME_NODE,
    }
    entry = _entry("esphome", ESPHOME_ENTRY_ID, "Parking", (1, 1), data)
    return entry | {"unique_id": ESPHOME_MAC.lower()}


def _paybay(spec: SiteSpec) -> Json:
    keys = spec.keys
    data = {
        "key_id": keys.key_id,
        "key_secret": keys.key_secret,
        "hook_id": keys.hook_id,
        "webhook_secret": keys.paybay_webhook or keys.webhook,
    }
    entry = _entry("paybay", PAYBAY_ENTRY_ID, "Razorpay (test)", (1, 1), data)
    plans = [_plan(plan) for plan in spec.plans]
    bays = [_bay(bay, spec) for bay in spec.all_bays]
    return entry | {
        "options": {"refund_budget": spec.refund_budget, "merchant": MERCHANT},
        "subentries": [*plans, *bays],
        "unique_id": keys.key_id,
    }


def _entry(
    domain: str, entry_id: str, title: str, version: tuple[int, int], data: Json
) -> Json:
    return {
        "created_at": LONG_AGO,
        "data": data,
        "disabled_by": None,
        "discovery_keys": {},
        "domain": domain,
        "entry_id": entry_id,
        "minor_version": version[1],
        "modified_at": LONG_AGO,
        "options": {},
        "pref_disable_new_entities": False,
        "pref_disable_polling": False,
        "source": "user",
        "subentries": [],
        "title": title,
        "unique_id": None,
        "version": version[0],
    }


def _plan(spec: PlanSpec) -> Json:
    data = {
        "code": spec.code,
        "name": spec.name,
        "amount_minor": spec.rupees * 100,
        "currency": "INR",
        "duration_s": spec.seconds,
        "energy_wh": spec.energy_wh,
    }
    return _subentry("plan", f"plan_{spec.code}", spec.name, spec.code, data)


def _bay(spec: AnyBay, site: SiteSpec) -> Json:
    data = {
        "relay": spec.relay,
        "plans": [plan.code for plan in site.plans],
        "start_mode": "direct",
        "claim_fallback": "start",
        "claim_window_s": 10,
        "start_window_s": site.start_window_s,
        "resume_window_s": site.resume_window_s,
    }
    if spec.energy_meter is not None:
        data["energy_meter"] = spec.energy_meter
    if isinstance(spec, BaySpec) and spec.starter is not Starter.PAYBAY:
        data["start_mode"] = "automation"
        data["claim_window_s"] = spec.claim_window_s
    # A registered relay is known by its registry id, whatever it is renamed to.
    return _subentry("bay", spec.id, spec.name, f"registry-{spec.relay_key}", data)


def _subentry(
    kind: str, subentry_id: str, title: str, unique_id: str, data: Json
) -> Json:
    return {
        "data": data,
        "subentry_id": subentry_id,
        "subentry_type": kind,
        "title": title,
        "unique_id": unique_id,
    }
