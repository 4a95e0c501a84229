import { type PropertyValues, css, html, nothing } from "lit";
import { operate } from "../actions";
import { LiveElement } from "../base";
import { define } from "../define";
import { findBay } from "../model/attention";
import { counts, orderLeft } from "../model/countdown";
import { online } from "../model/earned";
import { duration, number, time } from "../model/format";
import "../parts/confirm";
import type { Question } from "../parts/confirm";
import "../parts/qr-dialog";
import "../parts/ring";
import "../parts/start-dialog";
import { ICONS, announcement, explanation, statusText, tone } from "../parts/status";
import "../parts/stop-dialog";
import { buttons, colours, frame, type as typography } from "../parts/styles";
import { sayCode, sayFor } from "../text/text";
import type { ConfigForm, GridOptions, HomeAssistant } from "../types/ha";
import type { Bay, Site } from "../types/paybay";
import { bayForm } from "./forms";
import { noLive } from "./notices";

export interface BayCardConfig {
  type: string;
  entity?: string;
  name?: string;
  hide_today?: boolean;
}

/** One bay: what it does, for how long, what it earned, and the buttons for it. */
export class PayBayBayCard extends LiveElement {
  static override properties = {
    ...LiveElement.properties,
    config: { state: true },
    dialog: { state: true },
    plan: { state: true },
  };
  static override styles = [
    colours,
    typography,
    buttons,
    frame,
    css`
      .head {
        display: flex;
        gap: 8px;
        align-items: flex-start;
      }
      .head > div {
        flex: 1;
        min-width: 0;
      }
      .chips {
        display: flex;
        flex-wrap: wrap;
        justify-content: flex-end;
        gap: 4px;
      }
      .body {
        display: flex;
        gap: 16px;
        align-items: center;
        flex: 1;
      }
      .facts {
        display: grid;
        gap: 4px;
        min-width: 0;
        flex: 1;
      }
      .facts > p:first-child b {
        font-size: var(--ha-font-size-l, 16px);
        font-weight: var(--ha-font-weight-medium, 500);
      }
      .plans {
        display: flex;
        flex-wrap: wrap;
        gap: 6px;
      }
      .plans button {
        min-height: 36px;
        padding: 4px 12px;
        font-weight: 400;
      }
      .today {
        border-top: 1px solid var(--pb-line);
        padding-top: 10px;
        display: flex;
        flex-wrap: wrap;
        gap: 4px 12px;
        align-items: baseline;
      }
      .today b {
        font-weight: var(--ha-font-weight-medium, 500);
      }
      .buttons button {
        flex: 1;
        white-space: nowrap;
      }
      .buttons button.icon {
        flex: none;
      }
      @container (max-width: 270px) {
        .body {
          flex-direction: column;
          align-items: stretch;
        }
        paybay-ring {
          align-self: center;
        }
      }
    `,
  ];

  config: BayCardConfig | undefined;
  dialog: "start" | "stop" | "qr" | "ask" | undefined;
  private question: Question | undefined;
  plan: string | undefined;

  static getConfigForm(): ConfigForm {
    return bayForm(sayFor(undefined));
  }

  static getStubConfig(hass: HomeAssistant): Partial<BayCardConfig> {
    const entity = Object.values(hass.entities).find(
      (entry) => entry?.platform === "paybay" && /^sensor\..*status/.test(entry.entity_id),
    );
    return entity ? { entity: entity.entity_id } : {};
  }

  setConfig(config: BayCardConfig): void {
    this.config = config;
  }

  getCardSize(): number {
    return 4;
  }

  getGridOptions(): GridOptions {
    return { columns: 12, min_columns: 6, rows: "auto" };
  }

  protected override shownOfHass(before: HomeAssistant, now: HomeAssistant): boolean {
    return super.shownOfHass(before, now) || before.entities !== now.entities;
  }

  private get found(): { site: Site; bay: Bay } | undefined {
    const entity = this.config?.entity;
    if (!this.live || !entity) return undefined;
    const device = this.hass?.entities[entity]?.device_id;
    return findBay(this.live.snapshot.sites, entity, device);
  }

