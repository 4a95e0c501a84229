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


@pytest.fixture(scope="module")
def module_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Run a broker, a bridge and a peer for all tests of a file."""
    with make_site(tmp_path_factory.mktemp("site")) as made:
        yield made


@pytest.fixture
def site(module_site: Site) -> Site:
    """Return the site with nothing running and nothing broken."""
    module_site.start_again()
    return module_site


@pytest.fixture(autouse=True)
def sockets(request: pytest.FixtureRequest) -> None:
    """Allow sockets where Home Assistant's test plugin forbids them."""
    if request.config.pluginmanager.hasplugin("socket"):
        request.getfixturevalue("socket_enabled")
