"""What `--break` breaks, to show that `--check` notices and says what is wrong."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from .config_dir import by_blueprint
from .running import RunningSite
from .site import SiteSpec

UNUSED_PIN = 5


async def _nothing(_site: RunningSite) -> None:
    pass


@dataclass(frozen=True, kw_only=True)
class Break:
    """A fault: `change` puts it into the site, `prepare` does so once that runs."""

    what: str
    change: Callable[[SiteSpec], SiteSpec] = lambda spec: spec
    prepare: Callable[[RunningSite], Awaitable[None]] = _nothing


def _other_secret(spec: SiteSpec) -> SiteSpec:
    return replace(spec, keys=replace(spec.keys, paybay_webhook="another-secret"))


def _no_bridge(spec: SiteSpec) -> SiteSpec:
    return replace(spec, bridge_runs=False)


def _wrong_wire(spec: SiteSpec) -> SiteSpec:
    first, *others = spec.bays
    return replace(spec, bays=(replace(first, wired_to=UNUSED_PIN), *others))


async def _disable(site: RunningSite) -> None:
    for bay in by_blueprint(site.spec):
        await site.home.act("automation.turn_off", entity_id=bay.automation)
        await site.home.wait_state(bay.automation, "off")


BREAKS = {
    "secret": Break(
        what="PayBay has another webhook secret than the provider",
        change=_other_secret,
    ),
    "bridge": Break(what="the Pi bridge does not run", change=_no_bridge),
    "relay": Break(what="the first bay's relay is dead", change=_wrong_wire),
    "blueprint": Break(what="the automations are disabled", prepare=_disable),
}
