import { css, html } from "lit";
import { HassElement } from "../base";
import { define } from "../define";
import type { Bar } from "../model/chart";
import { day } from "../model/format";
import { colours, type as typography } from "./styles";

/** Bars by day. Who cannot see them reads the same as a table; a tapped bar says its sum. */
export class PayBayBars extends HassElement {
  static override properties = {
    ...HassElement.properties,
    bars: { attribute: false },
    currency: { attribute: false },
    label: { attribute: false },
    chosen: { state: true },
  };
  static override styles = [
    colours,
    typography,
    css`
      :host {
        display: grid;
        gap: 6px;
        position: relative;
      }
      .chart {
        display: flex;
        align-items: flex-end;
        gap: clamp(1px, 0.6%, 6px);
        height: 150px;
        border-bottom: 1px solid var(--pb-line);
        direction: ltr;
      }
      .bar {
        flex: 1;
        height: 100%;
        min-width: 0;
        display: flex;
        flex-direction: column;
        justify-content: flex-end;
        cursor: pointer;
      }
      .bar:hover,
      .bar.chosen {
        background: color-mix(in srgb, var(--pb-text) 8%, transparent);
      }
      .bar span {
        background: var(--pb-charging);
      }
      .bar span.cash {
        background: var(--pb-available);
      }
      .bar span:first-child {
        border-radius: 3px 3px 0 0;
      }
      .ends {
        display: flex;
        justify-content: space-between;
        direction: ltr;
      }
      .legend {
        display: flex;
        gap: 16px;
        align-items: center;
        min-height: 20px;
      }
      .legend i {
        display: inline-block;
        width: 10px;
        height: 10px;
        border-radius: 3px;
        margin-inline-end: 6px;
        background: var(--pb-charging);
      }
      .legend i.cash {
        background: var(--pb-available);
      }
    `,
  ];

  bars: Bar[] = [];
  currency = "INR";
  label = "";
  chosen: string | undefined;

  protected override render() {
    if (!this.hass) return html``;
    const [first, last] = [this.bars[0], this.bars.at(-1)];
    return html`
      <p class="small numbers" aria-hidden="true">${this.caption()}</p>
      <div class="chart" aria-hidden="true">${this.bars.map((bar) => this.bar(bar))}</div>
      <div class="ends faint small" aria-hidden="true">
        <span>${first ? this.day(first) : ""}</span><span>${last ? this.day(last) : ""}</span>
      </div>
      ${this.legend()} ${this.table()}
    `;
  }

  private caption(): string {
    const bar = this.bars.find((each) => each.date === this.chosen);
    return bar ? this.text(bar) : this.label;
  }

  private bar(bar: Bar) {
    const sum = bar.revenue + bar.cash;
    const part = (minor: number): string => `height: ${sum ? (bar.height * 100 * minor) / sum : 0}%`;
    const choose = (): void => {
      this.chosen = bar.date;
    };
    return html`<div class="bar ${bar.date === this.chosen ? "chosen" : ""}" title=${this.text(bar)}
      @click=${choose} @pointerenter=${choose}>
      ${bar.cash ? html`<span class="cash" style=${part(bar.cash)}></span>` : ""}
      ${bar.revenue ? html`<span style=${part(bar.revenue)}></span>` : ""}
    </div>`;
  }

  private legend() {
    if (!this.bars.some((bar) => bar.cash)) return html``;
    return html`<div class="legend small faint" aria-hidden="true">
      <span><i></i>${this.say("money.online")}</span>
      <span><i class="cash"></i>${this.say("money.cash_name")}</span>
    </div>`;
  }

  private table() {
    return html`<table class="unseen">
      <caption>${this.label}</caption>
      ${this.bars
        .filter((bar) => bar.sessions || bar.revenue || bar.cash)
        .map(
          (bar) => html`<tr><th scope="row">${this.day(bar)}</th>
            <td>${this.sum(bar)}</td><td>${this.sessions(bar)}</td></tr>`,
        )}
    </table>`;
  }

  private text(bar: Bar): string {
    const values = { day: this.day(bar), amount: this.sum(bar), sessions: this.sessions(bar) };
    return this.say("money.day", values);
  }

  private day(bar: Bar): string {
    return this.hass ? day(bar.date, this.hass.locale) : bar.date;
  }

  private sum(bar: Bar): string {
    return this.money(bar.revenue + bar.cash, this.currency);
  }

  private sessions(bar: Bar): string {
    return this.say("bay.sessions", { count: bar.sessions });
  }
}

define("paybay-bars", PayBayBars);
