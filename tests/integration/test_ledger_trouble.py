"""A ledger that cannot be used: nobody charges for nothing, and the owner is told."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
import resource
import signal
import threading
from unittest.mock import NonCallableMagicMock, patch

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.repairs import repairs_flow_manager
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)

from custom_components.paybay.backup import (
    LONGEST_S,
    async_post_backup,
    async_pre_backup,
)
from custom_components.paybay.const import DOMAIN
from custom_components.paybay.ledger import Ledger, LedgerError, restored
from custom_components.paybay.ledger_file import FILE_NAME, async_get_ledger

from .entries import make_entry
from .site_fixtures import ObedientClock, paid, settled, state_of

RELAY = "input_boolean.relay_1"
NONSENSE = b"not a database at all, no " * 300


@pytest.fixture
def full_disk() -> Iterator[None]:
    """Let no file of this process grow any more."""
    unlimited = resource.getrlimit(resource.RLIMIT_FSIZE)
    heard = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, unlimited[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, unlimited)
    signal.signal(signal.SIGXFSZ, heard)


def shown(hass: HomeAssistant) -> set[str]:
    found = ir.async_get(hass).issues.values()
    return {str(i.translation_key) for i in found if i.domain == DOMAIN and i.active}


async def set_up(hass: HomeAssistant) -> MockConfigEntry:
    entry = make_entry()
    entry.add_to_hass(hass)
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    return entry


async def test_damaged_ledger_leaves_no_relay_on_and_is_not_touched(
    hass: HomeAssistant,
    live_provider: NonCallableMagicMock,
    relay_helpers: None,
    tmp_path: Path,
) -> None:
    hass.config.config_dir = str(tmp_path)
    file = tmp_path / FILE_NAME
    file.write_bytes(NONSENSE)
    await hass.services.async_call(
        "input_boolean", "turn_on", {"entity_id": RELAY}, blocking=True
    )
    entry = await set_up(hass)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    assert state_of(hass, RELAY) == "off"
    assert shown(hass) == {"ledger_unusable"}
    assert file.read_bytes() == NONSENSE


async def test_ledger_that_is_whole_again_is_used_and_the_notice_goes(
    hass: HomeAssistant,
    live_provider: NonCallableMagicMock,
    relay_helpers: None,
    tmp_path: Path,
) -> None:
    hass.config.config_dir = str(tmp_path)
    file = tmp_path / FILE_NAME
    file.write_bytes(NONSENSE)
    entry = await set_up(hass)
    file.unlink()
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert entry.state is ConfigEntryState.LOADED
    assert shown(hass) == set()


async def test_session_ends_on_time_on_a_full_disk_and_is_booked_later(
    hass: HomeAssistant,
    site_entry: MockConfigEntry,
    clock: ObedientClock,
    request: pytest.FixtureRequest,
) -> None:
    order = await paid(hass, site_entry)
    await clock.pass_by(hass, 300)
    request.getfixturevalue("full_disk")
    await clock.pass_by(hass, 303)
    assert state_of(hass, RELAY) == "off"
    assert shown(hass) == {"ledger_failing"}
    request.node.funcargs.pop("full_disk", None)
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
    await clock.pass_by(hass, 30)
    await settled(hass, site_entry)
    assert shown(hass) == set()
    site = site_entry.runtime_data
    rows = await site.ledger.run(
        lambda c: c.exec_driver_sql(
            "SELECT state, ran_ms FROM orders WHERE id = ?", (order.id,)
        ).all()
    )
    assert rows == [("completed", 600_000)]


async def test_backup_marks_the_copy_and_not_the_ledger(
    hass: HomeAssistant, site_entry: MockConfigEntry
) -> None:
    ledger = await async_get_ledger(hass)
    await async_pre_backup(hass)
    marks = "SELECT count(*) FROM marks WHERE name = 'backup_began_ms'"

    async def marked() -> int:
        return await ledger.run(lambda c: c.exec_driver_sql(marks).scalar_one())

    assert await marked() == 1
    await async_post_backup(hass)
    assert await marked() == 0


async def test_owner_is_told_that_the_ledger_was_restored_until_they_confirm(
    hass: HomeAssistant, site_entry: MockConfigEntry
) -> None:
    assert await async_setup_component(hass, "repairs", {})
    ledger = await async_get_ledger(hass)
    await async_pre_backup(hass)
    await ledger.run(lambda c: restored.note(c, 1_900_000_000_000))
    await async_post_backup(hass)
    await hass.config_entries.async_reload(site_entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    (issue,) = [i for i in ir.async_get(hass).issues.values() if i.domain == DOMAIN]
    assert issue.translation_key == "ledger_restored"
    placeholders = issue.translation_placeholders or {}
    assert set(placeholders) == {"from", "to"}
    manager = repairs_flow_manager(hass)
    assert manager
    form = await manager.async_init(DOMAIN, context={"issue_id": issue.issue_id})
    await manager.async_configure(form["flow_id"], {})
    await hass.config_entries.async_reload(site_entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert shown(hass) == set()


async def test_backup_that_nobody_ends_is_no_restore_at_the_next_start(
    hass: HomeAssistant,
    site_entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    ledger = await async_get_ledger(hass)
    await async_pre_backup(hass)
    freezer.tick(LONGEST_S + 1)
    async_fire_time_changed(hass)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert await ledger.run(lambda c: restored.note(c, 1_900_000_000_000)) is None


@pytest.mark.parametrize(
    "part",
    ["open_sign.OpenSign.load", "webhook_health.WebhookHealth.load"],
)
async def test_ledger_that_fails_in_the_middle_of_the_set_up_is_tried_again(
    hass: HomeAssistant,
    site_provider: NonCallableMagicMock,
    relay_helpers: None,
    part: str,
) -> None:
    await hass.services.async_call(
        "input_boolean", "turn_on", {"entity_id": RELAY}, blocking=True
    )
    with patch(f"custom_components.paybay.{part}", side_effect=LedgerError("locked")):
        entry = await set_up(hass)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    assert state_of(hass, RELAY) == "off"
    assert shown(hass) == {"ledger_unusable"}


async def test_a_start_that_is_called_off_leaves_no_ledger_open(
    hass: HomeAssistant,
) -> None:
    opening, may_open = threading.Event(), threading.Event()
    really_open = Ledger.open

    def open_slowly(ledger: Ledger) -> None:
        opening.set()
        may_open.wait()
        really_open(ledger)

    with patch.object(Ledger, "open", open_slowly):
        start = hass.async_create_task(async_get_ledger(hass))
        await hass.async_add_executor_job(opening.wait)
        start.cancel()
        with pytest.raises(asyncio.CancelledError):
            await start
        may_open.set()
        await hass.async_block_till_done(wait_background_tasks=True)
    assert "paybay-ledger" not in {thread.name for thread in threading.enumerate()}
