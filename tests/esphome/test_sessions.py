"""A bay on a real node: on for exactly what was asked, and an account of it."""

import asyncio
import time
from typing import Any

import pytest

from demo.esphome_node import EsphomeNode

from .client import NodeClient, connected

A, B = "ord_aaaaaaaaaaaaaaaaaaaa", "ord_bbbbbbbbbbbbbbbbbbbb"
SLACK_S = 0.25


def is_high(node: EsphomeNode, pin: int = 17) -> bool:
    return node.board.read_bytes()[pin] == 1


def ended(order: str, outcome: str) -> Any:
    return lambda report: report.get("l", ["", ""])[:2] == [order, outcome]


async def test_a_new_bay_is_off_and_says_so(
    node: EsphomeNode, client: NodeClient
) -> None:
    report = await client.report()
    assert (report["v"], report["r"], report["f"], report["m"]) == (1, 0, "", 14400)
    assert "o" not in report
    assert "l" not in report
    assert not is_high(node)
    await client.wait_state("PayBay 1 phase", "idle")


async def test_a_session_lasts_what_was_paid_and_is_accounted_for(
    node: EsphomeNode, client: NodeClient
) -> None:
    began_s = time.monotonic()
    assert await client.start(A, 1.25) == ""
    assert is_high(node)
    running = await client.report()
    assert (running["r"], running["o"]) == (1, A)
    assert 0 < running["s"] <= 1.25
    done = await client.wait_report(ended(A, "completed"))
    assert time.monotonic() - began_s == pytest.approx(1.25, abs=SLACK_S)
    assert not is_high(node)
    assert (done["r"], done["l"][2]) == (0, 1.25)
    await client.wait_state("PayBay 1 phase", "idle")
    await client.wait_state("PayBay 1 last session", f"{A} completed 1.250 s time_up")


async def test_the_same_order_again_changes_nothing(client: NodeClient) -> None:
    assert await client.start(A, 1) == ""
    assert await client.start(A, 30) == ""
    assert (await client.report())["s"] <= 1
    await client.wait_report(ended(A, "completed"))


async def test_a_finished_order_never_runs_twice(client: NodeClient) -> None:
    assert await client.start(A, 0.3) == ""
    await client.wait_report(ended(A, "completed"))
    assert await client.start(A, 1) == "finished"
    assert await client.start(B, 30) == ""
    await client.stop()
    assert await client.start(B, 1) == "finished"


async def test_a_busy_bay_takes_no_other_order(client: NodeClient) -> None:
    await client.start(A, 30)
    assert await client.start(B, 1) == "busy"
    assert (await client.report())["o"] == A


async def test_an_extension_replaces_the_end(
    node: EsphomeNode, client: NodeClient
) -> None:
    began_s = time.monotonic()
    await client.start(A, 0.5)
    assert await client.extend(A, 1.5) == ""
    assert await client.extend(A, 1.5) == "", "sent twice it extends once"
    await client.wait_report(ended(A, "completed"))
    assert time.monotonic() - began_s == pytest.approx(1.5, abs=SLACK_S)


async def test_an_end_that_was_brought_forward_holds(client: NodeClient) -> None:
    began_s = time.monotonic()
    await client.start(A, 30)
    assert await client.extend(A, 1) == ""
    done = await client.wait_report(ended(A, "completed"))
    assert time.monotonic() - began_s == pytest.approx(1, abs=SLACK_S)
    assert done["l"][2] == 1


async def test_an_extension_needs_its_own_running_order(client: NodeClient) -> None:
    assert await client.extend(A, 5) == "not_running"
    await client.start(A, 30)
    assert await client.extend(B, 60) == "other_order"
    await asyncio.sleep(0.1)
    assert await client.extend(A, 0.05) == "already_ran"


