"""One site's soak: buy, misbehave, kill; then be quiet and judge."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
import sqlite3
import time
from typing import Any

from demo.processes import PYTHON, ROOT, Part
from demo.running import RunningSite, running
from demo.waiting import News

from . import pin_trace
from .customers import Customers, Tally
from .evidence import Evidence
from .gather import drop_unmade, from_ledger, provider_books, without_infinity
from .killer import Killer
from .laws import judge
from .quiet import calm_down
from .sight import Sight
from .spec import SoakPlan, soak_site
from .undone import Memory
from .violation import Violation
from .weather import bank, blow

LOOK_EVERY_S = 2.0


@dataclass(kw_only=True)
class Soaked:
    """What a soak came to."""

    seed: str
    directory: Path
    evidence: Evidence
    violations: list[Violation]
    tally: Tally
    starts_s: list[float]
    killing_s: float
    settling_s: float


async def soak(directory: Path, plan: SoakPlan, say: Callable[[str], None]) -> Soaked:
    """Soak one site in a new directory; `say` hears of each step."""
    async with running(soak_site(), keep=directory) as site:
        trace = _trace(site)
        await trace.start()
        try:
            return await _soak(site, directory / "pins.trace", plan, say)
        finally:
            await trace.stop()


async def _soak(
    site: RunningSite, trace: Path, plan: SoakPlan, say: Callable[[str], None]
) -> Soaked:
    seed, paid, tally, memory = plan.seed, News(), Tally(), Memory()
    sight = Sight(site)
    killer = Killer(site, sight, paid, Random(f"{seed} killer"))
    began_s = time.monotonic()

    def progress() -> None:
        say(_progress(killer, tally, plan.kills))

    async with _meanwhile(sight.watch(), _remember(site, memory), bank(site)):
        shoppers = (
            Customers(site, bay, Random(f"{seed} {bay.id}"), paid, tally).come()
            for bay in site.spec.all_bays
        )
        weather = blow(site.till, Random(f"{seed} weather"))
        async with _meanwhile(weather, *shoppers):
            await killer.kill(plan.kills, progress)
        killing_s = time.monotonic() - began_s
        open_ones = await calm_down(site, killer, plan, say)
        _look(site, memory)
    evidence = from_ledger(site, seed)
    if not plan.patient:
        await drop_unmade(site.till, evidence)
    evidence.taken, evidence.returned = await provider_books(site.till)
    without_infinity(evidence, pin_trace.read(trace), killer.kills, sight.spans)
    violations = [*judge(evidence), *memory.broken]
    if open_ones:
        violations.append(Violation(law="everything settles", text=open_ones))
    (trace.parent / "evidence.json").write_text(evidence.to_json(), encoding="utf-8")
    return Soaked(
        seed=seed,
        directory=trace.parent,
        evidence=evidence,
        violations=violations,
        tally=tally,
        starts_s=killer.starts_s,
        killing_s=killing_s,
        settling_s=time.monotonic() - began_s - killing_s,
    )


@asynccontextmanager
async def _meanwhile(*work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Do endless work while inside; if any of it fails, so does the inside."""
    tasks: list[asyncio.Task[None]] = []
    async with asyncio.TaskGroup() as group:
        tasks += [group.create_task(each) for each in work]
        yield
        for task in tasks:
            task.cancel()


async def _remember(site: RunningSite, memory: Memory) -> None:
    while True:
        await asyncio.sleep(LOOK_EVERY_S)
        try:
            _look(site, memory)
        except sqlite3.OperationalError:
            # Home Assistant is being killed or started at the file.
            continue


def _look(site: RunningSite, memory: Memory) -> None:
    rows = site.books.rows
    memory.look(
        rows("SELECT id, state, ran_ms FROM orders"),
        rows("SELECT id, order_id, amount_minor FROM payments"),
        rows("SELECT * FROM deliveries WHERE state = 'closed'"),
        rows("SELECT * FROM refunds WHERE state = 'processed'"),
    )


def _progress(killer: Killer, tally: Tally, kills: int) -> str:
    by_part = ", ".join(f"{part} {count}" for part, count in killer.count.items())
    return (
        f"{len(killer.kills)}/{kills} kills ({by_part}),"
        f" {tally.ordered} orders, {tally.paid} payments"
    )


def _trace(site: RunningSite) -> Part:
    board, trace = site.bridge.board, site.directory / "pins.trace"
    trace.touch()
    return Part(
        "the pin trace",
        [PYTHON, "-m", "bench.crash.pin_trace", str(board), str(trace)],
        log=site.directory / "logs" / "pin_trace.log",
        env={"PYTHONPATH": str(ROOT)},
    )
