"""Fixtures of the bridge's tests."""

from collections.abc import Iterator
from pathlib import Path
import sys

sys.path.insert(0, str(Path(__file__).parents[2] / "pi_relay_bridge" / "src"))

import pytest

from .helpers import Bench, Site, make_site


@pytest.fixture
def bench() -> Bench:
    """Return one bay between fakes."""
    return Bench()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """Run a broker, a bridge and a peer."""
    with make_site(tmp_path) as made:
        yield made


@pytest.fixture(autouse=True)
def sockets(request: pytest.FixtureRequest) -> None:
    """Allow sockets where Home Assistant's test plugin forbids them."""
    if request.config.pluginmanager.hasplugin("socket"):
        request.getfixturevalue("socket_enabled")
