import assert from "node:assert/strict";
import { test } from "node:test";
import { dashboard } from "../src/strategy/views";
import { sayIn } from "../src/text/text";
import { makeBay, makeSite, makeSnapshot } from "./fixtures";

const say = sayIn("en");
const cards = (view: unknown): string[] =>
  [...JSON.stringify(view).matchAll(/"type":"custom:([\w-]+)"/g)].map((found) => found[1] ?? "");

test("the dashboard has views for bays, orders, money and what needs the owner", () => {
  const made = dashboard(makeSnapshot("", makeSite([makeBay("Bay 1"), makeBay("Bay 2")])), say);
  assert.deepEqual(made.views.map((view) => view.path), ["bays", "orders", "money", "attention"]);
  assert.deepEqual(cards(made.views[0]), ["paybay-overview-card", "paybay-bay-card", "paybay-bay-card"]);
});

test("each of two sites has its own cards under its name", () => {
  const sites = [makeSite([], { entry_id: "a", name: "North" }), makeSite([], { entry_id: "b", name: "South" })];
  const orders = JSON.stringify(dashboard(makeSnapshot("", ...sites), say).views[1]);
  assert.match(orders, /North.*"entry_id":"a".*South.*"entry_id":"b"/);
});

test("a site that does not run has its place, so that the owner sees why", () => {
  const snapshot = { ...makeSnapshot(""), unavailable: [{ entry_id: "a", name: "North", state: "setup_retry" }] };
  assert.match(JSON.stringify(dashboard(snapshot, say).views[0]), /"entry_id":"a"/);
});

test("without any site the dashboard opens all the same, and its cards say what to do", () => {
  for (const snapshot of [undefined, makeSnapshot("")])
    for (const view of dashboard(snapshot, say).views) assert.ok(cards(view).length >= 1);
});
