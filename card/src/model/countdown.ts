import type { Bay, RunningOrder } from "../types/paybay";

/** Seconds until `endsAt` by the server's clock, never below 0; null: no end is known. */
export function secondsLeft(endsAt: string | null, skewMs: number, nowMs: number): number | null {
  if (!endsAt) return null;
  const left = (Date.parse(endsAt) - (nowMs + skewMs)) / 1000;
  return Number.isNaN(left) ? null : Math.max(0, left);
}

/** Seconds an order has left now; a paused one stands still. */
export function orderLeft(order: RunningOrder, skewMs: number, nowMs: number): number | null {
  const counted = secondsLeft(order.ends_at, skewMs, nowMs);
  return counted ?? order.remaining_s ?? null;
}

/** `1:05`, or `1:00:05` from an hour on. A begun second counts, as on any timer. */
export function clockText(seconds: number): string {
  const whole = Math.max(0, Math.ceil(seconds));
  const two = (value: number): string => String(value).padStart(2, "0");
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

/** How much of the ring is filled, 0 to 1. */
export function share(left: number | null, total: number): number {
  if (left === null || total <= 0) return 0;
  return Math.min(1, Math.max(0, left / total));
}

/** Minor units that go back if an order ends now, by time: rounded for the customer,
 * and nothing below what the provider refunds. */
export function unused(order: RunningOrder, left: number | null): number {
  if (left === null || order.seconds <= 0) return 0;
  const minor = Math.ceil(order.amount * share(left, order.seconds));
  return minor >= 100 ? minor : 0;
}

/** Whether a bay has a session whose time can be shown. */
export function counts(bay: Bay): boolean {
  return bay.order !== null && (bay.order.ends_at !== null || bay.order.remaining_s != null);
}
