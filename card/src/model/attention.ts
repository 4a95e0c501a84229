import type { Bay, BayStatus, OpenItem, Site } from "../types/paybay";

/** What needs somebody first: trouble, then who waits, then who charges. */
const URGENCY: Record<BayStatus, number> = {
  problem: 0,
  offline: 1,
  paused: 2,
  starting: 3,
  charging: 4,
  reserved: 5,
  available: 6,
  out_of_service: 7,
};

/** Bays in the order in which they deserve a look; equal ones by name, as people count. */
export function byAttention(bays: readonly Bay[], items: readonly OpenItem[], language: string): Bay[] {
  const names = new Intl.Collator(language, { numeric: true });
  const owed = new Set(items.map((item) => item.bay_id));
  return [...bays].sort(
    (a, b) =>
      urgency(a, owed) - urgency(b, owed) ||
      endOf(a) - endOf(b) ||
      names.compare(a.name, b.name),
  );
}

/** A bay in trouble while customers have paid and wait comes before all others. */
function urgency(bay: Bay, owed: ReadonlySet<string | null | undefined>): number {
  const stuck = bay.status === "offline" || bay.status === "problem";
  if (stuck && (bay.queue.length || bay.order)) return -2;
  if (owed.has(bay.bay_id)) return -1;
  return URGENCY[bay.status] ?? 0;
}

/** Among bays that charge, the one that ends first. */
function endOf(bay: Bay): number {
  const end = bay.order?.ends_at ? Date.parse(bay.order.ends_at) : Number.NaN;
  return Number.isNaN(end) ? 8.64e15 : end;
}

export interface Counts {
  busy: number;
  free: number;
  trouble: number;
  waiting: number;
}

/** How many bays are busy, free and in trouble, and how many orders wait at all of them. */
export function countBays(bays: readonly Bay[]): Counts {
  const counts: Counts = { busy: 0, free: 0, trouble: 0, waiting: 0 };
  for (const bay of bays) {
    counts.waiting += bay.queue.length;
    if (["charging", "starting", "paused"].includes(bay.status)) counts.busy += 1;
    else if (["available", "reserved"].includes(bay.status)) counts.free += 1;
    else if (bay.status !== "out_of_service") counts.trouble += 1;
  }
  return counts;
}

/** The site that a card shows: the one it names, else the first. */
export function siteOf(sites: readonly Site[], entryId: string | undefined): Site | undefined {
  return entryId ? sites.find((site) => site.entry_id === entryId) : sites[0];
}

/** The bay behind an entity or a device, with its site. */
export function findBay(
  sites: readonly Site[],
  entityId: string | undefined,
  deviceId: string | null | undefined,
): { site: Site; bay: Bay } | undefined {
  for (const site of sites)
    for (const bay of site.bays)
      if ((deviceId && bay.device_id === deviceId) || Object.values(bay.entities).includes(entityId ?? "-"))
        return { site, bay };
  return undefined;
}
