/** What the integration tells by WebSocket (docs/websocket.md). Money is in minor
 * units of the site's currency, times are ISO 8601 in UTC. */

/** `revenue` was paid online before refunds; `cash_back` is given back by hand. */
export interface Sums {
  revenue: number;
  cash: number;
  refunded: number;
  cash_back: number;
  /** Money of the test mode, which is in none of the others. */
  test_revenue: number;
  sessions: number;
  seconds: number;
  energy_wh: number;
}

export interface DaySums extends Sums {
  date: string;
  bays: Record<string, number>;
}

export interface Plan {
  code: string;
  name: string;
  amount: number;
  seconds: number;
  energy_wh?: number | null;
}

export interface RunningOrder {
  order_id: string;
  plan: string;
  plan_name: string;
  amount: number;
  paid_by: string;
  state: string;
  seconds: number;
  ends_at: string | null;
  /** When the relay goes off: later than `ends_at` where others follow. */
  session_ends_at?: string | null;
  started_at: string | null;
  remaining_s?: number | null;
}

export interface QueuedOrder {
  order_id: string;
  plan: string;
  plan_name: string;
  amount: number;
  seconds: number;
  paid_at: string | null;
  start_by: string | null;
}

export type BayStatus =
  | "available"
  | "reserved"
  | "starting"
  | "charging"
  | "paused"
  | "offline"
  | "problem"
  | "out_of_service";

export interface Bay {
  bay_id: string;
  slug?: string | null;
  device_id: string | null;
  area?: string | null;
  name: string;
  status: BayStatus;
  problem?: string | null;
  in_service: boolean;
  driver: string;
  ends_by_itself: boolean;
  last_seen_at?: string | null;
  order: RunningOrder | null;
  queue: QueuedOrder[];
  today: Sums;
  power_w?: number | null;
  plugged?: boolean | null;
  plans: Plan[];
  page_url: string | null;
  free_from_switch: boolean;
  can_control?: boolean;
  entities: { switch: string } & Record<string, string | null | undefined>;
}

export interface OpenItem {
  kind: string;
  order_id?: string | null;
  bay_id?: string | null;
  amount?: number | null;
  since: string | null;
  issue_id: string;
  /** Set aside by the owner in Home Assistant's repairs. */
  ignored?: boolean;
}

export interface Site {
  entry_id: string;
  device_id: string | null;
  name: string;
  test_mode: boolean;
  open: boolean;
  currency: string;
  provider_reachable: boolean | null;
  last_webhook_at: string | null;
  merchant_name: string | null;
  today: Sums;
  week: Sums;
  month: Sums;
  items: OpenItem[];
  entities: Record<string, string | null | undefined>;
  bays: Bay[];
}

/** A site that is set up and not at work; `state` is the config entry's. */
export interface UnavailableSite {
  entry_id: string;
  name: string;
  state: string;
}

export interface Snapshot {
  now: string;
  can: { admin: boolean };
  sites: Site[];
  unavailable?: UnavailableSite[];
}

export interface Amount {
  amount: number;
  currency: string;
  formatted: string;
}

export interface Order {
  order_id: string;
  bay_id: string;
  bay_name: string;
  plan: string;
  plan_name: string;
  state: string;
  reason: string | null;
  open: boolean;
  test_mode: boolean;
  price: Amount;
  paid: Amount | null;
  refunded: Amount | null;
  refund_pending: Amount | null;
  net: Amount | null;
  seconds_owed: number;
  seconds_delivered: number;
  energy_wh: number | null;
  paid_by?: string;
  by?: string | null;
  stopped_by_name?: string | null;
  note?: string | null;
  cash?: Amount | null;
  cash_back?: Amount | null;
  payment_id: string | null;
  rrn: string | null;
  created_at: string | null;
  paid_at: string | null;
  started_at: string | null;
  ended_at: string | null;
}

export interface OrderRefund {
  amount: Amount;
  state: string;
  reason: string;
  problem: string | null;
  created_at: string | null;
}

export interface TimelineLine {
  at: string;
  what: string;
  [detail: string]: unknown;
}

export interface FullOrder extends Order {
  refunds: OrderRefund[];
  timeline: TimelineLine[];
}

/** What one person did; amounts in minor units. */
export interface Shift {
  cash: number;
  cash_back: number;
  cash_back_due: number;
  drawer: number;
  free_minutes: number;
  stops: number;
}

export interface ShiftReport {
  currency: string;
  users: (Shift & { user_id: string | null; name: string | null })[];
  total: Shift;
}