async def test_stop_ends_the_named_order_only(
    node: EsphomeNode, client: NodeClient
) -> None:
    await client.start(A, 30)
    assert await client.stop(B) == "other_order"
    assert is_high(node)
    assert await client.stop(A) == ""
    assert not is_high(node)
    report = await client.wait_report(ended(A, "stopped"))
    assert 0 <= report["l"][2] < 5
    assert await client.stop(A) == "", "stopping what does not run is done"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"seconds": float("nan")}, "bad_seconds"),
        ({"seconds": -1.0}, "bad_seconds"),
        ({"seconds": 0.0}, "bad_seconds"),
        ({"seconds": float("inf")}, "bad_seconds"),
        ({"seconds": 14401.0}, "too_long"),
        ({"seconds": 1e30}, "too_long"),
        ({"order_id": ""}, "bad_order_id"),
        ({"order_id": "x" * 41}, "bad_order_id"),
        ({"order_id": 'x","r":1'}, "bad_order_id"),
        ({"order_id": "नमस्ते"}, "bad_order_id"),
        ({"boot_id": ""}, "other_boot"),
        ({"boot_id": "00000000"}, "other_boot"),
        ({"not_after": 0}, "stale"),
        ({"not_after": -5}, "bad_not_after"),
    ],
)
async def test_bad_input_is_refused_with_a_reason(
    node: EsphomeNode, client: NodeClient, change: dict[str, Any], why: str
) -> None:
    data: dict[str, Any] = {"order": A, "seconds": 1.0} | change
    order = data.pop("order_id", data.pop("order"))
    assert await client.start(order, data.pop("seconds"), **data) == why
    assert not is_high(node)
    assert "o" not in await client.report()


async def test_the_longest_order_id_fits_into_a_state(client: NodeClient) -> None:
    order = "x" * 40
    assert await client.start(order, 14399.5) == ""
    await client.stop()
    report = await client.wait_report(ended(order, "stopped"))
    assert len(client.states["PayBay 1 report"]) < 255
    assert report["l"][0] == order


async def test_bays_of_one_node_keep_apart(
    node: EsphomeNode, client: NodeClient
) -> None:
    await client.start(A, 30, bay=1)
    assert await client.start(B, 30, bay=2) == ""
    assert is_high(node, 17)
    assert is_high(node, 27)
    await client.stop(bay=1)
    assert not is_high(node, 17)
    assert is_high(node, 27)
    assert (await client.report(2))["o"] == B


async def test_an_interlocked_bay_waits_for_the_other(client: NodeClient) -> None:
    await client.start(A, 30, bay=2)
    await client.wait_state("PayBay 3 phase", "interlocked")
    assert await client.start(B, 1, bay=3) == "interlocked"
    await client.stop(bay=2)
    await client.wait_state("PayBay 3 phase", "idle")
    assert await client.start(B, 0.3, bay=3) == ""
    await client.wait_report(ended(B, "completed"), bay=3)


async def test_the_bays_own_switch_is_bounded_and_gives_way(
    node: EsphomeNode, client: NodeClient
) -> None:
    client.turn("PayBay 1 relay", on=True)
    await client.wait_state("PayBay 1 relay", value=True)
    await client.wait_state("PayBay 1 phase", "manual")
    assert "o" not in await client.report()
    assert await client.start(A, 30) == "", "a paid order takes it over"
    client.turn("PayBay 1 relay", on=False)
    await client.wait_report(ended(A, "stopped"))
    client.turn("PayBay 1 relay", on=True)
    await client.wait_state("PayBay 1 relay", value=True)
    await client.wait_state("PayBay 1 relay", value=False, within_s=4)
    assert not is_high(node)


async def test_a_switch_without_manual_time_stays_off(
    node: EsphomeNode, client: NodeClient
) -> None:
    client.turn("PayBay 2 relay", on=True)
    assert (await client.report(2))["r"] == 0
    assert not is_high(node, 27)


async def test_a_node_that_lost_its_power_reports_what_was_used(
    node: EsphomeNode, client: NodeClient
) -> None:
    boot = (await client.report())["b"]
    await client.start(A, 30)
    await asyncio.sleep(2.3)
    await node.kill()
    await node.start()
    async with connected(node.port) as back:
        report = await back.report()
        assert report["b"] != boot
        assert (report["r"], report["l"][:2]) == (0, [A, "interrupted"])
        assert 2 <= report["l"][2] <= 2.5, "as of the last checkpoint"
        assert not is_high(node)
        assert await back.start(A, 1, boot_id=boot) == "other_boot"
        assert await back.start(A, 60) == ""
        left_s = (await back.report())["s"]
        assert 27 < left_s <= 28, "an interrupted order gets what it had left"


