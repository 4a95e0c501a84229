import assert from "node:assert/strict";
import { test } from "node:test";
import { bars, byBay, lastDays, total } from "../src/model/chart";
import { NOTHING } from "./fixtures";

const FRIDAY = { ...NOTHING, date: "2026-11-20", revenue: 3000, cash: 1000, sessions: 4, bays: { a: 1000, b: 3000 } };
const SATURDAY = { ...NOTHING, date: "2026-11-21", revenue: 1000, sessions: 1, bays: { a: 5000 } };

const LIVE = { test_mode: false };

test("days without a sale have a bar of no height", () => {
  const shown = bars(LIVE, [FRIDAY, SATURDAY], "2026-11-21", 3);
  assert.deepEqual(shown.map((bar) => bar.date), ["2026-11-19", "2026-11-20", "2026-11-21"]);
  assert.deepEqual(shown.map((bar) => bar.height), [0, 1, 0.25]);
});

test("a chart without any sale is flat, not broken", () => {
  assert.deepEqual(bars(LIVE, [], "2026-11-21", 2).map((bar) => bar.height), [0, 0]);
});

test("the last days cross a month's end", () => {
  assert.deepEqual(lastDays("2026-12-01", 2), ["2026-11-30", "2026-12-01"]);
});

test("days add up", () => {
  assert.deepEqual(total([FRIDAY, SATURDAY]), { ...NOTHING, revenue: 4000, cash: 1000, sessions: 5 });
});

test("the bay that earned most stands first", () => {
  assert.deepEqual(byBay([FRIDAY, SATURDAY]), [["a", 6000], ["b", 3000]]);
});

test("test money makes a chart only where the site is in test mode", () => {
  const day = { ...NOTHING, date: "2026-11-21", test_revenue: 500, bays: {} };
  assert.equal(bars(LIVE, [day], "2026-11-21", 1)[0]?.revenue, 0);
  assert.equal(bars({ test_mode: true }, [day], "2026-11-21", 1)[0]?.revenue, 500);
});
