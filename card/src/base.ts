import { LitElement, type PropertyValues } from "lit";
import { type Live, feedOf } from "./live/feed";
import { money } from "./model/format";
import { backend } from "./text/backend";
import { type Say, sayCode, sayFor } from "./text/text";
import type { Connection, HomeAssistant } from "./types/ha";

/** An element that needs Home Assistant's `hass`. */
export abstract class HassElement extends LitElement {
  static override properties = { hass: { attribute: false } };

  hass: HomeAssistant | undefined;

  protected get say(): Say {
    return sayFor(this.hass);
  }

  protected money(minor: number, currency: string): string {
    return this.hass ? money(minor, currency, this.hass.locale) : "";
  }

  /** Why something ended or does not work, in words; a code without words as it is. */
  protected reason(code: string): string {
    const own = sayCode(this.say, "reason", code, "");
    if (own || !this.hass) return own || code;
    const localize = backend(this.hass, "selector", () => this.requestUpdate());
    return localize?.(`component.paybay.selector.refund_reason.options.${code}`) || code;
  }

  /** `hass` is new at every change of any entity: what we show hangs on little of it. */
  protected override shouldUpdate(changed: PropertyValues): boolean {
    const before = changed.get("hass") as HomeAssistant | undefined;
    if (changed.size > 1 || !before || !this.hass) return true;
    return this.shownOfHass(before, this.hass);
  }

  protected shownOfHass(before: HomeAssistant, now: HomeAssistant): boolean {
    return before.locale !== now.locale || before.connection !== now.connection;
  }
}

/** A card: it is in step with the page's one feed while it is on the page. */
export abstract class LiveElement extends HassElement {
  static override properties = {
    ...HassElement.properties,
    live: { state: true },
    feedError: { state: true },
  };

  live: Live | undefined;
  feedError: string | undefined;
  private leave: (() => void) | undefined;
  private joined: Connection | undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    this.join();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.leave?.();
    this.leave = this.joined = undefined;
  }

  protected override shouldUpdate(changed: PropertyValues): boolean {
    if (changed.has("hass")) this.join();
    return super.shouldUpdate(changed);
  }

  private join(): void {
    const connection = this.hass?.connection;
    if (!connection || connection === this.joined || !this.isConnected) return;
    this.leave?.();
    this.joined = connection;
    this.leave = feedOf(connection).join((live, error) => {
      this.live = live;
      this.feedError = error;
    });
  }
}
