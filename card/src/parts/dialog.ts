import { type TemplateResult, css, html, nothing } from "lit";
import { errorText } from "../actions";
import { HassElement } from "../base";
import { buttons, colours, fields, type as typography } from "./styles";

/** A dialog of the browser's own: it keeps the focus, closes with Escape, and gives the
 * focus back. It opens as soon as it is on the page, and fires `closed` at its end.
 */
export abstract class PayBayDialog extends HassElement {
  static override properties = {
    ...HassElement.properties,
    busy: { state: true },
    failure: { state: true },
  };
  static override styles = [
    colours,
    typography,
    buttons,
    fields,
    css`
      dialog {
        color: var(--pb-text);
        background: var(--ha-dialog-surface-background, var(--card-background-color, #fff));
        border: 0;
        border-radius: var(--ha-dialog-border-radius, 24px);
        box-shadow: 0 8px 32px rgb(0 0 0 / 35%);
        padding: 0;
        width: min(440px, calc(100vw - 24px));
        max-height: calc(100dvh - 32px);
        font-size: var(--ha-font-size-m, 14px);
        overflow: hidden;
      }
      dialog.wide {
        width: min(640px, calc(100vw - 24px));
      }
      dialog::backdrop {
        background: rgb(0 0 0 / 45%);
      }
      form {
        display: flex;
        flex-direction: column;
        max-height: calc(100dvh - 32px);
      }
      header {
        display: flex;
        align-items: center;
        gap: 8px;
        padding: 12px 12px 4px 24px;
        padding-inline: 24px 12px;
      }
      header h2 {
        flex: 1;
        font-size: var(--ha-font-size-xl, 20px);
      }
      .content {
        padding: 8px 24px 16px;
        overflow-y: auto;
        display: grid;
        gap: 14px;
      }
      footer {
        padding: 8px 24px 20px;
        display: flex;
        flex-wrap: wrap;
        justify-content: flex-end;
        gap: 8px;
      }
      .failure {
        padding: 10px 12px;
        border-radius: 8px;
        background: color-mix(in srgb, var(--pb-problem) 16%, transparent);
      }
      fieldset {
        border: 0;
        margin: 0;
        padding: 0;
        display: grid;
        gap: 8px;
        min-width: 0;
      }
      legend {
        padding: 0 0 6px;
        color: var(--pb-faint);
      }
      label.choice {
        display: flex;
        gap: 12px;
        align-items: center;
        padding: 10px 12px;
        border-radius: var(--ha-border-radius-md, 8px);
        border: 1px solid var(--pb-line);
        cursor: pointer;
      }
      label.choice:has(:checked) {
        border-color: var(--primary-color, #03a9f4);
        background: color-mix(in srgb, var(--primary-color, #03a9f4) 10%, transparent);
      }
      label.choice span:nth-of-type(1) {
        flex: 1;
      }
    `,
  ];

  busy = false;
  failure: string | undefined;

  /** The dialog's title. */
  protected abstract heading(): string;
  protected abstract content(): TemplateResult | typeof nothing;
  /** The buttons at its end; `Enter` presses the one of type submit. */
  protected actions(): TemplateResult | typeof nothing {
    return nothing;
  }
  protected submit(): void {
    this.close();
  }
  protected get wide(): boolean {
    return false;
  }

  protected override firstUpdated(): void {
    const dialog = this.dialog;
    if (dialog && !dialog.open) dialog.showModal();
  }

  private get dialog(): HTMLDialogElement | null {
    return this.renderRoot.querySelector("dialog");
  }

  close(): void {
    this.dialog?.close();
  }

  /** Do something that may fail; say why in the dialog, and stay open. */
  protected async attempt(work: () => Promise<unknown>, keepOpen = false): Promise<void> {
    if (this.busy || !this.hass) return;
    this.busy = true;
    this.failure = undefined;
    try {
      await work();
      if (!keepOpen) this.close();
    } catch (error) {
      this.failure = await errorText(this.hass, error);
    } finally {
      this.busy = false;
    }
  }

  protected cancelButton(): TemplateResult {
    return html`<button type="button" @click=${this.close}>${this.say("dialog.cancel")}</button>`;
  }

  protected override render() {
    return html`
      <dialog class=${this.wide ? "wide" : ""} aria-labelledby="heading"
        @close=${this.onClose} @click=${this.onClick} @keydown=${stopHere}>
        <form method="dialog" @submit=${this.onSubmit}>
          <header>
            <h2 id="heading">${this.heading()}</h2>
            <button type="button" class="icon" aria-label=${this.say("dialog.close")} @click=${this.close}>
              <ha-icon icon="mdi:close"></ha-icon>
            </button>
          </header>
          <div class="content">
            ${this.failure ? html`<p class="failure" role="alert">${this.failure}</p>` : nothing}
            ${this.content()}
          </div>
          ${this.footer()}
        </form>
      </dialog>
    `;
  }

  private footer(): TemplateResult | typeof nothing {
    const actions = this.actions();
    return actions === nothing ? nothing : html`<footer>${actions}</footer>`;
  }

  private onSubmit(event: Event): void {
    event.preventDefault();
    this.submit();
  }

  private onClose(event: Event): void {
    if (event.target !== this.dialog) return;
    this.dispatchEvent(new CustomEvent("closed"));
  }

  /** A click beside the dialog lands on the element itself. */
  private onClick(event: MouseEvent): void {
    event.stopPropagation();
    if (event.target === this.dialog && event.detail > 0) this.close();
  }
}

/** Keys that are meant for a dialog are no shortcuts of the page behind it. */
function stopHere(event: Event): void {
  event.stopPropagation();
}