async def test_a_node_killed_at_once_still_knows_the_order(
    node: EsphomeNode, client: NodeClient
) -> None:
    await client.start(A, 0.2)
    await client.wait_report(ended(A, "completed"))
    await node.kill()
    await node.start()
    async with connected(node.port) as back:
        assert await back.start(A, 1) == "finished"
        await back.start(B, 30)
        await node.kill()
    await node.start()
    async with connected(node.port) as back:
        assert (await back.report())["l"] == [B, "interrupted", 0]


async def test_a_node_that_restarts_in_order_keeps_every_second(
    node: EsphomeNode, client: NodeClient
) -> None:
    await client.start(A, 30)
    await asyncio.sleep(1.5)
    await node.stop()
    assert not is_high(node)
    await node.start()
    async with connected(node.port) as back:
        order, outcome, ran_s = (await back.report())["l"]
        assert (order, outcome) == (A, "interrupted")
        assert ran_s == pytest.approx(1.5, abs=SLACK_S)


async def test_nobody_connected_ends_a_session_and_keeps_the_rest(
    node: EsphomeNode, client: NodeClient
) -> None:
    began_s = time.monotonic()
    await client.start(A, 30)
    await client.disconnect()
    while is_high(node):
        assert time.monotonic() - began_s < 5
        await asyncio.sleep(0.02)
    assert time.monotonic() - began_s == pytest.approx(2, abs=SLACK_S)
    async with connected(node.port) as back:
        order, outcome, ran_s = (await back.report())["l"]
        assert (order, outcome) == (A, "interrupted")
        assert ran_s == pytest.approx(2, abs=SLACK_S)
        assert await back.start(A, 60) == ""
        assert (await back.report())["s"] < 28.1


async def test_any_client_counts_as_contact(
    node: EsphomeNode, client: NodeClient
) -> None:
    async with connected(node.port):
        await client.start(A, 3)
        await client.disconnect()
        await asyncio.sleep(2.4)
        assert is_high(node)


async def test_a_bay_set_to_run_on_ends_on_time_alone(
    node: EsphomeNode, client: NodeClient
) -> None:
    began_s = time.monotonic()
    await client.start(A, 3, bay=2)
    await client.disconnect()
    while is_high(node, 27):
        assert time.monotonic() - began_s < 6
        await asyncio.sleep(0.02)
    assert time.monotonic() - began_s == pytest.approx(3, abs=SLACK_S)
    async with connected(node.port) as back:
        assert (await back.report(2))["l"] == [A, "completed", 3]


async def test_a_session_may_last_as_long_as_the_hard_maximum(
    client: NodeClient,
) -> None:
    assert await client.start(A, 2.5, bay=3) == "too_long"
    assert await client.start(A, 2, bay=3) == ""
    assert await client.extend(A, 2.5, bay=3) == "too_long"
    done = await client.wait_report(ended(A, "completed"), bay=3)
    assert done["l"][2] == 2


async def test_the_relays_own_script_ends_what_a_bay_forgets_to_end(
    node: EsphomeNode, client: NodeClient
) -> None:
    client.press("Release mute emergency stop")
    await client.wait_state("PayBay 4 phase", "idle")
    began_s = time.monotonic()
    assert await client.start(A, 30, bay=4) == ""
    assert is_high(node, 23)
    done = await client.wait_report(ended(A, "interrupted"), bay=4)
    assert time.monotonic() - began_s == pytest.approx(3, abs=SLACK_S)
    assert done["l"][2] == pytest.approx(3, abs=SLACK_S)
    assert not is_high(node, 23)
    await client.wait_state("PayBay 4 relay", value=False)


async def test_a_new_question_is_answered_in_the_report(client: NodeClient) -> None:
    first, second = await client.report(), await client.report()
    assert second["n"] > first["n"]
    assert second["u"] >= first["u"]
    assert await client.act("report_session_1", ask="far too long") == "bad_ask"
