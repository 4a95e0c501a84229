import { css, html } from "lit";
import "../cards/bay-card";
import { define } from "../define";
import type { Bay } from "../types/paybay";
import { PayBayDialog } from "./dialog";

/** A bay's card, opened from a list. */
export class PayBayBayDialog extends PayBayDialog {
  static override properties = { ...PayBayDialog.properties, bay: { attribute: false } };
  static override styles = [
    ...PayBayDialog.styles,
    css`
      paybay-bay-card {
        --ha-card-box-shadow: none;
        --ha-card-border-width: 0;
        --ha-card-background: transparent;
        margin: -8px -16px;
      }
    `,
  ];

  bay: Bay | undefined;

  protected override shownOfHass(): boolean {
    return true;
  }

  protected override heading(): string {
    return this.bay?.name ?? "";
  }

  protected override content() {
    const config = { type: "custom:paybay-bay-card", entity: this.bay?.entities.switch ?? "" };
    return html`<paybay-bay-card .hass=${this.hass} .config=${config}></paybay-bay-card>`;
  }
}

define("paybay-bay-dialog", PayBayBayDialog);
