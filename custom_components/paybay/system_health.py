"""System health: a page of facts that helps, and tells nobody's secrets."""

from pathlib import Path
from typing import Any

from homeassistant.components import system_health
from homeassistant.core import HomeAssistant, callback
from homeassistant.loader import async_get_integration
from homeassistant.util import dt as dt_util

from .const import DOMAIN
from .ledger import LedgerError
from .ledger.reader import snapshot
from .ledger_file import async_get_ledger
from .site import PayBayConfigEntry, Site
from .web.customer.texts import unsigned

_KIB = 1024


@callback
def async_register(
    hass: HomeAssistant,  # noqa: ARG001 - Home Assistant's signature
    register: system_health.SystemHealthRegistration,
) -> None:
    """Register what there is to tell."""
    register.async_register_info(_info, "/config/integrations/integration/paybay")


async def _info(hass: HomeAssistant) -> dict[str, Any]:
    """Return facts of all sites; several sites' answers stand side by side."""
    entries: list[PayBayConfigEntry] = hass.config_entries.async_loaded_entries(DOMAIN)
    sites = [entry.runtime_data for entry in entries]
    bays = [bay for site in sites for bay in site.bays.values()]
    return {
        "version": str((await async_get_integration(hass, DOMAIN)).version),
        "sites": len(sites),
        "mode": _each(sites, lambda site: "test" if site.test_mode else "live"),
        "provider_reachable": _each(sites, _reachable),
        "last_webhook": _each(sites, _last_webhook),
        "bays": len(bays),
        "bays_in_reach": sum(bay.face.in_reach for bay in bays),
        "ledger_size": _ledger(hass, _size),
        "ledger_health": _ledger(hass, _health),
        "unsigned_languages": ", ".join(unsigned()) or "-",
    }


def _each(sites: list[Site], tell: Any) -> str:
    return ", ".join(tell(site) for site in sites) or "-"


def _reachable(site: Site) -> str:
    reachable = site.reachability.reachable
    if site.reachability.refused:
        return "keys refused"
    return "not asked yet" if reachable is None else "ok" if reachable else "failed"


def _last_webhook(site: Site) -> str:
    verified_ms = site.webhook_health.verified_ms
    if verified_ms is None:
        return "never"
    moment = dt_util.as_local(dt_util.utc_from_timestamp(verified_ms // 1000))
    return moment.isoformat(" ", "minutes")


async def _ledger(hass: HomeAssistant, tell: Any) -> str:
    """Return what a blocking function finds out about the ledger's file."""
    try:
        ledger = await async_get_ledger(hass)
        return str(await hass.async_add_executor_job(tell, ledger.path))
    except LedgerError, OSError:
        return "failed"


def _size(path: Path) -> str:
    """Return how much the file and its log hold (blocking)."""
    log = path.with_name(f"{path.name}-wal")
    size = path.stat().st_size + (log.stat().st_size if log.exists() else 0)
    return f"{size / _KIB / _KIB:.1f} MiB"


def _health(path: Path) -> str:
    """Return what SQLite says of the file (blocking)."""
    with snapshot(path) as connection:
        found = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar_one()
    return str(found)