  protected override updated(changed: PropertyValues): void {
    super.updated(changed);
    if (this.dialog && !this.found) this.dialog = undefined;
  }

  protected override render() {
    const { hass, config } = this;
    if (!hass || !config) return nothing;
    if (!this.live) return html`<ha-card>${noLive(this.say, this.feedError)}</ha-card>`;
    const found = this.found;
    if (!found) {
      const text = this.say(config.entity ? "bay.missing" : "bay.unset");
      return html`<ha-card><p class="empty faint">${text}</p></ha-card>`;
    }
    const { site, bay } = found;
    return html`
      <ha-card style=${tone(bay.status)}>
        ${this.head(site, bay)}
        <p class="unseen" role="status">${announcement(bay, this.say)}</p>
        <div class="body">${this.ring(bay)}${this.facts(site, bay, hass)}</div>
        ${this.lost()} ${this.today(site, bay, hass)} ${this.buttons(bay)}
      </ha-card>
      ${this.openDialog(site, bay)}
    `;
  }

  private head(site: Site, bay: Bay) {
    return html`<div class="head">
      <div>
        <h2>${this.config?.name || bay.name}</h2>
        ${bay.area ? html`<p class="faint small">${bay.area}</p>` : nothing}
      </div>
      <div class="chips">
        ${site.test_mode
          ? html`<span class="chip test" title=${this.say("bay.test.help")}>${this.say("bay.test")}</span>`
          : nothing}
        <span class="chip">${statusText(bay, this.say)}</span>
      </div>
    </div>`;
  }

  private ring(bay: Bay) {
    const { order } = bay;
    const skewMs = this.live?.skewMs ?? 0;
    const left = order && counts(bay) ? orderLeft(order, skewMs, Date.now()) : null;
    return html`<paybay-ring
      .endsAt=${order?.ends_at}
      .left=${left}
      .total=${order?.seconds ?? 0}
      .skewMs=${skewMs}
      .caption=${this.say("time.left")}
      .label=${`${bay.name}: ${statusText(bay, this.say)}`}
      .icon=${ICONS[bay.status]}
    ></paybay-ring>`;
  }

  private facts(site: Site, bay: Bay, hass: HomeAssistant) {
    const lines = explanation(bay, this.say, hass, (code) => this.reason(code));
    return html`<div class="facts">
      ${bay.order ? this.running(site, bay, hass) : this.plans(site, bay)}
      ${bay.queue.length
        ? html`<p>${this.say("bay.queue", { count: bay.queue.length })}</p>`
        : nothing}
      ${this.meter(bay, hass)}
      ${lines.map((line) => html`<p class="faint">${line}</p>`)}
    </div>`;
  }

  private running(site: Site, bay: Bay, hass: HomeAssistant) {
    const order = bay.order;
    if (!order) return nothing;
    const amount = order.amount ? ` · ${this.money(order.amount, site.currency)}` : "";
    const paid = sayCode(this.say, "bay.paid_by", order.paid_by, "");
    const end = order.ends_at ? this.say("time.ends_at", { time: time(order.ends_at, hass) }) : "";
    return html`<p><b>${order.plan_name}${amount}</b></p>
      <p class="faint">${[end, paid].filter(Boolean).join(" · ")}</p>`;
  }

  private plans(site: Site, bay: Bay) {
    if (bay.status !== "available" && bay.status !== "reserved") return nothing;
    return html`<div class="plans">
      ${bay.plans.slice(0, 4).map(
        (plan) => html`<button ?disabled=${bay.can_control === false} @click=${() => this.start(plan.code)}>
          ${plan.name} · ${plan.amount ? this.money(plan.amount, site.currency) : this.say("start.pay.free")}
        </button>`,
      )}
    </div>`;
  }

  private meter(bay: Bay, hass: HomeAssistant) {
    const parts: string[] = [];
    if (bay.power_w != null) parts.push(this.say("bay.power", { power: number(bay.power_w, hass.locale) }));
    if (bay.plugged != null) parts.push(this.say(bay.plugged ? "bay.plugged" : "bay.unplugged"));
    return parts.length ? html`<p class="faint numbers">${parts.join(" · ")}</p>` : nothing;
  }

