import { type PropertyValues, css, html, nothing } from "lit";
import { errorText } from "../actions";
import { define } from "../define";
import { dayEnd, dayStart } from "../model/days";
import { duration, moment } from "../model/format";
import "../parts/export-dialog";
import "../parts/order-dialog";
import { buttons, colours, fields, frame, type as typography } from "../parts/styles";
import { sayCode, sayFor } from "../text/text";
import type { ConfigForm, HomeAssistant } from "../types/ha";
import type { Order, Site } from "../types/paybay";
import { siteForm } from "./forms";
import { empty } from "./notices";
import { SiteCard, type SiteCardConfig } from "./site-card";

interface Page {
  orders: Order[];
  next: string | null;
}

interface Filter {
  search: string;
  bay_id: string;
  state: string;
  from: string;
  to: string;
}

const EVERYTHING: Filter = { search: "", bay_id: "", state: "", from: "", to: "" };
const PAGE = 50;
const TYPING_MS = 300;
const STATES = [
  "created", "paid", "charging", "paused", "completed",
  "stopped", "undelivered", "cancelled", "expired",
] as const;
const TONES: Record<string, string> = {
  charging: "charging", paid: "starting", paused: "paused",
  completed: "available", undelivered: "problem",
};

/** Orders of a site: search, filters, details, and the accountant's file. */
export class PayBayOrdersCard extends SiteCard<SiteCardConfig> {
  static override properties = {
    ...SiteCard.properties,
    filter: { state: true },
    orders: { state: true },
    next: { state: true },
    failure: { state: true },
    openOrder: { state: true },
    exporting: { state: true },
  };
  static override styles = [
    colours,
    typography,
    buttons,
    fields,
    frame,
    css`
      .filters {
        display: grid;
        grid-template-columns: 2fr 1.1fr 1.1fr 148px 148px auto;
        gap: 8px;
        align-items: end;
      }
      .filters label {
        min-width: 0;
      }
      input,
      select {
        width: 100%;
      }
      .orders {
        list-style: none;
      }
      li + li {
        border-top: 1px solid var(--pb-line);
      }
      li button {
        width: 100%;
        background: none;
        border-radius: 8px;
        font-weight: 400;
        text-align: start;
        display: grid;
        grid-template-columns: 1.2fr 1.4fr 1.6fr 1.4fr 0.9fr;
        gap: 4px 12px;
        padding: 10px 4px;
        justify-items: start;
      }
      li button > :last-child {
        justify-self: end;
        font-weight: var(--ha-font-weight-medium, 500);
      }
      @container (max-width: 720px) {
        .filters {
          grid-template-columns: 1fr 1fr;
        }
        .filters > :first-child {
          grid-column: 1 / -1;
        }
        li button {
          grid-template: "bay amount" "plan state" "time time" / 1fr auto;
        }
        li button > :nth-child(1) {
          grid-area: time;
        }
        li button > :nth-child(2) {
          grid-area: bay;
          font-weight: var(--ha-font-weight-medium, 500);
        }
        li button > :nth-child(3) {
          grid-area: plan;
        }
        li button > :nth-child(4) {
          grid-area: state;
          justify-self: end;
        }
        li button > :nth-child(5) {
          grid-area: amount;
        }
      }
    `,
  ];

  filter = EVERYTHING;
  orders: Order[] | undefined;
  next: string | null = null;
  failure: string | undefined;
  openOrder: string | undefined;
  exporting = false;
  private asked = "";
  private typing: ReturnType<typeof setTimeout> | undefined;

  static getConfigForm(): ConfigForm {
    return siteForm(sayFor(undefined));
  }

