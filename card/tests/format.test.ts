import assert from "node:assert/strict";
import { test } from "node:test";
import { day, duration, money, number, time, today } from "../src/model/format";
import { makeHass } from "./fixtures";

const { locale } = makeHass();

test("rupees are grouped as people in India write them, without empty decimals", () => {
  assert.equal(money(12_345_600, "INR", locale), "₹1,23,456");
  assert.equal(money(620, "INR", locale), "₹6.20");
});

test("amounts follow the number format of the user's profile", () => {
  const german = { ...locale, number_format: "decimal_comma" };
  assert.match(money(123_450, "EUR", german), /^1\.234,50\s€$/);
  assert.equal(money(123_456_700, "INR", { ...locale, number_format: "none" }), "₹1234567");
});

test("a currency without decimals has none", () => {
  assert.equal(money(500, "JPY", locale), "¥500");
});

test("a currency that nobody knows is still shown", () => {
  assert.equal(money(1050, "?", locale), "? 10.50");
});

test("numbers are rounded to what is worth reading", () => {
  assert.equal(number(1.26, locale, 1), "1.3");
});

test("times are Home Assistant's, where the profile says so", () => {
  assert.equal(time("2026-11-21T10:00:00+00:00", makeHass()), "15:30");
  assert.equal(time("nonsense", makeHass()), "");
});

test("a new day begins where Home Assistant is", () => {
  assert.equal(today(makeHass(), Date.parse("2026-11-21T20:00:00Z")), "2026-11-22");
});

test("a date is the same everywhere", () => {
  assert.equal(day("2026-11-21", locale), "Nov 21");
});

test("a time is told in the units that people would say it in", () => {
  assert.equal(duration(8, locale), "8 sec");
  assert.equal(duration(90, locale), "1 min 30 sec");
  assert.equal(duration(600, locale), "10 min");
  assert.equal(duration(4_200, locale), "1 hr 10 min");
  assert.equal(duration(7_200, locale), "2 hr");
});
