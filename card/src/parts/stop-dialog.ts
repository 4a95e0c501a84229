import { html, nothing } from "lit";
import { type Stopped, confirmCashBack, refundAll, stop } from "../actions";
import { define } from "../define";
import { everyMoment } from "../live/ticker";
import type { Live } from "../live/feed";
import { orderLeft, unused } from "../model/countdown";
import { duration } from "../model/format";
import type { Bay, RunningOrder, Site } from "../types/paybay";
import { PayBayDialog } from "./dialog";

/** Ends a session, after saying what goes back. Administrators may give all of it back. */
export class PayBayStopDialog extends PayBayDialog {
  static override properties = {
    ...PayBayDialog.properties,
    site: { attribute: false },
    bay: { attribute: false },
    live: { attribute: false },
    all: { state: true },
    owed: { state: true },
  };

  site: Site | undefined;
  bay: Bay | undefined;
  live: Live | undefined;
  all = false;
  /** The stopped order whose cash is to be handed back before this dialog goes. */
  owed: Stopped | undefined;
  private stopTicking: (() => void) | undefined;
  private shown = 0;

  protected override heading(): string {
    if (this.owed) return this.say("cash.back.title", { amount: this.amount(this.owed.cash_back ?? 0) });
    return this.say("stop.title", { bay: this.bay?.name ?? "" });
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.stopTicking = everyMoment(() => this.leftSeconds !== this.shown && this.requestUpdate());
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.stopTicking?.();
  }

  /** The session may end by itself while somebody still reads. */
  protected override updated(): void {
    this.shown = this.leftSeconds;
    if (!this.bay?.order && !this.busy && !this.owed) this.close();
  }

  private get leftSeconds(): number {
    const order = this.bay?.order;
    return Math.ceil((order && orderLeft(order, this.live?.skewMs ?? 0, Date.now())) ?? 0);
  }

  protected override content() {
    const { bay, hass, owed } = this;
    const order = bay?.order;
    if (owed) {
      const amount = this.amount(owed.cash_back ?? 0);
      return html`<p role="status">${this.say("cash.back.text", { bay: bay?.name ?? "", amount })}</p>`;
    }
    if (!bay || !order || !hass) return nothing;
    const left = this.leftSeconds;
    const time = duration(left, hass.locale);
    return html`
      <p>${this.say("stop.text", { time, plan: order.plan_name })}</p>
      ${this.choices(order, left)}
      ${bay.queue.length
        ? html`<p class="faint">${this.say("stop.queue", { count: bay.queue.length })}</p>`
        : nothing}
    `;
  }

  private choices(order: RunningOrder, left: number) {
    const normal = this.normalText(order, left);
    if (!this.mayRefund(order)) return html`<p>${normal}</p>`;
    return html`
      <fieldset>
        ${this.choice(false, normal)}
        ${this.choice(true, this.say("stop.all", { paid: this.amount(order.amount) }))}
      </fieldset>
    `;
  }

  private choice(all: boolean, text: string) {
    return html`<label class="choice">
      <input type="radio" name="back" .checked=${this.all === all} @change=${() => (this.all = all)} />
      <span>${text}</span>
    </label>`;
  }

  private normalText(order: RunningOrder, left: number): string {
    const back = unused(order, left);
    if (order.amount === 0 || order.paid_by === "free") return this.say("stop.free");
    if (order.paid_by === "cash") {
      const paid = this.amount(order.amount);
      return this.say("stop.cash", { amount: this.amount(back), paid });
    }
    if (!back) return this.say("stop.nothing");
    return this.say("stop.rest", { amount: this.amount(back), paid: this.amount(order.amount) });
  }

  private mayRefund(order: RunningOrder): boolean {
    const online = order.paid_by !== "cash" && order.paid_by !== "free";
    return Boolean(this.live?.snapshot.can.admin) && online && order.amount > 0;
  }

  protected override actions() {
    if (this.owed)
      return html`<button type="button" @click=${this.close}>${this.say("cash.back.later")}</button>
        <button class="primary" ?disabled=${this.busy}>${this.say("cash.back.go")}</button>`;
    const paid = this.amount(this.bay?.order?.amount ?? 0);
    return html`
      ${this.cancelButton()}
      <button class="primary danger" ?disabled=${this.busy}>
        ${this.all ? this.say("stop.go.all", { paid }) : this.say("stop.go")}
      </button>
    `;
  }

  protected override submit(): void {
    const { bay, hass, all, owed } = this;
    if (!bay || !hass) return;
    if (owed) return void this.attempt(() => confirmCashBack(hass, owed.order_id));
    void this.attempt(async () => {
      const stopped = await stop(hass, bay);
      if (stopped.cash_back) this.owed = stopped;
      else if (all) await refundAll(hass, stopped.order_id);
      if (!this.owed) this.close();
    }, true);
  }

  private amount(minor: number): string {
    return this.money(minor, this.site?.currency ?? "INR");
  }
}

define("paybay-stop-dialog", PayBayStopDialog);
