import { type TemplateResult, html, nothing } from "lit";
import { LiveElement } from "../base";
import { siteOf } from "../model/attention";
import type { GridOptions, HomeAssistant } from "../types/ha";
import type { Site } from "../types/paybay";
import { goTo } from "../navigate";
import { empty, noLive } from "./notices";

export interface SiteCardConfig {
  type: string;
  entry_id?: string;
}

/** A card about one site: the one it is set to, else the first. */
export abstract class SiteCard<Config extends SiteCardConfig> extends LiveElement {
  static override properties = { ...LiveElement.properties, config: { state: true } };

  config: Config | undefined;

  static getStubConfig(): Record<string, unknown> {
    return {};
  }

  setConfig(config: Config): void {
    this.config = config;
  }

  getCardSize(): number {
    return 6;
  }

  getGridOptions(): GridOptions {
    return { columns: 12, min_columns: 6, rows: "auto" };
  }

  protected abstract show(site: Site, hass: HomeAssistant): TemplateResult;

  protected get admin(): boolean {
    return Boolean(this.live?.snapshot.can.admin);
  }

  protected lost() {
    if (this.live?.fresh) return nothing;
    return html`<p class="notice" role="status">
      <ha-icon icon="mdi:lan-disconnect"></ha-icon>${this.say("live.lost")}</p>`;
  }

  protected get site(): Site | undefined {
    return siteOf(this.live?.snapshot.sites ?? [], this.config?.entry_id);
  }

  protected override render() {
    const { hass, config, live } = this;
    if (!hass || !config) return nothing;
    if (!live) return html`<ha-card>${noLive(this.say, this.feedError)}</ha-card>`;
    const site = this.site;
    if (site) return this.show(site, hass);
    const resting = live.snapshot.unavailable?.find(
      ({ entry_id: id }) => !config.entry_id || id === config.entry_id,
    );
    const text = resting ? this.say("site.unavailable", { ...resting }) : this.say("live.no_site");
    return html`<ha-card>
      ${empty("mdi:ev-station", text)}
      ${resting ? html`<button @click=${showIntegration}>${this.say("site.unavailable.go")}</button>` : nothing}
    </ha-card>`;
  }
}

function showIntegration(): void {
  goTo("/config/integrations/integration/paybay");
}
