import { css, html, nothing } from "lit";
import { operate } from "../actions";
import { define } from "../define";
import { everyMoment } from "../live/ticker";
import { byAttention, countBays } from "../model/attention";
import { taken } from "../model/earned";
import "../parts/bay-dialog";
import "../parts/confirm";
import type { Question } from "../parts/confirm";
import "../parts/items";
import { ICONS, leftText, statusText, tone } from "../parts/status";
import { buttons, colours, frame, type as typography } from "../parts/styles";
import { sayFor } from "../text/text";
import type { ConfigForm, HomeAssistant } from "../types/ha";
import type { Bay, Site } from "../types/paybay";
import { siteForm } from "./forms";
import { empty } from "./notices";
import { SiteCard, type SiteCardConfig } from "./site-card";

/** All bays of a site, those that need somebody first, and what is for the whole site. */
export class PayBayOverviewCard extends SiteCard<SiteCardConfig> {
  static override properties = {
    ...SiteCard.properties,
    question: { state: true },
    openBay: { state: true },
  };
  static override styles = [
    colours,
    typography,
    buttons,
    frame,
    css`
      .head {
        display: flex;
        flex-wrap: wrap;
        gap: 8px 12px;
        align-items: center;
      }
      .head > div:first-child {
        flex: 1 1 160px;
        min-width: 0;
      }
      button.switch {
        --tone: var(--pb-available);
        background: color-mix(in srgb, var(--tone) 18%, transparent);
      }
      button.switch[aria-checked="false"] {
        --tone: var(--pb-problem);
      }
      button.switch ha-icon {
        color: var(--tone);
      }
      ul {
        list-style: none;
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(min(100%, 300px), 1fr));
        gap: 0 24px;
      }
      li {
        border-bottom: 1px solid var(--pb-line);
      }
      li button {
        width: 100%;
        background: none;
        border-radius: 8px;
        display: grid;
        grid-template-columns: 28px 1fr auto auto;
        gap: 12px;
        padding: 10px 4px;
        text-align: start;
        font-weight: 400;
      }
      li ha-icon {
        color: var(--tone);
        --mdc-icon-size: 24px;
      }
      li b {
        font-weight: var(--ha-font-weight-medium, 500);
        overflow-wrap: anywhere;
      }
      li .left {
        font-size: var(--ha-font-size-l, 16px);
        font-weight: var(--ha-font-weight-medium, 500);
      }
      li .money {
        min-width: 56px;
        text-align: end;
      }
      .stop {
        align-self: end;
      }
      @container (max-width: 480px) {
        .stop {
          align-self: stretch;
        }
      }
    `,
  ];

  question: Question | undefined;
  openBay: string | undefined;
  private stopTicking: (() => void) | undefined;
  private shown = "";

  static getConfigForm(): ConfigForm {
    return siteForm(sayFor(undefined));
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.rest();
  }

  protected override updated(): void {
    if (!this.isConnected || !this.site?.bays.some((bay) => bay.order?.ends_at)) this.rest();
    else this.stopTicking ??= everyMoment(() => this.tick());
  }

  private rest(): void {
    this.stopTicking?.();
    this.stopTicking = undefined;
  }

  private tick(): void {
    if (this.countdowns() !== this.shown) this.requestUpdate();
  }

  private countdowns(): string {
    const skewMs = this.live?.skewMs ?? 0;
    return (this.site?.bays ?? []).map((bay) => leftText(bay, skewMs)).join();
  }

  protected override show(site: Site, hass: HomeAssistant) {
    this.shown = this.countdowns();
    return html`
      <ha-card>
        ${this.head(site)} ${this.lost()} ${this.provider(site)}
        ${site.bays.length
          ? html`<ul>${byAttention(site.bays, site.items, hass.locale.language).map((bay) => this.row(site, bay))}</ul>`
          : empty("mdi:ev-station", this.say("live.no_bays"), this.say("live.no_bays.help"))}
        <paybay-items .hass=${hass} .site=${site} .live=${this.live} .quiet=${true}></paybay-items>
        ${this.stopButton(site, hass)}
      </ha-card>
      ${this.dialogs(site, hass)}
    `;
  }

