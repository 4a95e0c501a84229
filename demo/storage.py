"""Home Assistant's `.storage`, as if an owner had clicked everything together.

The shapes are those Home Assistant 2026.10 writes itself.
"""

import base64
from dataclasses import dataclass
import json
from pathlib import Path
import secrets
import time
from typing import Any

import bcrypt
import jwt

from .entries import ESPHOME_ENTRY_ID, MQTT_ENTRY_ID, config_entries
from .site import OWNER, OWNER_PASSWORD, Ports, SiteSpec

type Json = dict[str, Any]

LONG_AGO = "2026-01-01T00:00:00+00:00"
DASHBOARD = "paybay-site"
"""The address of the owner's dashboard; Home Assistant opens with it."""
_OWNERS_VIEWS = {"strategy": {"type": "custom:paybay"}}
TOKEN_LIFE_S = 10 * 365 * 24 * 3600


@dataclass(frozen=True, kw_only=True)
class Login:
    """A long-lived access token and what Home Assistant keeps of it."""

    user_id: str
    token_id: str
    key: str
    token: str


def new_login() -> Login:
    """Return a fresh login."""
    token_id, key, now = secrets.token_hex(16), secrets.token_hex(64), int(time.time())
    claims = {"iss": token_id, "iat": now, "exp": now + TOKEN_LIFE_S}
    token = jwt.encode(claims, key, algorithm="HS256")
    return Login(user_id=secrets.token_hex(16), token_id=token_id, key=key, token=token)


def write_storage(config: Path, spec: SiteSpec, ports: Ports, login: Login) -> None:
    """Write every file that an installed and set-up Home Assistant needs."""
    directory = config / ".storage"
    directory.mkdir(parents=True)
    contents: dict[str, tuple[int, int, Json]] = {
        "auth": (1, 1, _auth(login)),
        "auth_provider.homeassistant": (1, 1, _passwords()),
        "core.config": (1, 4, _core(spec, ports)),
        "core.config_entries": (1, 5, config_entries(spec, ports)),
        "core.entity_registry": (1, 6, _relays(spec)),
        "frontend.system_data": (1, 1, {"core": {"default_panel": DASHBOARD}}),
        "http": (2, 2, _http(ports)),
        "lovelace_dashboards": (1, 1, {"items": [_dashboard()]}),
        f"lovelace.{DASHBOARD}": (1, 1, {"config": _OWNERS_VIEWS}),
        "onboarding": (4, 1, _onboarding()),
    }
    for key, (major, minor, data) in contents.items():
        text = {"version": major, "minor_version": minor, "key": key, "data": data}
        (directory / key).write_text(json.dumps(text), encoding="utf-8")


def _auth(login: Login) -> Json:
    user = {
        "id": login.user_id,
        "group_ids": ["system-admin"],
        "is_owner": True,
        "is_active": True,
        "name": "Owner",
        "system_generated": False,
        "local_only": False,
    }
    credential = {
        "id": secrets.token_hex(16),
        "user_id": login.user_id,
        "auth_provider_type": "homeassistant",
        "auth_provider_id": None,
        "data": {"username": OWNER},
    }
    token = {
        "id": login.token_id,
        "user_id": login.user_id,
        "client_id": None,
        "client_name": "demo",
        "client_icon": None,
        "token_type": "long_lived_access_token",
        "created_at": LONG_AGO,
        "access_token_expiration": float(TOKEN_LIFE_S),
        "token": secrets.token_hex(64),
        "jwt_key": login.key,
        "version": "2026.10.4",
    }
    return {
        "users": [user],
        "groups": [{"id": "system-admin", "name": "Administrators"}],
        "credentials": [credential],
        "refresh_tokens": [token],
    }


def _passwords() -> Json:
    hashed = bcrypt.hashpw(OWNER_PASSWORD.encode(), bcrypt.gensalt(rounds=6))
    user = {"username": OWNER, "password": base64.b64encode(hashed).decode()}
    return {"users": [user]}


def _core(spec: SiteSpec, ports: Ports) -> Json:
    url = f"http://127.0.0.1:{ports.home_assistant}"
    return {
        "latitude": 18.52,
        "longitude": 73.86,
        "elevation": 560,
        "unit_system_v2": "metric",
        "location_name": "PayBay demo",
        "time_zone": "Asia/Kolkata",
        "external_url": spec.public_url or url,
        "internal_url": url,
        "currency": "INR",
        "country": "IN",
        "language": "en",
        "radius": 100,
    }


def _dashboard() -> Json:
    return {
        "id": DASHBOARD,
        "url_path": DASHBOARD,
        "title": "PayBay",
        "icon": "mdi:ev-station",
        "mode": "storage",
        "require_admin": False,
        "show_in_sidebar": True,
    }


def _http(ports: Ports) -> Json:
    # Any other place, such as configuration.yaml, makes this a trial of 5 minutes.
    stable = {
        "server_host": ["127.0.0.1"],
        "server_port": ports.home_assistant,
        "cors_allowed_origins": [],
        "login_attempts_threshold": -1,
        "ip_ban_enabled": True,
        "ssl_profile": "modern",
        "use_x_frame_options": True,
        "created_at": LONG_AGO,
        "error": None,
        "error_message": None,
    }
    return {"stable": stable, "pending": None, "yaml_migration_done": True}


def _onboarding() -> Json:
    return {"done": ["user", "core_config", "analytics", "integration"]}


def _relays(spec: SiteSpec) -> Json:
    """Return the relays, known since the owner chose them for the bays."""
    relays = [
        _relay(bay.relay, bay.relay_key, f"Pi bay {bay.number} relay")
        for bay in spec.bays
    ]
    plain = [_relay(bay.relay, bay.relay_key, bay.name) for bay in spec.plain_bays]
    return {"entities": relays + plain + _esphome(spec), "deleted_entities": []}


def _esphome(spec: SiteSpec) -> list[Json]:
    """Return each ESPHome bay's relay, and the report that PayBay knows it by."""
    owner = {"config_entry_id": ESPHOME_ENTRY_ID, "platform": "esphome"}
    return [
        _relay(entity_id, unique_id, bay.name) | owner
        for bay in spec.esphome_bays
        for entity_id, unique_id in (
            (bay.relay, bay.relay_key),
            (bay.report, bay.report_key),
        )
    ]


def _relay(entity_id: str, unique_id: str, name: str) -> Json:
    empty = (
        "area_id",
        "device_class",
        "device_id",
        "disabled_by",
        "entity_category",
        "hidden_by",
        "icon",
        "name",
        "original_device_class",
        "original_icon",
        "unit_of_measurement",
    )
    return dict.fromkeys(empty) | {
        "capabilities": None,
        "config_entry_id": MQTT_ENTRY_ID,
        "entity_id": entity_id,
        "id": f"registry-{unique_id}",
        "options": {},
        "original_name": name,
        "platform": "mqtt",
        "supported_features": 0,
        "unique_id": unique_id,
    }
