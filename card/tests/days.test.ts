import assert from "node:assert/strict";
import { test } from "node:test";
import { dayEnd, dayStart } from "../src/model/days";

test("a day is Home Assistant's, wherever the phone is", () => {
  assert.equal(dayStart("2026-11-21"), "2026-11-21 00:00:00");
  assert.equal(dayEnd("2026-12-31"), "2027-01-01 00:00:00");
});