  private head(site: Site) {
    const { busy, free, trouble, waiting } = countBays(site.bays);
    const counted = [
      busy && this.say("site.busy", { count: busy }),
      free && this.say("site.free", { count: free }),
      trouble && this.say("site.trouble", { count: trouble }),
      waiting && this.say("bay.queue", { count: waiting }),
    ].filter(Boolean);
    const amount = this.money(taken(site, site.today), site.currency);
    const today = this.say("site.today", { amount });
    return html`<div class="head">
      <div>
        <h2>${site.name}</h2>
        <p class="faint small" role="status">${[today, ...counted].join(" · ")}</p>
      </div>
      ${site.test_mode ? html`<span class="chip test">${this.say("bay.test")}</span>` : nothing}
      ${this.openSwitch(site)}
    </div>`;
  }

  private openSwitch(site: Site) {
    const entity = site.entities["open_switch"];
    if (!entity) return nothing;
    const help = this.say(site.open ? "site.open.help" : "site.closed.help");
    return html`<button class="switch" role="switch" aria-checked=${site.open} title=${help}
      @click=${() => void this.turn(entity, !site.open)}>
      <ha-icon icon=${site.open ? "mdi:door-open" : "mdi:door-closed-lock"}></ha-icon>
      ${this.say(site.open ? "site.open" : "site.closed")}
    </button>`;
  }

  /** Home Assistant itself says what went wrong; nothing is left to do about it here. */
  private async turn(entity: string, on: boolean): Promise<void> {
    const { hass } = this;
    if (hass) await operate(hass, on ? "turn_on" : "turn_off", entity).catch(() => undefined);
  }

  private provider(site: Site) {
    if (site.provider_reachable !== false) return nothing;
    return html`<p class="notice"><ha-icon icon="mdi:cloud-alert"></ha-icon>${this.say("site.provider_down")}</p>`;
  }

  private row(site: Site, bay: Bay) {
    const left = leftText(bay, this.live?.skewMs ?? 0);
    const waiting = bay.queue.length ? this.say("bay.queue", { count: bay.queue.length }) : "";
    const sub = [statusText(bay, this.say), bay.area, waiting].filter(Boolean).join(" · ");
    return html`<li style=${tone(bay.status)}>
      <button @click=${() => (this.openBay = bay.bay_id)}>
        <ha-icon icon=${ICONS[bay.status]} aria-hidden="true"></ha-icon>
        <span><b>${bay.name}</b><br /><span class="faint small">${sub}</span></span>
        <span class="left numbers">${left}</span>
        <span class="money numbers">${this.money(taken(site, bay.today), site.currency)}</span>
      </button>
    </li>`;
  }

  private stopButton(site: Site, hass: HomeAssistant) {
    const entity = site.entities["stop_button"];
    if (!entity || !site.bays.length) return nothing;
    return html`<button class="danger stop" @click=${() => this.askStop(site, hass, entity)}>
      <ha-icon icon="mdi:stop-circle-outline"></ha-icon>${this.say("site.stop_all")}
    </button>`;
  }

  private askStop(site: Site, hass: HomeAssistant, entity: string): void {
    const count = site.bays.filter((bay) => bay.order).length;
    this.question = {
      title: this.say("site.stop_all.title", { site: site.name }),
      text: count ? this.say("site.stop_all.text", { count }) : this.say("site.stop_all.idle"),
      go: this.say("site.stop_all.go"),
      danger: true,
      work: () => hass.callService("button", "press", {}, { entity_id: entity }, false),
    };
  }

  private dialogs(site: Site, hass: HomeAssistant) {
    const bay = site.bays.find((each) => each.bay_id === this.openBay);
    return html`
      ${this.question
        ? html`<paybay-confirm .hass=${hass} .question=${this.question}
            @closed=${() => (this.question = undefined)}></paybay-confirm>`
        : nothing}
      ${bay
        ? html`<paybay-bay-dialog .hass=${hass} .bay=${bay}
            @closed=${() => (this.openBay = undefined)}></paybay-bay-dialog>`
        : nothing}
    `;
  }
}

define("paybay-overview-card", PayBayOverviewCard);
