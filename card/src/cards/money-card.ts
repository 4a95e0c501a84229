import { type PropertyValues, css, html, nothing } from "lit";
import { errorText } from "../actions";
import { define } from "../define";
import { online, taken } from "../model/earned";
import { bars, byBay, total } from "../model/chart";
import { number, today } from "../model/format";
import "../parts/bars";
import { buttons, colours, fields, frame, type as typography } from "../parts/styles";
import { sayFor } from "../text/text";
import type { ConfigForm, HomeAssistant } from "../types/ha";
import type { DaySums, Site, Sums } from "../types/paybay";
import { siteForm } from "./forms";
import { SiteCard, type SiteCardConfig } from "./site-card";

interface MoneyCardConfig extends SiteCardConfig {
  days?: number;
}

const SPANS = [7, 30, 90];

/** What a site earned: today, this week, this month, and a chart by day. */
export class PayBayMoneyCard extends SiteCard<MoneyCardConfig> {
  static override properties = {
    ...SiteCard.properties,
    days: { state: true },
    sums: { state: true },
    failure: { state: true },
  };
  static override styles = [
    colours,
    typography,
    buttons,
    fields,
    frame,
    css`
      .sums {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(96px, 1fr));
        gap: 8px;
      }
      .sums div {
        border-radius: var(--ha-border-radius-md, 8px);
        background: color-mix(in srgb, var(--pb-text) 5%, transparent);
        padding: 10px;
        display: grid;
        gap: 2px;
        align-content: start;
      }
      .sums b {
        font-size: 22px;
        font-weight: 500;
      }
      .head {
        display: flex;
        flex-wrap: wrap;
        gap: 8px;
        align-items: center;
        justify-content: space-between;
      }
      .spans button {
        min-height: 36px;
        padding: 4px 14px;
      }
      .spans button[aria-pressed="true"] {
        background: color-mix(in srgb, var(--primary-color) 78%, #000);
        color: var(--text-primary-color, #fff);
      }
      ol {
        list-style: none;
        display: grid;
        gap: 8px;
      }
      li {
        display: grid;
        grid-template-columns: 1fr auto;
        gap: 2px 12px;
      }
      .meter {
        grid-column: 1 / -1;
        height: 6px;
        border-radius: 3px;
        background: color-mix(in srgb, var(--pb-charging) 18%, transparent);
      }
      .meter span {
        display: block;
        height: 100%;
        border-radius: 3px;
        background: var(--pb-charging);
      }
    `,
  ];

  days: number | undefined;
  sums: DaySums[] | undefined;
  failure: string | undefined;
  private asked = "";

  static getConfigForm(): ConfigForm {
    return siteForm(sayFor(undefined), {
      name: "days",
      selector: { number: { min: 1, max: 400, mode: "box" } },
    });
  }

  private get span(): number {
    return Math.round(this.days ?? this.config?.days ?? 30);
  }

  /** The days are asked for anew when today's sum has moved. */
  protected override updated(changed: PropertyValues): void {
    super.updated(changed);
    const site = this.site;
    if (!site || !this.live?.fresh) return;
    const want = JSON.stringify([site.entry_id, this.span, site.today]);
    if (want === this.asked) return;
    this.asked = want;
    void this.load(site, want);
  }

  private async load(site: Site, want: string): Promise<void> {
    const { hass, span } = this;
    if (!hass) return;
    try {
      const message = { type: "paybay/statistics", entry_id: site.entry_id, days: span };
      const answer = await hass.callWS<{ days: DaySums[] }>(message);
      if (want === this.asked) [this.sums, this.failure] = [answer.days, undefined];
    } catch (error) {
      this.failure = await errorText(hass, error);
    }
  }

  protected override show(site: Site, hass: HomeAssistant) {
    return html`<ha-card>
      <div class="head"><h2>${site.name}</h2>
        ${site.test_mode
          ? html`<span class="chip test" title=${this.say("money.test")}>${this.say("bay.test")}</span>`
          : nothing}</div>
      ${this.lost()}
      <div class="sums">
        ${this.sum(site, hass, site.today, this.say("money.today"))}
        ${this.sum(site, hass, site.week, this.say("money.week"))}
        ${this.sum(site, hass, site.month, this.say("money.month"))}
      </div>
      ${site.test_mode ? html`<p class="faint small">${this.say("money.test")}</p>` : nothing}
      <div class="head"><h3>${this.say("money.by_day")}</h3>${this.spans()}</div>
      ${this.failure ? html`<p class="notice" role="alert">${this.failure}</p>` : nothing}
      ${this.chart(site, hass)}
    </ha-card>`;
  }

  private sum(site: Site, hass: HomeAssistant, sums: Sums, name: string) {
    const { cash, cash_back: back, refunded, sessions, energy_wh: energy } = sums;
    const amount = (minor: number): string => this.money(minor, site.currency);
    return html`<div>
      <span class="faint">${name}</span>
      <b class="numbers">${amount(online(site, sums))}</b>
      ${cash ? html`<span>${this.say("money.cash", { amount: amount(cash) })}</span>` : nothing}
      <span class="faint small">${this.say("bay.sessions", { count: sessions })}</span>
      ${energy
        ? html`<span class="faint small">${this.say("money.energy", { energy: number(energy / 1000, hass.locale, 1) })}</span>`
        : nothing}
      ${back
        ? html`<span class="faint small">${this.say("money.cash_back", { amount: amount(back) })}</span>`
        : nothing}
      ${refunded
        ? html`<span class="faint small">${this.say("money.refunded", { amount: amount(refunded) })}</span>`
        : nothing}
    </div>`;
  }

  private spans() {
    return html`<div class="row spans" role="group">
      ${SPANS.map(
        (days) => html`<button aria-pressed=${days === this.span} @click=${() => (this.days = days)}>
          ${this.say("money.days", { count: days })}</button>`,
      )}
    </div>`;
  }

  private chart(site: Site, hass: HomeAssistant) {
    const { sums } = this;
    if (!sums) return html`<p class="faint" role="status">${this.failure ? nothing : this.say("live.loading")}</p>`;
    const all = total(sums);
    const last = today(hass, Date.now() + (this.live?.skewMs ?? 0));
    const days = this.say("money.days", { count: this.span });
    const sum = this.money(taken(site, all), site.currency);
    return html`
      <paybay-bars .hass=${hass} .bars=${bars(site, sums, last, this.span)} .currency=${site.currency}
        .label=${this.say("money.chart", { total: sum, days })}></paybay-bars>
      ${all.sessions ? nothing : html`<p class="faint">${this.say("money.none")}</p>`}
      ${this.bays(site, sums)}
    `;
  }

  private bays(site: Site, sums: DaySums[]) {
    const earned = byBay(sums).filter(([, revenue]) => revenue > 0);
    const most = earned[0]?.[1] ?? 0;
    if (earned.length < 2) return nothing;
    const name = (id: string): string =>
      site.bays.find((bay) => bay.bay_id === id)?.name ?? this.say("money.removed_bay");
    return html`<h3>${this.say("money.by_bay")}</h3>
      <ol>
        ${earned.map(
          ([id, revenue]) => html`<li><span>${name(id)}</span>
            <b class="numbers">${this.money(revenue, site.currency)}</b>
            <div class="meter" aria-hidden="true"><span style="width: ${(100 * revenue) / most}%"></span></div></li>`,
        )}
      </ol>`;
  }
}

define("paybay-money-card", PayBayMoneyCard);
