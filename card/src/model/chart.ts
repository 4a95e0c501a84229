import type { DaySums, Site, Sums } from "../types/paybay";
import { online } from "./earned";

export interface Bar {
  date: string;
  revenue: number;
  cash: number;
  sessions: number;
  /** Of the highest bar, 0 to 1. */
  height: number;
}

/** One bar for each of the last `days` days up to `lastDate`, empty days included. */
export function bars(
  site: Pick<Site, "test_mode">,
  sums: readonly DaySums[],
  lastDate: string,
  days: number,
): Bar[] {
  const known = new Map(sums.map((each) => [each.date, each]));
  const shown = lastDays(lastDate, days).map((date) => {
    const found = known.get(date);
    const revenue = found ? online(site, found) : 0;
    return { date, revenue, cash: found?.cash ?? 0, sessions: found?.sessions ?? 0 };
  });
  const highest = Math.max(1, ...shown.map(sum));
  return shown.map((bar) => ({ ...bar, height: Math.max(0, sum(bar)) / highest }));
}

function sum(bar: { revenue: number; cash: number }): number {
  return bar.revenue + bar.cash;
}

/** The dates of the last days, the oldest first. */
export function lastDays(lastDate: string, days: number): string[] {
  const last = Date.parse(`${lastDate}T00:00:00Z`);
  return Array.from({ length: days }, (_, index) =>
    new Date(last - (days - 1 - index) * 86_400_000).toISOString().slice(0, 10),
  );
}

/** Add days up. */
export function total(sums: readonly Sums[]): Sums {
  const all: Sums = {
    revenue: 0, cash: 0, refunded: 0, cash_back: 0, test_revenue: 0,
    sessions: 0, seconds: 0, energy_wh: 0,
  };
  for (const each of sums)
    for (const key of Object.keys(all) as (keyof Sums)[]) all[key] += each[key];
  return all;
}

/** What each bay earned, the best first. */
export function byBay(sums: readonly DaySums[]): [bayId: string, revenue: number][] {
  const earned = new Map<string, number>();
  for (const each of sums)
    for (const [bay, revenue] of Object.entries(each.bays))
      earned.set(bay, (earned.get(bay) ?? 0) + revenue);
  return [...earned].sort((a, b) => b[1] - a[1]);
}
