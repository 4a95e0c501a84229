"""What ends a session at once: the emergency stop and the current."""

import asyncio
import time

from demo.esphome_node import EsphomeNode

from .client import NodeClient, connected
from .test_sessions import A, B, ended, is_high


async def test_the_emergency_stop_ends_the_session_and_forbids_another(
    node: EsphomeNode, client: NodeClient
) -> None:
    await client.start(A, 30)
    client.turn("Press emergency stop", on=True)
    report = await client.wait_report(ended(A, "fault"))
    assert report["f"] == "estop"
    assert not is_high(node)
    assert await client.start(B, 30) == "estop"
    client.turn("PayBay 1 relay", on=True)
    assert (await client.report())["r"] == 0

    client.turn("Press emergency stop", on=False)
    await client.wait_report(lambda report: report["f"] == "")
    assert not is_high(node), "letting the button go starts nothing"
    assert await client.start(A, 30) == "finished"
    assert await client.start(B, 30) == ""


async def test_a_stop_pressed_when_the_power_comes_counts(
    node: EsphomeNode, client: NodeClient
) -> None:
    client.turn("Press emergency stop", on=True)
    await client.wait_report(lambda report: report["f"] == "estop")
    await node.stop()
    await node.start()
    async with connected(node.port) as back:
        assert (await back.report())["f"] == "estop"
        assert await back.start(A, 30) == "estop"


async def test_a_stop_that_has_not_spoken_counts_as_pressed(
    client: NodeClient,
) -> None:
    assert (await client.report(4))["f"] == "estop"
    assert await client.start(A, 1, bay=4) == "estop"
    client.press("Release mute emergency stop")
    await client.wait_report(lambda report: report["f"] == "", bay=4)
    assert await client.start(A, 1, bay=4) == ""


async def test_only_the_bays_that_name_the_stop_heed_it(
    node: EsphomeNode, client: NodeClient
) -> None:
    await client.start(A, 30, bay=2)
    client.turn("Press emergency stop", on=True)
    await client.wait_report(lambda report: report["f"] == "estop")
    assert is_high(node, 27)


async def test_too_much_current_ends_the_session_after_a_while(
    node: EsphomeNode, client: NodeClient
) -> None:
    await client.start(A, 30)
    began_s = time.monotonic()
    client.set_number("Load", 20)
    report = await client.wait_report(ended(A, "fault"))
    assert 0.9 < time.monotonic() - began_s < 2
    assert report["f"] == "over_current"
    assert not is_high(node)
    assert await client.start(B, 30) == "over_current"


async def test_far_too_much_current_is_not_waited_out(client: NodeClient) -> None:
    await client.start(A, 30)
    began_s = time.monotonic()
    client.set_number("Load", 90)
    await client.wait_report(ended(A, "fault"))
    assert time.monotonic() - began_s < 0.6


async def test_an_inrush_shorter_than_the_limit_is_let_pass(
    node: EsphomeNode, client: NodeClient
) -> None:
    await client.start(A, 30)
    client.set_number("Load", 20)
    await asyncio.sleep(0.5)
    client.set_number("Load", 6)
    await asyncio.sleep(1)
    assert is_high(node)


async def test_a_meter_that_falls_silent_ends_the_session(
    node: EsphomeNode, client: NodeClient
) -> None:
    await client.start(A, 30)
    client.turn("Break meter", on=True)
    report = await client.wait_report(ended(A, "fault"))
    assert report["f"] == "meter_silent"
    assert 2.5 < report["l"][2] < 4.5