  override getGridOptions() {
    return { columns: "full" as const, min_columns: 6, rows: "auto" as const };
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.typing);
  }

  /** The first page is read anew whenever something happened at the bays. */
  protected override updated(changed: PropertyValues): void {
    super.updated(changed);
    const site = this.site;
    if (!site || !this.live?.fresh) return;
    const want = JSON.stringify([site.entry_id, this.filter, happened(site)]);
    if (want === this.asked) return;
    this.asked = want;
    void this.load(site, want);
  }

  private async load(site: Site, want: string, before?: string): Promise<void> {
    const { hass } = this;
    if (!hass) return;
    try {
      const page = await hass.callWS<Page>({ ...this.question(site), ...(before ? { before } : {}) });
      if (want !== this.asked) return;
      this.orders = before ? [...(this.orders ?? []), ...page.orders] : page.orders;
      this.next = page.next;
      this.failure = undefined;
    } catch (error) {
      this.failure = await errorText(hass, error);
    }
  }

  private question(site: Site): { type: string } & Record<string, unknown> {
    const set = Object.entries(this.filter).filter(([, value]) => value);
    const { from, to, ...rest } = Object.fromEntries(set) as Partial<Filter>;
    return {
      type: "paybay/orders",
      entry_id: site.entry_id,
      limit: PAGE,
      ...rest,
      ...(from ? { from: dayStart(from) } : {}),
      ...(to ? { to: dayEnd(to) } : {}),
    };
  }

  protected override show(site: Site, hass: HomeAssistant) {
    return html`
      <ha-card>
        ${this.filters(site)} ${this.lost()}
        ${this.failure ? html`<p class="notice" role="alert">${this.failure}</p>` : nothing}
        ${this.list(site, hass)}
      </ha-card>
      ${this.openOrder
        ? html`<paybay-order-dialog .hass=${hass} .orderId=${this.openOrder} .admin=${this.admin}
            @closed=${() => (this.openOrder = undefined)}></paybay-order-dialog>`
        : nothing}
      ${this.exporting
        ? html`<paybay-export-dialog .hass=${hass} .site=${site}
            @closed=${() => (this.exporting = false)}></paybay-export-dialog>`
        : nothing}
    `;
  }

  private filters(site: Site) {
    return html`<div class="filters" role="search">
      <label class="field">${this.say("orders.search")}
        <input type="search" autocomplete="off" @input=${this.onType} /></label>
      ${this.select("bay_id", "orders.bay", "orders.all_bays", site.bays.map((bay) => [bay.bay_id, bay.name]))}
      ${this.select("state", "orders.state", "orders.all_states",
        STATES.map((state) => [state, this.say(`state.${state}`)]))}
      ${this.date("from", "orders.from")} ${this.date("to", "orders.to")}
      ${this.admin
        ? html`<button @click=${() => (this.exporting = true)}>
            <ha-icon icon="mdi:file-delimited-outline"></ha-icon>${this.say("orders.csv")}</button>`
        : nothing}
    </div>`;
  }

  private select(
    name: "bay_id" | "state",
    label: "orders.bay" | "orders.state",
    all: "orders.all_bays" | "orders.all_states",
    options: (readonly [string, string])[],
  ) {
    return html`<label class="field">${this.say(label)}
      <select @change=${(event: Event) => this.narrow({ [name]: valueOf(event) })}>
        <option value="">${this.say(all)}</option>
        ${options.map(([value, text]) => html`<option value=${value} ?selected=${this.filter[name] === value}>${text}</option>`)}
      </select></label>`;
  }

  private date(name: "from" | "to", label: "orders.from" | "orders.to") {
    return html`<label class="field">${this.say(label)}
      <input type="date" @change=${(event: Event) => this.narrow({ [name]: valueOf(event) })} /></label>`;
  }

  private narrow(values: Partial<Filter>): void {
    this.filter = { ...this.filter, ...values };
  }

  private readonly onType = (event: Event): void => {
    const search = valueOf(event).trim();
    clearTimeout(this.typing);
    this.typing = setTimeout(() => this.narrow({ search }), TYPING_MS);
  };

  private list(site: Site, hass: HomeAssistant) {
    const { orders } = this;
    if (!orders) return this.failure ? nothing : html`<p class="faint" role="status">${this.say("live.loading")}</p>`;
    if (!orders.length) {
      const unfiltered = Object.values(this.filter).every((value) => !value);
      return empty("mdi:receipt-text-outline", this.say(unfiltered ? "orders.none_yet" : "orders.none"));
    }
    return html`<ul class="orders">${orders.map((order) => this.row(order, hass))}</ul>
      ${this.next
        ? html`<button @click=${() => void this.load(site, this.asked, this.next ?? undefined)}>
            ${this.say("orders.more")}</button>`
        : nothing}`;
  }

  private row(order: Order, hass: HomeAssistant) {
    const amount = order.paid?.amount || order.price.amount;
    const tone = TONES[order.state];
    return html`<li><button @click=${() => (this.openOrder = order.order_id)}>
      <span class="faint numbers">${order.created_at ? moment(order.created_at, hass) : ""}</span>
      <span>${order.bay_name}</span>
      <span>${order.plan_name} <span class="faint small">${duration(order.seconds_owed, hass.locale)}</span></span>
      <span class="chip" style=${tone ? `--tone: var(--pb-${tone})` : ""}>
        ${sayCode(this.say, "state", order.state, order.state)}</span>
      <span class="numbers">${this.money(amount, order.price.currency)}</span>
    </button></li>`;
  }
}

function valueOf(event: Event): string {
  return (event.target as HTMLInputElement | HTMLSelectElement).value;
}

/** What changes at a site when an order does; energy and power do not count. */
function happened(site: Site): unknown {
  return [
    site.items.length,
    site.today.sessions,
    site.today.refunded,
    site.bays.map((bay) => [bay.status, bay.order?.order_id, bay.queue.map((order) => order.order_id)]),
  ];
}

define("paybay-orders-card", PayBayOrdersCard);
