import assert from "node:assert/strict";
import { test } from "node:test";
import { byAttention, countBays, findBay, siteOf } from "../src/model/attention";
import type { OpenItem, QueuedOrder } from "../src/types/paybay";
import { makeBay, makeOrder, makeSite } from "./fixtures";

const QUEUED: QueuedOrder = {
  order_id: "ord_2", plan: "ten", plan_name: "Ten minutes", amount: 1000, seconds: 600, paid_at: null, start_by: null,
};
const names = (bays: { name: string }[]): string[] => bays.map((bay) => bay.name);

test("a bay that is lost while a customer waits comes before everything else", () => {
  const bays = [
    makeBay("Bay 1"),
    makeBay("Bay 2", { status: "problem" }),
    makeBay("Bay 3", { status: "offline", queue: [QUEUED] }),
  ];
  assert.deepEqual(names(byAttention(bays, [], "en")), ["Bay 3", "Bay 2", "Bay 1"]);
});

test("a bay whose customer is owed money comes before a bay that charges", () => {
  const item: OpenItem = { kind: "refund_due", bay_id: "bay_2", since: null, issue_id: "i" };
  const bays = [makeBay("Bay 1", { status: "charging" }), makeBay("Bay 2")];
  assert.deepEqual(names(byAttention(bays, [item], "en")), ["Bay 2", "Bay 1"]);
});

test("among bays that charge the one that ends first comes first", () => {
  const late = makeOrder({ ends_at: "2026-11-21T11:00:00Z" });
  const bays = [
    makeBay("Bay 1", { status: "charging", order: late }),
    makeBay("Bay 2", { status: "charging", order: makeOrder() }),
  ];
  assert.deepEqual(names(byAttention(bays, [], "en")), ["Bay 2", "Bay 1"]);
});

test("bays of equal rank stand in the order people count in", () => {
  const bays = ["Bay 10", "Bay 2", "Bay 1"].map((name) => makeBay(name));
  assert.deepEqual(names(byAttention(bays, [], "en")), ["Bay 1", "Bay 2", "Bay 10"]);
});

test("sorting leaves the snapshot as it was", () => {
  const bays = [makeBay("Bay 2"), makeBay("Bay 1")];
  byAttention(bays, [], "en");
  assert.deepEqual(names(bays), ["Bay 2", "Bay 1"]);
});

test("bays are counted as busy, free or in trouble, and one out of service as none", () => {
  const bays = [
    makeBay("Bay 1", { status: "charging", queue: [QUEUED] }),
    makeBay("Bay 2", { status: "reserved" }),
    makeBay("Bay 3", { status: "offline" }),
    makeBay("Bay 4", { status: "out_of_service" }),
  ];
  assert.deepEqual(countBays(bays), { busy: 1, free: 1, trouble: 1, waiting: 1 });
});

test("a bay is found by any of its entities and by its device, never by a lack of one", () => {
  const bay = makeBay("Bay 1", { entities: { switch: "switch.bay_1", image: null } });
  const sites = [makeSite([bay])];
  assert.equal(findBay(sites, "switch.bay_1", null)?.bay, bay);
  assert.equal(findBay(sites, "event.other", "device_bay_1")?.bay, bay);
  assert.equal(findBay(sites, undefined, undefined), undefined);
});

test("a card that names no site shows the first, and one whose site is gone shows none", () => {
  const site = makeSite([]);
  assert.equal(siteOf([site], undefined), site);
  assert.equal(siteOf([site], "gone"), undefined);
});
