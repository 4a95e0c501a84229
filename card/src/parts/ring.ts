import { LitElement, css, html, svg } from "lit";
import { define } from "../define";
import { everyMoment } from "../live/ticker";
import { clockText, secondsLeft, share } from "../model/countdown";
import { colours } from "./styles";

/** A ring that empties, with the time left in it, counted here from the end's time.
 *
 * Without an end it shows `left` standing still, and without that an icon.
 */
export class PayBayRing extends LitElement {
  static override properties = {
    endsAt: { attribute: false },
    left: { attribute: false },
    total: { attribute: false },
    skewMs: { attribute: false },
    label: { attribute: false },
    caption: { attribute: false },
    icon: { attribute: false },
  };
  static override styles = [
    colours,
    css`
      :host {
        display: grid;
        place-items: center;
        position: relative;
        width: var(--pb-ring, 112px);
        aspect-ratio: 1;
        flex: none;
      }
      svg {
        position: absolute;
        inset: 0;
        transform: rotate(-90deg);
      }
      circle {
        fill: none;
        stroke-width: 8;
        stroke: color-mix(in srgb, var(--tone, var(--pb-faint)) 22%, transparent);
      }
      circle.arc {
        stroke: var(--tone, var(--pb-faint));
        stroke-linecap: round;
        transition: stroke-dashoffset 0.3s linear;
      }
      @media (prefers-reduced-motion: reduce) {
        circle.arc {
          transition: none;
        }
      }
      div {
        display: grid;
        justify-items: center;
        line-height: 1.15;
      }
      b {
        font-size: calc(var(--pb-ring, 112px) * 0.23);
        font-weight: 500;
        font-variant-numeric: tabular-nums;
      }
      b.long {
        font-size: calc(var(--pb-ring, 112px) * 0.18);
      }
      span {
        font-size: var(--ha-font-size-s, 12px);
        color: var(--pb-faint);
      }
      ha-icon {
        color: var(--tone, var(--pb-faint));
        --mdc-icon-size: calc(var(--pb-ring, 112px) * 0.36);
      }
    `,
  ];

  endsAt: string | null | undefined;
  left: number | null | undefined;
  total = 0;
  skewMs = 0;
  label = "";
  caption = "";
  icon = "";
  private stopTicking: (() => void) | undefined;
  private shown = "";

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.rest();
  }

  protected override updated(): void {
    if (!this.endsAt || !this.isConnected) this.rest();
    else this.stopTicking ??= everyMoment(() => this.tick());
  }

  private rest(): void {
    this.stopTicking?.();
    this.stopTicking = undefined;
  }

  private tick(): void {
    if (this.text !== this.shown) this.requestUpdate();
  }

  private get seconds(): number | null {
    return secondsLeft(this.endsAt ?? null, this.skewMs, Date.now()) ?? this.left ?? null;
  }

  private get text(): string {
    const left = this.seconds;
    return left === null ? "" : clockText(left);
  }

  protected override render() {
    this.shown = this.text;
    const filled = share(this.seconds, this.total);
    return html`
      <svg viewBox="0 0 100 100" aria-hidden="true">
        <circle cx="50" cy="50" r="45"></circle>
        ${filled > 0 ? svg`<circle class="arc" cx="50" cy="50" r="45" pathLength="100"
          stroke-dasharray="100 100" stroke-dashoffset=${100 - filled * 100}></circle>` : ""}
      </svg>
      ${this.shown
        ? html`<div role="timer" aria-label=${this.label}>
            <b class=${this.shown.length > 5 ? "long" : ""}>${this.shown}</b>
            <span>${this.caption}</span>
          </div>`
        : html`<ha-icon icon=${this.icon} aria-hidden="true"></ha-icon>`}
    `;
  }
}

define("paybay-ring", PayBayRing);
