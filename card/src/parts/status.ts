import { clockText, orderLeft } from "../model/countdown";
import { time } from "../model/format";
import { type Say, sayCode } from "../text/text";
import type { HomeAssistant } from "../types/ha";
import type { Bay, BayStatus } from "../types/paybay";

export const ICONS: Record<BayStatus, string> = {
  available: "mdi:ev-plug-type2",
  reserved: "mdi:cellphone-check",
  starting: "mdi:timer-sand",
  charging: "mdi:lightning-bolt",
  paused: "mdi:pause",
  offline: "mdi:lan-disconnect",
  problem: "mdi:alert",
  out_of_service: "mdi:wrench",
};

/** The state in a word or two. */
export function statusText(bay: Bay, say: Say): string {
  return say(`status.${bay.status}`);
}

/** The style that gives a part its state's colour. */
export function tone(status: BayStatus): string {
  return `--tone: var(--pb-${status})`;
}

/** What is going on, in sentences; empty while all is as usual. */
export function explanation(
  bay: Bay,
  say: Say,
  hass: HomeAssistant,
  reason: (code: string) => string,
): string[] {
  const lines: string[] = [];
  const { problem } = bay;
  if (problem) lines.push(sayCode(say, "problem", problem, "") || reason(problem));
  else if (bay.status === "problem") lines.push(say("explain.problem"));
  if (bay.status === "offline") lines.push(...offline(bay, say, hass));
  else if (bay.status !== "problem" && bay.status !== "available" && bay.status !== "charging")
    lines.push(say(`explain.${bay.status}`));
  if (bay.order && !bay.ends_by_itself) lines.push(say("explain.no_timer"));
  return lines;
}

function offline(bay: Bay, say: Say, hass: HomeAssistant): string[] {
  const lines = [say(bay.order ? "explain.offline_running" : "explain.offline")];
  if (bay.last_seen_at)
    lines.push(say("explain.last_seen", { time: time(bay.last_seen_at, hass) }));
  return lines;
}

/** What a screen reader hears when a bay's state changes; no seconds in it. */
export function announcement(bay: Bay, say: Say): string {
  return say("announce", { bay: bay.name, status: statusText(bay, say) });
}

/** What is left, as digits; empty without a session. */
export function leftText(bay: Bay, skewMs: number): string {
  const left = bay.order ? orderLeft(bay.order, skewMs, Date.now()) : null;
  return left === null ? "" : clockText(left);
}
