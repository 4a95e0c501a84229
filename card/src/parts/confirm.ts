import { html } from "lit";
import { define } from "../define";
import { PayBayDialog } from "./dialog";

/** What is asked before something that cannot be taken back. */
export interface Question {
  title: string;
  text: string;
  go: string;
  danger?: boolean;
  work: () => Promise<unknown>;
}

export class PayBayConfirm extends PayBayDialog {
  static override properties = { ...PayBayDialog.properties, question: { attribute: false } };
  question: Question | undefined;

  protected override heading(): string {
    return this.question?.title ?? "";
  }

  protected override content() {
    return html`<p>${this.question?.text}</p>`;
  }

  protected override actions() {
    return html`
      ${this.cancelButton()}
      <button class="primary ${this.question?.danger ? "danger" : ""}" ?disabled=${this.busy}>
        ${this.question?.go}
      </button>
    `;
  }

  protected override submit(): void {
    const work = this.question?.work;
    if (work) void this.attempt(work);
  }
}

define("paybay-confirm", PayBayConfirm);