  private lost() {
    if (this.live?.fresh) return nothing;
    return html`<p class="notice" role="status">
      <ha-icon icon="mdi:lan-disconnect"></ha-icon>${this.say("live.lost")}</p>`;
  }

  private today(site: Site, bay: Bay, hass: HomeAssistant) {
    if (this.config?.hide_today) return nothing;
    const { cash, sessions, seconds } = bay.today;
    return html`<div class="today">
      <span class="faint">${this.say("bay.today")}</span>
      <b class="numbers">${this.money(online(site, bay.today), site.currency)}</b>
      ${cash ? html`<span>${this.say("money.cash", { amount: this.money(cash, site.currency) })}</span>` : nothing}
      <span class="faint">${this.say("bay.sessions", { count: sessions })}</span>
      ${seconds ? html`<span class="faint">${duration(seconds, hass.locale)}</span>` : nothing}
    </div>`;
  }

  private buttons(bay: Bay) {
    if (bay.can_control === false) return html`<p class="faint small">${this.say("bay.read_only")}</p>`;
    return html`<div class="row buttons">
      ${bay.order
        ? html`<button class="danger" @click=${() => (this.dialog = "stop")}>
            <ha-icon icon="mdi:stop"></ha-icon>${this.say("bay.stop")}</button>`
        : nothing}
      <button class=${bay.order ? "" : "primary"} @click=${() => this.start(undefined)}>
        <ha-icon icon=${bay.order ? "mdi:plus" : "mdi:play"}></ha-icon>${this.say(bay.order ? "bay.more" : "bay.start")}</button>
      <button class="icon" aria-label=${this.say("bay.qr")} title=${this.say("bay.qr")}
        @click=${() => (this.dialog = "qr")}><ha-icon icon="mdi:qrcode"></ha-icon></button>
      ${this.service(bay)}
    </div>`;
  }

  private service(bay: Bay) {
    const entity = bay.entities["in_service"];
    if (!entity) return nothing;
    const label = this.say(bay.in_service ? "service.out" : "service.back");
    return html`<button class="icon" aria-label=${label} title=${label}
      @click=${() => this.turnService(bay, entity)}>
      <ha-icon icon=${bay.in_service ? "mdi:wrench-outline" : "mdi:wrench-check"}></ha-icon></button>`;
  }

  /** Out of service after a question; back at once, and Home Assistant says what fails. */
  private turnService(bay: Bay, entity: string): void {
    const { hass } = this;
    if (!hass) return;
    if (!bay.in_service) return void operate(hass, "turn_on", entity).catch(() => undefined);
    this.question = {
      title: this.say("service.title", { bay: bay.name }),
      text: this.say("service.text"),
      go: this.say("service.out"),
      work: () => hass.callService("switch", "turn_off", {}, { entity_id: entity }, false),
    };
    this.dialog = "ask";
  }

  private start(plan: string | undefined): void {
    this.plan = plan;
    this.dialog = "start";
  }

  private readonly closed = (): void => {
    this.dialog = undefined;
  };

  private openDialog(site: Site, bay: Bay) {
    const { hass, live } = this;
    switch (this.dialog) {
      case "start":
        return html`<paybay-start-dialog .hass=${hass} .site=${site} .bay=${bay} .plan=${this.plan}
          @closed=${this.closed}></paybay-start-dialog>`;
      case "stop":
        return html`<paybay-stop-dialog .hass=${hass} .site=${site} .bay=${bay} .live=${live}
          @closed=${this.closed}></paybay-stop-dialog>`;
      case "ask":
        return html`<paybay-confirm .hass=${hass} .question=${this.question}
          @closed=${this.closed}></paybay-confirm>`;
      case "qr":
        return html`<paybay-qr-dialog .hass=${hass} .bay=${bay} @closed=${this.closed}></paybay-qr-dialog>`;
      default:
        return nothing;
    }
  }
}

define("paybay-bay-card", PayBayBayCard);
