import { type PropertyValues, css, html, nothing } from "lit";
import { act, errorText } from "../actions";
import { define } from "../define";
import { duration, today } from "../model/format";
import { dayEnd, dayStart } from "../model/days";
import { buttons, colours, fields, frame, type as typography } from "../parts/styles";
import { type Key, sayFor } from "../text/text";
import type { ConfigForm, HomeAssistant } from "../types/ha";
import type { Shift, ShiftReport, Site } from "../types/paybay";
import { siteForm } from "./forms";
import { SiteCard, type SiteCardConfig } from "./site-card";

const COLUMNS = ["cash", "back", "due", "drawer", "free", "stops"] as const;

/** What each person sold by hand on a day. Who is no administrator sees only their own. */
export class PayBayShiftCard extends SiteCard<SiteCardConfig> {
  static override properties = {
    ...SiteCard.properties,
    date: { state: true },
    report: { state: true },
    failure: { state: true },
  };
  static override styles = [
    colours,
    typography,
    buttons,
    fields,
    frame,
    css`
      .head {
        display: flex;
        flex-wrap: wrap;
        gap: 8px;
        align-items: end;
        justify-content: space-between;
      }
      .scroll {
        overflow-x: auto;
      }
      table {
        border-collapse: collapse;
        width: 100%;
      }
      th,
      td {
        padding: 8px;
        text-align: end;
        white-space: nowrap;
      }
      th:first-child {
        text-align: start;
        padding-inline-start: 0;
      }
      thead th {
        color: var(--pb-faint);
        font-weight: 400;
      }
      tbody th,
      tfoot th {
        font-weight: 400;
      }
      tr + tr,
      tbody,
      tfoot {
        border-top: 1px solid var(--pb-line);
      }
      tfoot,
      td.drawer {
        font-weight: var(--ha-font-weight-medium, 500);
      }
    `,
  ];

  date: string | undefined;
  report: ShiftReport | undefined;
  failure: string | undefined;
  private asked = "";

  static getConfigForm(): ConfigForm {
    return siteForm(sayFor(undefined));
  }

  private day(hass: HomeAssistant): string {
    return this.date ?? today(hass, Date.now() + (this.live?.skewMs ?? 0));
  }

  /** The report is asked for anew when cash or the sessions have moved. */
  protected override updated(changed: PropertyValues): void {
    super.updated(changed);
    const { site, hass } = this;
    if (!site || !hass || !this.live?.fresh) return;
    const moved = [site.today, site.items.length, site.bays.map((bay) => bay.order?.order_id)];
    const want = JSON.stringify([site.entry_id, this.day(hass), moved]);
    if (want === this.asked) return;
    this.asked = want;
    void this.load(site, hass, want);
  }

  private async load(site: Site, hass: HomeAssistant, want: string): Promise<void> {
    const day = this.day(hass);
    try {
      const report = await act<ShiftReport>(hass, "get_shift_report", {
        config_entry_id: site.entry_id,
        from: dayStart(day),
        to: dayEnd(day),
      });
      if (want === this.asked) [this.report, this.failure] = [report, undefined];
    } catch (error) {
      this.failure = await errorText(hass, error);
    }
  }

  protected override show(_site: Site, hass: HomeAssistant) {
    return html`<ha-card>
      <div class="head">
        <h2>${this.say("shift.title")}</h2>
        <label class="field">${this.say("shift.day")}
          <input type="date" required .value=${this.day(hass)} max=${today(hass, Date.now())}
            @change=${this.onDay} /></label>
      </div>
      ${this.lost()}
      ${this.failure ? html`<p class="notice" role="alert">${this.failure}</p>` : nothing}
      ${this.table(hass)}
    </ha-card>`;
  }

  private readonly onDay = (event: Event): void => {
    this.date = (event.target as HTMLInputElement).value || undefined;
  };

  private table(hass: HomeAssistant) {
    const { report } = this;
    if (!report) return nothing;
    const people = report.users.filter(didSomething);
    if (!people.length) return html`<p class="faint">${this.say("shift.none")}</p>`;
    return html`<div class="scroll" tabindex="0" role="group" aria-label=${this.say("shift.title")}>
      <table>
        <thead><tr><th scope="col">${this.say("shift.person")}</th>
          ${COLUMNS.map((name) => html`<th scope="col">${this.say(`shift.${name}` as Key)}</th>`)}</tr></thead>
        <tbody>
          ${people.map((each) => this.row(each.name ?? this.say("shift.nobody"), each, report, hass))}
        </tbody>
        ${people.length > 1
          ? html`<tfoot>${this.row(this.say("shift.total"), report.total, report, hass)}</tfoot>`
          : nothing}
      </table>
    </div>`;
  }

  private row(name: string, shift: Shift, report: ShiftReport, hass: HomeAssistant) {
    const amount = (minor: number): string => this.money(minor, report.currency);
    const cells: Record<(typeof COLUMNS)[number], string> = {
      cash: amount(shift.cash),
      back: amount(shift.cash_back),
      due: amount(shift.cash_back_due),
      drawer: amount(shift.drawer),
      free: duration(shift.free_minutes * 60, hass.locale),
      stops: String(shift.stops),
    };
    return html`<tr><th scope="row">${name}</th>
      ${COLUMNS.map((column) => html`<td class="numbers ${column}">${cells[column]}</td>`)}</tr>`;
  }
}

function didSomething(shift: Shift): boolean {
  return Boolean(shift.cash || shift.cash_back || shift.cash_back_due || shift.free_minutes || shift.stops);
}

define("paybay-shift-card", PayBayShiftCard);
