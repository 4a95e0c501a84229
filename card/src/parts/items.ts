import { type PropertyValues, css, html, nothing } from "lit";
import { act } from "../actions";
import { HassElement } from "../base";
import { empty } from "../cards/notices";
import { define } from "../define";
import type { Live } from "../live/feed";
import { moment } from "../model/format";
import { goTo } from "../navigate";
import { backend } from "../text/backend";
import { sayCode } from "../text/text";
import type { OpenItem, Site } from "../types/paybay";
import "./confirm";
import type { Question } from "./confirm";
import "./order-dialog";
import { buttons, colours, frame, type as typography } from "./styles";

/** Kinds whose money can be sent by a tap, and of these the ones that can be served. */
const REFUNDS = ["refund_due", "refund_failed", "refund_no_balance", "order_unknown"];
const CASH = "cash_back_due";
const SERVABLE = ["refund_due", "refund_failed", "refund_no_balance"];

interface Issue {
  domain: string;
  issue_id: string;
  translation_placeholders: Record<string, string> | null;
}

/** What the owner has not set aside. */
export function openItems(site: Site | undefined): OpenItem[] {
  return (site?.items ?? []).filter((item) => !item.ignored);
}

/** What waits for the owner at one site, each with the buttons that settle it. */
export class PayBayItems extends HassElement {
  static override properties = {
    ...HassElement.properties,
    site: { attribute: false },
    live: { attribute: false },
    quiet: { attribute: false },
    question: { state: true },
    orderId: { state: true },
    issues: { state: true },
  };
  static override styles = [
    colours,
    typography,
    buttons,
    frame,
    css`
      ul {
        list-style: none;
        display: grid;
        gap: 8px;
      }
      li {
        border: 1px solid var(--pb-line);
        border-inline-start: 4px solid var(--pb-problem);
        border-radius: var(--ha-border-radius-md, 8px);
        padding: 10px 12px;
        display: grid;
        gap: 8px;
      }
      button {
        min-height: 36px;
        padding: 4px 14px;
      }
    `,
  ];

  site: Site | undefined;
  live: Live | undefined;
  /** Say nothing at all when there is nothing. */
  quiet = false;
  question: Question | undefined;
  orderId: string | undefined;
  issues: Map<string, Record<string, string>> | undefined;

  protected override render() {
    const items = openItems(this.site);
    if (!items.length) {
      if (this.quiet) return nothing;
      return empty("mdi:check-circle-outline", this.say("item.none"), this.say("item.none.help"));
    }
    return html`
      <ul>
        ${items.map((item) => this.item(item))}
      </ul>
      ${this.question
        ? html`<paybay-confirm .hass=${this.hass} .question=${this.question}
            @closed=${() => (this.question = undefined)}></paybay-confirm>`
        : nothing}
      ${this.orderId
        ? html`<paybay-order-dialog .hass=${this.hass} .orderId=${this.orderId}
            .admin=${this.admin} @closed=${() => (this.orderId = undefined)}></paybay-order-dialog>`
        : nothing}
    `;
  }

  private get admin(): boolean {
    return Boolean(this.live?.snapshot.can.admin);
  }

  private item(item: OpenItem) {
    const amount = this.amount(item);
    const text = sayCode(this.say, "item", item.kind, "", { amount }) || this.repairTitle(item);
    const since = item.since && this.hass ? moment(item.since, this.hass) : "";
    const buttons = item.kind === CASH ? this.cash(item, amount) : this.settle(item, amount);
    return html`<li>
      <div>
        <h3>${text}</h3>
        <p class="faint small">${[this.bayName(item), since].filter(Boolean).join(" · ")}</p>
      </div>
      <div class="row">${buttons} ${this.look(item)}</div>
    </li>`;
  }

  /** The title of Home Assistant's own repair, whose values only its list has. */
  private repairTitle(item: OpenItem): string {
    const { hass, issues } = this;
    if (!hass) return "";
    if (!issues) void this.loadIssues();
    const localize = backend(hass, "issues", () => this.requestUpdate());
    const values = issues?.get(item.issue_id);
    const title = values && localize?.(`component.paybay.issues.${item.kind}.title`, values);
    return title || this.say("item.other");
  }

  private async loadIssues(): Promise<void> {
    this.issues = new Map();
    const message = { type: "repairs/list_issues" };
    const found = await this.hass?.callWS<{ issues: Issue[] }>(message).catch(() => undefined);
    this.issues = new Map(
      (found?.issues ?? [])
        .filter((issue) => issue.domain === "paybay")
        .map((issue) => [issue.issue_id, issue.translation_placeholders ?? {}]),
    );
  }

  protected override willUpdate(changed: PropertyValues): void {
    const before = changed.get("site") as Site | undefined;
    if (changed.has("site") && ids(before) !== ids(this.site)) this.issues = undefined;
  }

  private settle(item: OpenItem, amount: string) {
    if (!this.admin || !item.order_id || !REFUNDS.includes(item.kind)) return nothing;
    return html`
      <button class="primary" @click=${() => this.ask(item, "refund", amount)}>
        ${this.say("item.refund", { amount })}
      </button>
      ${SERVABLE.includes(item.kind)
        ? html`<button @click=${() => this.ask(item, "serve", amount)}>${this.say("item.serve")}</button>`
        : nothing}
      <button @click=${() => this.ask(item, "waive", amount)}>${this.say("item.waive")}</button>
    `;
  }

  private cash(item: OpenItem, amount: string) {
    return html`<button class="primary" @click=${() => this.ask(item, "cash", amount)}>
      ${this.say("cash.back.go")}</button>`;
  }

  private look(item: OpenItem) {
    if (item.order_id)
      return html`<button @click=${() => (this.orderId = item.order_id ?? undefined)}>
        ${this.say("item.order")}</button>`;
    return html`<button @click=${showRepairs}>${this.say("item.more")}</button>`;
  }

  private ask(item: OpenItem, what: "refund" | "serve" | "waive" | "cash", amount: string): void {
    const { hass, say } = this;
    if (!hass) return;
    const bay = this.bayName(item);
    const go = {
      refund: say("item.refund", { amount }),
      serve: say("item.serve"),
      waive: say("item.waive.go"),
      cash: say("cash.back.go"),
    };
    const action = {
      refund: "refund_order",
      serve: "serve_order",
      waive: "waive_refund",
      cash: "confirm_cash_back",
    };
    this.question = {
      title: say(`item.${what}.title`, { amount, bay }),
      text: say(`item.${what}.text`, { amount, bay }),
      go: go[what],
      work: () => act(hass, action[what], { order_id: item.order_id }),
    };
  }

  private bayName(item: OpenItem): string {
    return this.site?.bays.find((bay) => bay.bay_id === item.bay_id)?.name ?? "";
  }

  private amount(item: OpenItem): string {
    return this.money(item.amount ?? 0, this.site?.currency ?? "INR");
  }
}

function ids(site: Site | undefined): string {
  return openItems(site).map((item) => item.issue_id).join();
}

/** Home Assistant's own page has the words and the flow for everything else. */
function showRepairs(): void {
  goTo("/config/repairs");
}

define("paybay-items", PayBayItems);
