import type { HomeAssistant } from "../src/types/ha";
import type { Bay, RunningOrder, Site, Snapshot, Sums } from "../src/types/paybay";

export const NOTHING: Sums = {
  revenue: 0, cash: 0, refunded: 0, cash_back: 0, test_revenue: 0, sessions: 0, seconds: 0, energy_wh: 0,
};

export function makeBay(name: string, values: Partial<Bay> = {}): Bay {
  const id = name.toLowerCase().replace(" ", "_");
  return {
    bay_id: id,
    device_id: `device_${id}`,
    name,
    status: "available",
    in_service: true,
    driver: "switch",
    ends_by_itself: false,
    order: null,
    queue: [],
    today: NOTHING,
    plans: [{ code: "ten", name: "Ten minutes", amount: 1000, seconds: 600 }],
    page_url: null,
    free_from_switch: false,
    entities: { switch: `switch.${id}`, status: `sensor.${id}_status` },
    ...values,
  };
}

export function makeOrder(values: Partial<RunningOrder> = {}): RunningOrder {
  return {
    order_id: "ord_1",
    plan: "ten",
    plan_name: "Ten minutes",
    amount: 1000,
    paid_by: "online",
    state: "charging",
    seconds: 600,
    ends_at: "2026-11-21T10:10:00+00:00",
    started_at: "2026-11-21T10:00:00+00:00",
    ...values,
  };
}

export function makeSite(bays: Bay[], values: Partial<Site> = {}): Site {
  return {
    entry_id: "entry_1",
    device_id: "device_site",
    name: "Parking",
    test_mode: false,
    open: true,
    currency: "INR",
    provider_reachable: true,
    last_webhook_at: null,
    merchant_name: null,
    today: NOTHING,
    week: NOTHING,
    month: NOTHING,
    items: [],
    entities: {},
    bays,
    ...values,
  };
}

export function makeSnapshot(now: string, ...sites: Site[]): Snapshot {
  return { now, can: { admin: true }, sites };
}

export function makeHass(values: Partial<HomeAssistant> = {}): HomeAssistant {
  return {
    language: "en",
    locale: { language: "en", number_format: "language", time_format: "24", time_zone: "server" },
    config: { time_zone: "Asia/Kolkata" },
    states: {},
    entities: {},
    services: {},
    ...values,
  } as HomeAssistant;
}

/** Timers that run when the test says so. */
export class FakeTimers {
  private readonly real = { set: globalThis.setTimeout, clear: globalThis.clearTimeout };
  private readonly pending = new Map<number, { dueMs: number; work: () => void }>();
  private nowMs = 0;
  private count = 0;

  constructor() {
    const set = (work: () => void, ms = 0): number => {
      this.pending.set((this.count += 1), { dueMs: this.nowMs + ms, work });
      return this.count;
    };
    Object.assign(globalThis, {
      setTimeout: set,
      clearTimeout: (id: number) => this.pending.delete(id),
    });
  }

  tick(ms: number): void {
    this.nowMs += ms;
    for (const [id, { dueMs, work }] of [...this.pending]) {
      if (dueMs > this.nowMs) continue;
      this.pending.delete(id);
      work();
    }
  }

  restore(): void {
    Object.assign(globalThis, { setTimeout: this.real.set, clearTimeout: this.real.clear });
  }
}
