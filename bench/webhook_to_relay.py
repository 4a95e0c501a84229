"""From the POST of a signed webhook to the relay's command on MQTT.

PayBay and a bare signed view run in the same real Home Assistant, against the same
broker; samples alternate in random order, and the ratio is taken within each round.
"""

import argparse
import asyncio
from contextlib import AsyncExitStack
from dataclasses import replace
import json
from pathlib import Path
import random
import statistics
import tempfile
import time
from typing import Any

from aiohttp import ClientSession
from paho.mqtt.client import Client, MQTTMessage, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion

from demo.bays import PlainBay
from demo.processes import ROOT
from demo.running import RunningSite
from demo.site import PlanSpec, SiteSpec

from .signed import captured

BARE_TOPIC = "bench/bare"
BARE_RELAY = "switch.bench_bare"
PLAN = PlanSpec(code="hour", name="An hour", rupees=10, seconds=3600)
BAY = PlainBay(number=1, pin=40)
COMMAND_WITHIN_S = 20


class Ear:
    """Hears relay commands and says when each came; plays the bare relay."""

    def __init__(self, port: int) -> None:
        """Connect."""
        self._loop = asyncio.get_running_loop()
        self._heard: dict[str, asyncio.Future[float]] = {}
        self._client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTv5)
        self._client.on_message = self._on_message
        self._client.connect("127.0.0.1", port)
        for topic in (BARE_TOPIC, BAY.topic):
            self._client.subscribe(f"{topic}/set", qos=1)
        self._client.publish(f"{BARE_TOPIC}/state", "OFF", retain=True)
        self._client.loop_start()

    def expect(self, topic: str) -> asyncio.Future[float]:
        """Return the moment of the next ON on a topic."""
        self._heard[topic] = self._loop.create_future()
        return self._heard[topic]

    def close(self) -> None:
        """Leave."""
        self._client.disconnect()
        self._client.loop_stop()

    def _on_message(self, client: Client, _data: Any, message: MQTTMessage) -> None:
        now_s = time.perf_counter()
        topic = message.topic.removesuffix("/set")
        if topic == BARE_TOPIC:
            client.publish(f"{topic}/state", message.payload, retain=True)
        if message.payload == b"ON":
            self._loop.call_soon_threadsafe(self._resolve, topic, now_s)

    def _resolve(self, topic: str, now_s: float) -> None:
        heard = self._heard.get(topic)
        if heard and not heard.done():
            heard.set_result(now_s)


class Bench:
    """Takes samples of both kinds."""

    def __init__(self, site: RunningSite, ear: Ear, session: ClientSession) -> None:
        """Use a running site."""
        self._site = site
        self._ear = ear
        self._session = session
        self._number = 0

    async def paybay(self) -> float:
        """Return one PayBay sample in seconds; the order and its end are not timed."""
        offer = await self._site.home.ask(
            "paybay.create_order", bay=BAY.switch, plan=PLAN.code
        )
        hook = f"/api/paybay/webhook/{self._site.spec.keys.hook_id}"
        seconds = await self._post(hook, BAY.topic, offer["order_id"])
        await self._site.home.wait_state(BAY.switch, "on")
        await self._site.home.ask("paybay.stop_session", bay=BAY.switch)
        await self._site.home.wait_state(BAY.status, "available")
        return seconds

    async def bare(self) -> float:
        """Return one sample of the yardstick in seconds."""
        seconds = await self._post("/api/bare_bay", BARE_TOPIC, None)
        await self._site.home.wait_state(BARE_RELAY, "on")
        await self._site.home.act("switch.turn_off", entity_id=BARE_RELAY)
        await self._site.home.wait_state(BARE_RELAY, "off")
        return seconds

    async def _post(self, path: str, topic: str, order_id: str | None) -> float:
        body, headers = self._event(order_id)
        heard = self._ear.expect(topic)
        began_s = time.perf_counter()
        async with self._session.post(
            self._site.home.url + path, data=body, headers=headers
        ) as answer:
            answer.raise_for_status()
        async with asyncio.timeout(COMMAND_WITHIN_S):
            return await heard - began_s

    def _event(self, order_id: str | None) -> tuple[bytes, dict[str, str]]:
        """Return a signed event of a captured payment."""
        self._number += 1
        return captured(
            f"pay_{self._number:014d}",
            order_id,
            PLAN.rupees * 100,
            event_id=f"evt_{self._number}",
            secret=self._site.spec.keys.webhook,
        )


