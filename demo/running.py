"""A whole site that runs: every part started, watched, and gone without a trace."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
import tempfile
from typing import Any

from .books import Books
from .bridge import SupervisedBridge
from .config_dir import automation, by_blueprint, write_automations, write_config_dir
from .esphome_node import EsphomeNode, build_node
from .home import Home
from .parts import (
    make_broker,
    make_emulator,
    make_home_assistant,
    make_plain_relays,
)
from .processes import Part
from .recorder import Recorder
from .site import SiteSpec, free_ports
from .storage import new_login
from .till import Till
from .waiting import LateError, to_its_end

HOME_READY_WITHIN_S = 120.0


class RunningSite:
    """The parts of one site in one directory; make it with `running`."""

    def __init__(self, spec: SiteSpec, directory: Path) -> None:
        """Write all configuration; nothing runs yet."""
        self.spec = spec
        self.directory = directory
        self.ports = free_ports()
        self.config = directory / "config"
        logs = directory / "logs"
        logs.mkdir()
        login = new_login()
        write_config_dir(self.config, spec, self.ports, login)
        self.home = Home(self.ports.home_assistant, login.token)
        self.till = Till(self.ports.emulator)
        self.books = Books(self.config / "paybay.db")
        self.broker = make_broker(directory, logs, self.ports.broker)
        self.emulator = make_emulator(logs, spec, self.till, self.home.url)
        self.home_assistant = make_home_assistant(
            self.config, logs, self.home, self.till.url
        )
        self.bridge = SupervisedBridge(
            directory / "bridge", logs, spec, self.ports.broker
        )
        self.recorder = Recorder(self.bridge.board)
        self.esphome = EsphomeNode(
            directory / "esphome", self.bridge.board, logs, self.ports.esphome
        )
        self.plain_relays = make_plain_relays(
            logs, spec, self.ports.broker, self.bridge.board
        )

    @property
    def parts(self) -> tuple[Part, ...]:
        """Return the programs that nobody starts again when they end."""
        return (
            self.broker,
            self.emulator,
            self.home_assistant,
            *([self.plain_relays] if self.spec.plain_bays else []),
        )

    async def start(self) -> None:
        """Start everything; raise PartError or LateError if that fails."""
        for part in self.parts:
            await part.start()
        await self.broker.wait_ready()
        if self.spec.bridge_runs:
            await self.bridge.start()
        if self.spec.esphome_bays:
            await build_node()
            await self.esphome.start()
        await self.emulator.wait_ready()
        await self.wait_home()
        if self.spec.set_up:
            await self._use_blueprint()

    async def stop(self) -> None:
        """End everything, the bridge while there still is a broker."""
        await self.home.close()
        await self.till.close()
        work = [part.stop() for part in self.parts if part is not self.broker]
        work += [self.bridge.stop(), self.esphome.stop()]
        await asyncio.gather(*work, return_exceptions=True)
        await self.broker.stop()

    async def start_home(self) -> None:
        """Start Home Assistant again and wait until its bays can be used."""
        await self.home_assistant.start()
        await self.wait_home()

    async def wait_home(self) -> None:
        """Return once Home Assistant runs and knows every bay's state."""
        connecting = self.home.connect(within_s=HOME_READY_WITHIN_S)
        await self._unless_home_dies(connecting)
        await self.home_assistant.wait_ready(within_s=HOME_READY_WITHIN_S)
        try:
            await self._wait_bays()
        except LateError as error:
            raise self.home_assistant.failure(f"is not complete: {error}") from None

    async def _wait_bays(self) -> None:
        if self.spec.bridge_runs:
            for bay in self.spec.bays:
                await self.home.wait_state(bay.relay, "on", "off", within_s=60)
        for each in self.spec.all_bays if self.spec.set_up else ():
            await self.home.wait_known(each.status, within_s=60)

    async def kill_home(self) -> None:
        """Cut Home Assistant's power."""
        await self.home_assistant.kill()
        await self.home.disconnect()

    async def wait_death(self) -> Part:
        """Return the first part that ends."""
        ends = {asyncio.create_task(part.wait_end()): part for part in self.parts}
        try:
            done, _ = await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            return ends[done.pop()]
        finally:
            for end in ends:
                end.cancel()

    async def _use_blueprint(self) -> None:
        automations = []
        for bay in by_blueprint(self.spec):
            device_id = await self.home.render(f"{{{{ device_id('{bay.switch}') }}}}")
            automations.append(automation(bay, device_id))
        write_automations(self.config, automations)
        await self.home.act("automation.reload")
        for bay in by_blueprint(self.spec):
            await self.home.wait_state(bay.automation, "on")

    async def _unless_home_dies(self, work: Coroutine[Any, Any, None]) -> None:
        working = asyncio.create_task(work)
        dying = asyncio.create_task(self.home_assistant.wait_end())
        await asyncio.wait((working, dying), return_when=asyncio.FIRST_COMPLETED)
        dying.cancel()
        if not working.done():
            working.cancel()
            raise self.home_assistant.failure("died at start")
        await working


@asynccontextmanager
async def running(
    spec: SiteSpec, keep: Path | None = None
) -> AsyncIterator[RunningSite]:
    """Run a site while inside; `keep` is a directory that stays afterwards."""
    async with AsyncExitStack() as stack:
        if keep is None:
            made = tempfile.TemporaryDirectory(prefix="paybay-demo-")
            directory = Path(stack.enter_context(made))
        else:
            directory = keep
            directory.mkdir(parents=True)
        site = RunningSite(spec, directory)
        stack.push_async_callback(to_its_end, site.stop)
        await stack.enter_async_context(site.recorder)
        await site.start()
        yield site
