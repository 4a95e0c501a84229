import { css, html, nothing } from "lit";
import { LEAST_REFUND, act, fullOrder, refund, refundable } from "../actions";
import { define } from "../define";
import { digits, duration, moment, number, time } from "../model/format";
import { sayCode } from "../text/text";
import type { HomeAssistant } from "../types/ha";
import type { FullOrder, TimelineLine } from "../types/paybay";
import { PayBayDialog } from "./dialog";

/** Everything about one order: its money, what was delivered, and what happened when. */
export class PayBayOrderDialog extends PayBayDialog {
  static override properties = {
    ...PayBayDialog.properties,
    orderId: { attribute: false },
    admin: { attribute: false },
    order: { state: true },
    refunding: { state: true },
  };
  static override styles = [
    ...PayBayDialog.styles,
    css`
      dl {
        display: grid;
        grid-template-columns: minmax(100px, auto) 1fr;
        gap: 4px 16px;
      }
      dt {
        color: var(--pb-faint);
      }
      dd {
        overflow-wrap: anywhere;
      }
      code {
        font-size: 0.92em;
        user-select: all;
      }
      ol {
        list-style: none;
        display: grid;
        gap: 0;
      }
      li {
        display: grid;
        grid-template-columns: 76px 1fr;
        gap: 12px;
        padding: 4px 0;
      }
      li div {
        border-inline-start: 2px solid var(--pb-line);
        padding-inline-start: 12px;
      }
    `,
  ];

  orderId: string | undefined;
  admin = false;
  order: FullOrder | undefined;
  refunding = false;

  protected override get wide(): boolean {
    return true;
  }

  protected override firstUpdated(): void {
    super.firstUpdated();
    void this.attempt(() => this.load(), true);
  }

  private async load(): Promise<void> {
    if (this.hass && this.orderId) this.order = await fullOrder(this.hass, this.orderId);
  }

  protected override heading(): string {
    return this.order ? this.say("order.title", { bay: this.order.bay_name }) : this.say("order.id");
  }

  protected override content() {
    const { order, hass } = this;
    if (!order || !hass) {
      const text = this.say(this.busy ? "live.loading" : "orders.none");
      return this.failure ? nothing : html`<p role="status">${text}</p>`;
    }
    if (this.refunding) return this.refundForm(order);
    return html`
      <dl>${this.facts(order, hass).map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>
      <h3>${this.say("order.timeline")}</h3>
      <ol>${order.timeline.map((line) => this.line(line, order, hass))}</ol>
    `;
  }

  private facts(order: FullOrder, hass: HomeAssistant): [string, unknown][] {
    const { say } = this;
    const given = duration(order.seconds_delivered, hass.locale);
    const owed = duration(order.seconds_owed, hass.locale);
    const amount = (value: { amount: number; currency: string } | null | undefined): string =>
      value?.amount ? this.money(value.amount, value.currency) : "";
    const state = sayCode(say, "state", order.state, order.state);
    const all: [string, unknown][] = [
      [say("orders.state"), state],
      [say("order.reason"), order.reason && this.reason(order.reason)],
      [say("orders.plan"), order.plan_name],
      [say("order.price"), amount(order.price)],
      [say("order.paid"), amount(order.paid)],
      [say("order.cash"), amount(order.cash)],
      [say("order.cash_back"), amount(order.cash_back)],
      [say("order.refunded"), amount(order.refunded)],
      [say("order.pending"), amount(order.refund_pending)],
      [say("order.delivered"), say("order.delivered_of", { ran: given, owed })],
      [say("order.energy"), order.energy_wh && `${number(order.energy_wh, hass.locale)} Wh`],
      [say("order.paid_by"), sayCode(say, "bay.paid_by", order.paid_by ?? "", "")],
      [say("order.by"), order.by],
      [say("order.stopped_by"), order.stopped_by_name],
      [say("order.note"), order.note],
      [say("order.id"), html`<code>${order.order_id}</code>`],
      [say("order.payment"), order.payment_id && html`<code>${order.payment_id}</code>`],
      [say("order.rrn"), order.rrn && html`<code>${order.rrn}</code>`],
    ];
    return all.filter(([, value]) => value);
  }

  private line(line: TimelineLine, order: FullOrder, hass: HomeAssistant) {
    const detail = this.detail(line, order, hass);
    return html`<li>
      <span class="faint small numbers" title=${moment(line.at, hass)}>${time(line.at, hass, true)}</span>
      <div>${sayCode(this.say, "event", line.what, line.what)}
        ${detail ? html`<span class="faint small">${detail}</span>` : nothing}</div>
    </li>`;
  }

  /** Of a line's details what people can read: money, time, and the code of a reason. */
  private detail(line: TimelineLine, order: FullOrder, hass: HomeAssistant): string {
    const parts: string[] = [];
    const minor = line["minor"];
    if (typeof minor === "number") parts.push(this.money(minor, order.price.currency));
    const ran = line["ran_ms"];
    if (typeof ran === "number") parts.push(duration(ran / 1000, hass.locale));
    if (typeof line["channel"] === "string") parts.push(line["channel"]);
    if (typeof line["reason"] === "string") parts.push(this.reason(line["reason"]));
    return parts.join(" · ");
  }

  private refundForm(order: FullOrder) {
    const left = refundable(order);
    const places = digits(order.price.currency);
    return html`
      <h3>${this.say("order.refund.title")}</h3>
      <label class="field">${this.say("order.refund.amount", { currency: order.price.currency })}
        <input id="amount" type="number" inputmode="decimal" required
          min=${LEAST_REFUND / 10 ** places} max=${left / 10 ** places} step=${1 / 10 ** places}
          .value=${String(left / 10 ** places)} /></label>
      <p class="faint">${this.say("order.refund.help", { amount: this.money(left, order.price.currency) })}</p>
    `;
  }

  protected override actions() {
    const { order } = this;
    if (!order || !this.admin) return nothing;
    if (this.refunding)
      return html`<button type="button" @click=${() => (this.refunding = false)}>
          ${this.say("dialog.cancel")}</button>
        <button class="primary danger" ?disabled=${this.busy}>${this.say("order.refund")}</button>`;
    const ended = ["completed", "stopped", "undelivered"].includes(order.state);
    const servable = ["stopped", "undelivered"].includes(order.state) && !order.refunded?.amount;
    return html`
      ${servable
        ? html`<button type="button" ?disabled=${this.busy} @click=${this.serve}>${this.say("item.serve")}</button>`
        : nothing}
      ${ended && refundable(order) >= LEAST_REFUND
        ? html`<button type="button" @click=${() => (this.refunding = true)}>${this.say("order.refund")}</button>`
        : nothing}
    `;
  }

  private readonly serve = (): void => {
    const { hass, orderId } = this;
    if (hass) void this.attempt(() => act(hass, "serve_order", { order_id: orderId }));
  };

  protected override submit(): void {
    const { hass, order } = this;
    if (!this.refunding || !hass || !order) return;
    const typed = Number(this.renderRoot.querySelector<HTMLInputElement>("#amount")?.value);
    const minor = Math.round(typed * 10 ** digits(order.price.currency));
    const most = refundable(order);
    if (!(minor >= LEAST_REFUND && minor <= most)) {
      this.failure = this.say("order.refund.bad", {
        least: this.money(LEAST_REFUND, order.price.currency),
        most: this.money(most, order.price.currency),
      });
      return;
    }
    void this.attempt(async () => {
      await refund(hass, order.order_id, minor);
      this.refunding = false;
      await this.load();
    }, true);
  }
}

define("paybay-order-dialog", PayBayOrderDialog);