def add_yardstick(site: RunningSite) -> None:
    """Put the bare view and its relay into Home Assistant's configuration."""
    source = ROOT / "bench" / "bare_bay"
    (site.config / "custom_components" / "bare_bay").symlink_to(source)
    switch = {
        "name": "Bench bare",
        "unique_id": "bench_bare",
        "default_entity_id": BARE_RELAY,
        "command_topic": f"{BARE_TOPIC}/set",
        "state_topic": f"{BARE_TOPIC}/state",
        "qos": 1,
    }
    bare = {"secret": site.spec.keys.webhook, "relay": BARE_RELAY}
    file = site.config / "configuration.yaml"
    text = file.read_text(encoding="utf-8")
    text = text.replace('"mqtt": [', f'"mqtt": [{{"switch": {json.dumps(switch)}}}, ')
    text = text.replace("{", f'{{"bare_bay": {json.dumps(bare)}, ', 1)
    file.write_text(text, encoding="utf-8")


async def measure(rounds: int, samples: int) -> None:
    """Run the bench and print it."""
    spec = SiteSpec(plans=(PLAN,), bays=(), plain_bays=(BAY,), bridge_runs=False)
    async with AsyncExitStack() as stack:
        made = tempfile.TemporaryDirectory(prefix="paybay-bench-")
        site = RunningSite(replace(spec), Path(stack.enter_context(made)))
        add_yardstick(site)
        stack.push_async_callback(site.stop)
        await stack.enter_async_context(site.recorder)
        await site.start()
        await site.home.wait_state(BAY.status, "available")
        ear = Ear(site.ports.broker)
        stack.callback(ear.close)
        bench = Bench(site, ear, await stack.enter_async_context(ClientSession()))
        for warm_up in (bench.paybay, bench.bare) * 10:
            await warm_up()
        report([await one_round(bench, samples) for _ in range(rounds)])


async def one_round(bench: Bench, samples: int) -> dict[str, list[float]]:
    """Return the samples of one round, in milliseconds by kind."""
    kinds = [bench.paybay, bench.bare] * samples
    random.shuffle(kinds)
    found: dict[str, list[float]] = {"paybay": [], "bare": []}
    for kind in kinds:
        found[kind.__name__].append(await kind() * 1000)
    return found


def report(rounds: list[dict[str, list[float]]]) -> None:
    """Print each round, and the ratios' median and range."""
    ratios: dict[str, list[float]] = {"p50": [], "p99": []}
    print("round  paybay p50/p99 ms   bare p50/p99 ms   ratio p50/p99")
    for number, found in enumerate(rounds, start=1):
        ours, theirs = (percentiles(found[kind]) for kind in ("paybay", "bare"))
        for name, a, b in zip(("p50", "p99"), ours, theirs, strict=True):
            ratios[name].append(a / b)
        last = f"{ratios['p50'][-1]:.2f} / {ratios['p99'][-1]:.2f}"
        print(
            f"{number:5}  {ours[0]:8.2f} / {ours[1]:<8.2f} "
            f"{theirs[0]:8.2f} / {theirs[1]:<8.2f} {last}"
        )
    for name, values in ratios.items():
        spread = f"{min(values):.2f}-{max(values):.2f}"
        print(f"paybay / bare, {name}: {statistics.median(values):.2f} ({spread})")


def percentiles(values: list[float]) -> tuple[float, float]:
    """Return the median and the 99th percentile."""
    cuts = statistics.quantiles(values, n=100, method="inclusive")
    return statistics.median(values), cuts[98]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--samples", type=int, default=100, help="of each kind a round")
    arguments = parser.parse_args()
    asyncio.run(measure(arguments.rounds, arguments.samples))
