import { html, nothing } from "lit";
import { act } from "../actions";
import { define } from "../define";
import { today } from "../model/format";
import type { Site } from "../types/paybay";
import { PayBayDialog } from "./dialog";

interface Books {
  path: string;
  url: string;
}

/** Makes the accountant's file of some days, and offers it. */
export class PayBayExportDialog extends PayBayDialog {
  static override properties = {
    ...PayBayDialog.properties,
    site: { attribute: false },
    books: { state: true },
  };

  site: Site | undefined;
  books: Books | undefined;

  protected override heading(): string {
    return this.say("orders.csv.title");
  }

  protected override content() {
    if (!this.hass) return nothing;
    const last = today(this.hass, Date.now());
    return html`
      <p>${this.say("orders.csv.text")}</p>
      <label class="field">${this.say("orders.from")}
        <input id="from" type="date" required .value=${`${last.slice(0, 8)}01`} /></label>
      <label class="field">${this.say("orders.to")}
        <input id="to" type="date" required .value=${last} /></label>
      <label class="choice"><input id="test" type="checkbox" .checked=${this.site?.test_mode ?? false} />
        <span>${this.say("orders.csv.test")}</span></label>
      <div class="row" aria-live="polite">
        ${this.books
          ? html`<a class="button" href=${this.books.url} download>
              <ha-icon icon="mdi:download"></ha-icon>${this.say("orders.csv.ready", { name: this.name })}</a>`
          : nothing}
      </div>
    `;
  }

  private get name(): string {
    return this.books?.path.split("/").pop() ?? "";
  }

  protected override actions() {
    return html`${this.cancelButton()}
      <button class="primary" ?disabled=${this.busy}>${this.say("orders.csv.go")}</button>`;
  }

  protected override submit(): void {
    const { hass } = this;
    const input = (id: string): HTMLInputElement | null => this.renderRoot.querySelector(`#${id}`);
    if (!hass) return;
    this.books = undefined;
    void this.attempt(async () => {
      this.books = await act<Books>(hass, "export_orders", {
        config_entry_id: this.site?.entry_id,
        from: input("from")?.value,
        to: input("to")?.value,
        include_test: input("test")?.checked ?? false,
      });
    }, true);
  }
}

define("paybay-export-dialog", PayBayExportDialog);
