import { css, html, nothing } from "lit";
import { LiveElement } from "../base";
import { define } from "../define";
import { everyMoment } from "../live/ticker";
import { findBay } from "../model/attention";
import "../parts/start-dialog";
import { leftText, statusText, tone } from "../parts/status";
import "../parts/stop-dialog";
import { buttons, colours } from "../parts/styles";
import type { HomeAssistant } from "../types/ha";
import type { Bay, Site } from "../types/paybay";

interface FeatureContext {
  entity_id?: string;
}

/** In a tile card: what is left, and a button to stop; without a session, to start. */
export class PayBaySessionFeature extends LiveElement {
  static override properties = {
    ...LiveElement.properties,
    context: { attribute: false },
    dialog: { state: true },
  };
  static override styles = [
    colours,
    buttons,
    css`
      .feature {
        display: flex;
        align-items: center;
        gap: 8px;
        height: var(--feature-height, 42px);
        color: var(--pb-text);
      }
      .left {
        flex: 1;
        height: 100%;
        display: grid;
        place-items: center;
        border-radius: var(--feature-border-radius, 12px);
        background: color-mix(in srgb, var(--tone) 18%, transparent);
        font-variant-numeric: tabular-nums;
        font-weight: 500;
        overflow: hidden;
        white-space: nowrap;
      }
      button {
        height: 100%;
        border-radius: var(--feature-border-radius, 12px);
      }
    `,
  ];

  context: FeatureContext | undefined;
  dialog: "start" | "stop" | undefined;
  private stopTicking: (() => void) | undefined;
  private shown = "";

  static getStubConfig(): { type: string } {
    return { type: "custom:paybay-session-feature" };
  }

  setConfig(): void {
    // Nothing can be set.
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.rest();
  }

  protected override updated(): void {
    if (!this.isConnected || !this.found?.bay.order?.ends_at) this.rest();
    else this.stopTicking ??= everyMoment(() => this.text !== this.shown && this.requestUpdate());
  }

  private rest(): void {
    this.stopTicking?.();
    this.stopTicking = undefined;
  }

  private get found(): { site: Site; bay: Bay } | undefined {
    const entity = this.context?.entity_id;
    if (!entity || !this.live) return undefined;
    return findBay(this.live.snapshot.sites, entity, this.hass?.entities[entity]?.device_id);
  }

  private get text(): string {
    const bay = this.found?.bay;
    return bay ? leftText(bay, this.live?.skewMs ?? 0) || statusText(bay, this.say) : "";
  }

  protected override render() {
    const { found, hass } = this;
    if (!found || !hass) return nothing;
    const { site, bay } = found;
    this.shown = this.text;
    const what = bay.order ? "stop" : "start";
    const closed = (): void => {
      this.dialog = undefined;
    };
    return html`<div class="feature" style=${tone(bay.status)}>
        <span class="left">${this.shown}</span>
        <button ?disabled=${bay.can_control === false} class=${bay.order ? "danger" : ""} @click=${() => (this.dialog = what)}>
          ${this.say(`bay.${what}`)}</button>
      </div>
      ${this.dialog === "stop"
        ? html`<paybay-stop-dialog .hass=${hass} .site=${site} .bay=${bay} .live=${this.live}
            @closed=${closed}></paybay-stop-dialog>`
        : nothing}
      ${this.dialog === "start"
        ? html`<paybay-start-dialog .hass=${hass} .site=${site} .bay=${bay} @closed=${closed}></paybay-start-dialog>`
        : nothing}`;
  }
}

/** The switch and the status of a bay have a session to show. */
export function isSupported(hass: HomeAssistant, context: FeatureContext): boolean {
  const entity = hass.entities[context.entity_id ?? ""];
  return entity?.platform === "paybay" && /^(switch|sensor)\./.test(entity.entity_id);
}

define("paybay-session-feature", PayBaySessionFeature);
