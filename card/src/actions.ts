import { sayFor } from "./text/text";
import type { HomeAssistant } from "./types/ha";
import type { Bay, FullOrder } from "./types/paybay";

interface ActionError {
  code?: string | number;
  message?: string;
  translation_domain?: string;
  translation_key?: string;
  translation_placeholders?: Record<string, unknown>;
  error?: ActionError;
}

/** An action of PayBay; whoever calls shows the error with `errorText`. */
export async function act<T = unknown>(
  hass: HomeAssistant,
  action: string,
  data: Record<string, unknown>,
): Promise<T> {
  const answer = await hass.callService("paybay", action, data, undefined, false, true);
  return answer.response as T;
}

/** Press a button or turn a switch; Home Assistant itself shows what goes wrong. */
export async function operate(
  hass: HomeAssistant,
  service: "turn_on" | "turn_off" | "press",
  entityId: string,
): Promise<void> {
  const domain = entityId.split(".")[0] ?? "homeassistant";
  await hass.callService(domain, service, {}, { entity_id: entityId });
}

/** What went wrong, in the words in which Home Assistant shows it. */
export async function errorText(hass: HomeAssistant, error: unknown): Promise<string> {
  const say = sayFor(hass);
  const known = (error ?? {}) as ActionError;
  if (known.code === 3 || known.error?.code === 3) return say("error.lost");
  if (known.translation_key && known.translation_domain) {
    const { translation_domain: domain, translation_key: key } = known;
    const localize = await hass.loadBackendTranslation("exceptions", domain);
    const values = known.translation_placeholders;
    const text = localize(`component.${domain}.exceptions.${key}.message`, values);
    if (text) return text;
  }
  return known.message ?? say("error.unknown");
}

/** Whether a start may be paid otherwise than online. */
export function takesCash(hass: HomeAssistant): boolean {
  const start = hass.services["paybay"]?.["start_session"];
  return start !== undefined && "paid_by" in start.fields;
}

/** `cash_back`: minor units that are to be given back by hand. */
export interface Stopped {
  order_id: string;
  cash_back?: number;
}

/** End a bay's session; what goes back is the bay's rules' affair. */
export function stop(hass: HomeAssistant, bay: Bay): Promise<Stopped> {
  return act<Stopped>(hass, "stop_session", { bay: bay.entities.switch });
}

/** Give back all that an ended order still holds: what waits already, then the rest. */
export async function refundAll(hass: HomeAssistant, orderId: string): Promise<void> {
  try {
    await act(hass, "refund_order", { order_id: orderId });
  } catch (error) {
    if ((error as ActionError).translation_key !== "refund_too_little") throw error;
  }
  const order = await fullOrder(hass, orderId);
  const left = order ? refundable(order) : 0;
  if (left >= LEAST_REFUND) await refund(hass, orderId, left);
}

/** The customer has the rest of the cash. */
export async function confirmCashBack(hass: HomeAssistant, orderId: string): Promise<void> {
  await act(hass, "confirm_cash_back", { order_id: orderId });
}

/** Razorpay refuses less. */
export const LEAST_REFUND = 100;

/** Give back `minor` units of an ended order. */
export async function refund(hass: HomeAssistant, orderId: string, minor: number): Promise<void> {
  await act(hass, "refund_order", { order_id: orderId, amount: (minor / 100).toFixed(2) });
}

/** Minor units of an order's money that have not gone back and are not on their way. */
export function refundable(order: FullOrder): number {
  const gone = order.refunds
    .filter((each) => ["due", "sent", "processed"].includes(each.state))
    .reduce((sum, each) => sum + each.amount.amount, 0);
  return Math.max(0, (order.paid?.amount ?? 0) - gone);
}

/** An order with its refunds and its timeline. */
export async function fullOrder(hass: HomeAssistant, orderId: string): Promise<FullOrder | undefined> {
  const found = await act<{ orders: FullOrder[] }>(hass, "get_orders", {
    order_id: orderId,
    detail: "full",
  });
  return found.orders[0];
}
