import assert from "node:assert/strict";
import { test } from "node:test";
import { clockText, counts, orderLeft, secondsLeft, share, unused } from "../src/model/countdown";
import { makeBay, makeOrder } from "./fixtures";

const END = "2026-11-21T10:10:00+00:00";
const at = (time: string): number => Date.parse(`2026-11-21T${time}+00:00`);

test("a countdown ends when the server's clock says so, whatever the phone's says", () => {
  assert.equal(secondsLeft(END, 0, at("10:09:00")), 60);
  assert.equal(secondsLeft(END, 3_600_000, at("09:09:00")), 60);
});

test("a countdown that is over stays at zero", () => {
  assert.equal(secondsLeft(END, 0, at("10:11:00")), 0);
});

test("an end that is unknown or no time has no countdown", () => {
  assert.equal(secondsLeft(null, 0, 0), null);
  assert.equal(secondsLeft("soon", 0, 0), null);
});

test("a paused order shows what it has left and stands still", () => {
  const paused = makeOrder({ ends_at: null, remaining_s: 120, state: "paused" });
  assert.equal(orderLeft(paused, 0, at("10:00:00")), 120);
  assert.equal(orderLeft(paused, 0, at("10:01:00")), 120);
  assert.ok(counts(makeBay("Bay 1", { order: paused })));
});

test("a begun second is shown, as on any timer", () => {
  assert.equal(clockText(0), "0:00");
  assert.equal(clockText(0.2), "0:01");
  assert.equal(clockText(65), "1:05");
  assert.equal(clockText(3605), "1:00:05");
  assert.equal(clockText(59.5), "1:00");
});

test("the ring never shows more than all or less than nothing", () => {
  assert.equal(share(30, 60), 0.5);
  assert.equal(share(90, 60), 1);
  assert.equal(share(null, 60), 0);
  assert.equal(share(10, 0), 0);
});

test("what goes back is rounded for the customer, and nothing below one rupee", () => {
  assert.equal(unused(makeOrder(), 200), 334);
  assert.equal(unused(makeOrder(), 600), 1000);
  assert.equal(unused(makeOrder(), 59), 0);
  assert.equal(unused(makeOrder(), null), 0);
});
