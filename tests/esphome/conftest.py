"""Fixtures for tests with a real ESPHome node.

- `program`: the node is built, once a run; what did not change is not built again.
- `node`: a fresh node with an empty flash, running; `client` is connected to it.
- When a test fails, the end of the node's log is added to its report.
"""

from collections.abc import AsyncIterator, Generator
from pathlib import Path

import pytest
import pytest_asyncio

from demo.esphome_node import EsphomeNode, build_node
from demo.site import free_ports

from .client import NodeClient, connected

TAIL_CHARS = 6000


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def program() -> Path:
    return await build_node()


@pytest_asyncio.fixture
async def node(program: Path, tmp_path: Path) -> AsyncIterator[EsphomeNode]:
    made = EsphomeNode(tmp_path, tmp_path / "pins.bin", tmp_path, free_ports().esphome)
    await made.start()
    yield made
    await made.kill()


@pytest_asyncio.fixture
async def client(node: EsphomeNode) -> AsyncIterator[NodeClient]:
    async with connected(node.port) as made:
        yield made


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    node = getattr(item, "funcargs", {}).get("node")
    if report.failed and isinstance(node, EsphomeNode):
        report.sections.append(("node.log", node.part.log[-TAIL_CHARS:]))
    return report
