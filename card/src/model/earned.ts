import type { Site, Sums } from "../types/paybay";

/** What was paid online. Where the test mode is on, its money: there is no other. */
export function online(site: Pick<Site, "test_mode">, sums: Sums): number {
  return sums.revenue + (site.test_mode ? sums.test_revenue : 0);
}

/** All that was taken, before what went back. */
export function taken(site: Pick<Site, "test_mode">, sums: Sums): number {
  return online(site, sums) + sums.cash;
}
