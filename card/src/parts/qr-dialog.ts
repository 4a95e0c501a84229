import { css, html, nothing } from "lit";
import { unsafeSVG } from "lit/directives/unsafe-svg.js";
import { act } from "../actions";
import { define } from "../define";
import type { Bay } from "../types/paybay";
import { PayBayDialog } from "./dialog";

interface Code {
  url: string;
  svg: string;
}

interface Posters {
  posters: { pdf: string }[];
}

/** A bay's start page as a QR code, with its address. */
export class PayBayQrDialog extends PayBayDialog {
  static override properties = {
    ...PayBayDialog.properties,
    bay: { attribute: false },
    code: { state: true },
    copied: { state: true },
    poster: { state: true },
  };
  static override styles = [
    ...PayBayDialog.styles,
    css`
      .code {
        background: #fff;
        border-radius: 12px;
        overflow: hidden;
        width: min(280px, 100%);
        aspect-ratio: 1;
        justify-self: center;
      }
      .code svg {
        width: 100%;
        height: 100%;
        display: block;
      }
      .address {
        overflow-wrap: anywhere;
        text-align: center;
        user-select: all;
      }
    `,
  ];

  bay: Bay | undefined;
  code: Code | undefined;
  copied = false;
  poster: string | undefined;

  protected override firstUpdated(): void {
    super.firstUpdated();
    if (this.bay?.page_url) void this.attempt(() => this.draw(), true);
  }

  private async draw(): Promise<void> {
    const { bay, hass } = this;
    if (!bay || !hass) return;
    this.code = await hass.callWS<Code>({ type: "paybay/qr", bay_id: bay.bay_id });
    const found = await act<Posters>(hass, "get_posters", { bay: bay.entities.switch });
    this.poster = found.posters[0]?.pdf;
  }

  protected override heading(): string {
    return this.say("qr.title", { bay: this.bay?.name ?? "" });
  }

  protected override content() {
    const url = this.code?.url ?? this.bay?.page_url;
    if (!url) return html`<p>${this.say("qr.none")}</p>`;
    const alt = this.say("qr.alt", { bay: this.bay?.name ?? "" });
    return html`
      ${this.code
        ? html`<div class="code" role="img" aria-label=${alt}>${unsafeSVG(this.code.svg)}</div>`
        : this.failure ? nothing : html`<p role="status">${this.say("qr.loading")}</p>`}
      <p class="address small faint">${url}</p>
    `;
  }

  protected override actions() {
    const url = this.code?.url ?? this.bay?.page_url;
    if (!url) return nothing;
    return html`
      <button type="button" @click=${() => void this.copy(url)}>
        <ha-icon icon="mdi:content-copy"></ha-icon>
        <span aria-live="polite">${this.say(this.copied ? "qr.copied" : "qr.copy")}</span>
      </button>
      ${this.poster
        ? html`<a class="button" href=${this.poster} target="_blank" rel="noopener">
            <ha-icon icon="mdi:printer"></ha-icon>${this.say("qr.poster")}</a>`
        : nothing}
      <a class="button" href=${url} target="_blank" rel="noopener noreferrer">${this.say("qr.open")}</a>
    `;
  }

  /** Pages that came without TLS have no clipboard; the address can be marked there. */
  private async copy(url: string): Promise<void> {
    if (!navigator.clipboard) {
      const address = this.renderRoot.querySelector(".address");
      if (address) getSelection()?.selectAllChildren(address);
      return;
    }
    await navigator.clipboard.writeText(url);
    this.copied = true;
  }
}

define("paybay-qr-dialog", PayBayQrDialog);
