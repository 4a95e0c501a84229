import { css, html, nothing } from "lit";
import { act, operate, takesCash } from "../actions";
import { define } from "../define";
import { duration } from "../model/format";
import { explanation } from "./status";
import type { Bay, Plan, QueuedOrder, Site } from "../types/paybay";
import { PayBayDialog } from "./dialog";

type Way = "link" | "cash" | "free";

interface Offer {
  order_id: string;
  payment_url: string | null;
  qr: string | null;
}

/** Starts a session: the order that waits, or a new one that is paid by link or cash,
 * or is free. After a link it shows the code until the bay runs.
 */
export class PayBayStartDialog extends PayBayDialog {
  static override properties = {
    ...PayBayDialog.properties,
    site: { attribute: false },
    bay: { attribute: false },
    plan: { attribute: false },
    way: { state: true },
    offer: { state: true },
  };
  static override styles = [
    ...PayBayDialog.styles,
    css`
      img {
        width: min(280px, 100%);
        background: #fff;
        border-radius: 12px;
        justify-self: center;
        image-rendering: pixelated;
      }
      .center {
        text-align: center;
      }
    `,
  ];

  site: Site | undefined;
  bay: Bay | undefined;
  plan: string | undefined;
  way: Way = "link";
  offer: Offer | undefined;

  protected override heading(): string {
    return this.say("start.title", { bay: this.bay?.name ?? "" });
  }

  /** A customer who paid the shown code needs this dialog no more. */
  protected override updated(): void {
    if (this.offer && this.bay?.order?.order_id === this.offer.order_id) this.close();
  }

  private get waiting(): QueuedOrder | undefined {
    return this.bay?.order ? undefined : this.bay?.queue[0];
  }

  private get chosen(): Plan | undefined {
    const plans = this.bay?.plans ?? [];
    return plans.find((plan) => plan.code === this.plan) ?? plans[0];
  }

  private get ways(): Way[] {
    if (this.chosen?.amount === 0) return ["free"];
    if (this.hass && takesCash(this.hass)) return ["link", "cash", "free"];
    return this.bay?.free_from_switch && !this.bay.order ? ["link", "free"] : ["link"];
  }

  private get chosenWay(): Way {
    return this.ways.includes(this.way) ? this.way : (this.ways[0] ?? "link");
  }

  protected override content() {
    if (this.offer) return this.code(this.offer);
    if (this.waiting) return html`<p>${this.waitingText(this.waiting)}</p>`;
    if (!this.bay?.plans.length) return html`<p>${this.say("start.no_plans")}</p>`;
    return html`${this.trouble()} ${this.plans()} ${this.payment()}`;
  }

  private trouble() {
    const { bay, hass } = this;
    if (!bay || !hass || !["offline", "problem", "out_of_service"].includes(bay.status)) return nothing;
    const reason = explanation(bay, this.say, hass, (code) => this.reason(code)).join(" ");
    return html`<p class="failure">${this.say("start.unavailable", { reason })}</p>`;
  }

  private waitingText(order: QueuedOrder): string {
    return this.say("start.waiting", { amount: this.amount(order.amount), plan: order.plan_name });
  }

  private plans() {
    return html`<fieldset>
      <legend>${this.say("start.plan")}</legend>
      ${this.bay?.plans.map(
        (plan) => html`<label class="choice">
          <input type="radio" name="plan" .checked=${plan === this.chosen}
            @change=${() => (this.plan = plan.code)} />
          <span>${plan.name} <span class="faint small">${this.time(plan)}</span></span>
          <b class="numbers">${this.amount(plan.amount)}</b>
        </label>`,
      )}
    </fieldset>`;
  }

  private payment() {
    if (this.ways.length < 2) return nothing;
    return html`<fieldset>
      <legend>${this.say("start.pay")}</legend>
      ${this.ways.map(
        (way) => html`<label class="choice">
          <input type="radio" name="way" .checked=${way === this.chosenWay}
            @change=${() => (this.way = way)} />
          <span>${this.say(`start.pay.${way}`)}</span>
        </label>`,
      )}
    </fieldset>
    ${this.chosenWay !== "link" && this.hass && takesCash(this.hass)
      ? html`<label class="field">${this.say("start.note")}
          <input id="note" maxlength="200" autocomplete="off" /></label>`
      : nothing}`;
  }

  private code(offer: Offer) {
    const amount = this.amount(this.chosen?.amount ?? 0);
    const scan = this.say("start.scan", { amount });
    const paid = this.bay?.queue.some((order) => order.order_id === offer.order_id);
    if (paid) return html`<p class="center" role="status">${this.say("start.paid")}</p>`;
    return html`
      <p class="center">${this.chosen?.name}</p>
      ${offer.qr ? html`<img src=${offer.qr} alt=${scan} />` : nothing}
      <p class="center" role="status">${scan}</p>
    `;
  }

  protected override actions() {
    if (this.offer) return this.link(this.offer);
    const amount = this.amount(this.chosen?.amount ?? 0);
    const label = this.waiting
      ? this.say("start.go.waiting")
      : this.say(`start.go.${this.chosenWay}`, { amount });
    const dead = this.busy || (!this.waiting && !this.chosen);
    return html`${this.cancelButton()}<button class="primary" ?disabled=${dead}>${label}</button>`;
  }

  private link(offer: Offer) {
    if (!offer.payment_url) return nothing;
    return html`<a class="button" href=${offer.payment_url} target="_blank" rel="noopener noreferrer">
      ${this.say("start.link")}</a>`;
  }

  protected override submit(): void {
    const { bay, hass, chosen, waiting } = this;
    if (!bay || !hass) return;
    const at = { bay: bay.entities.switch };
    if (waiting) {
      void this.attempt(() => act(hass, "start_session", { ...at, order_id: waiting.order_id }));
    } else if (chosen && this.chosenWay === "link") {
      void this.attempt(async () => {
        this.offer = await act<Offer>(hass, "create_order", { ...at, plan: chosen.code });
      }, true);
    } else if (chosen) void this.attempt(() => this.startOtherwise(chosen));
  }

  private async startOtherwise(plan: Plan): Promise<void> {
    const { bay, hass } = this;
    if (!bay || !hass) return;
    if (!takesCash(hass)) return operate(hass, "turn_on", bay.entities.switch);
    const note = this.renderRoot.querySelector<HTMLInputElement>("#note")?.value.trim();
    await act(hass, "start_session", {
      bay: bay.entities.switch,
      plan: plan.code,
      paid_by: this.chosenWay,
      ...(note ? { note } : {}),
    });
  }

  private amount(minor: number): string {
    return minor ? this.money(minor, this.site?.currency ?? "INR") : this.say("start.pay.free");
  }

  private time(plan: Plan): string {
    return this.hass ? duration(plan.seconds, this.hass.locale) : "";
  }
}

define("paybay-start-dialog", PayBayStartDialog);
