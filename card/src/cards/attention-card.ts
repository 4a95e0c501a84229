import { html, nothing } from "lit";
import { define } from "../define";
import { openItems } from "../parts/items";
import { buttons, colours, frame, type as typography } from "../parts/styles";
import { sayFor } from "../text/text";
import type { ConfigForm, HomeAssistant } from "../types/ha";
import type { Site } from "../types/paybay";
import { siteForm } from "./forms";
import { moment } from "../model/format";
import { SiteCard, type SiteCardConfig } from "./site-card";

/** What waits for the owner of a site, and how its money reaches us. */
export class PayBayAttentionCard extends SiteCard<SiteCardConfig> {
  static override styles = [colours, typography, buttons, frame];

  static getConfigForm(): ConfigForm {
    return siteForm(sayFor(undefined));
  }

  protected override show(site: Site, hass: HomeAssistant) {
    const count = openItems(site).length;
    const webhook = site.last_webhook_at;
    return html`<ha-card>
      <div class="row">
        <h2>${this.say("item.title")}</h2>
        ${count
          ? html`<span class="chip" style="--tone: var(--pb-problem)">${count}</span>`
          : nothing}
      </div>
      ${this.lost()}
      <p class="unseen" role="status">${this.say("item.count", { count })}</p>
      <paybay-items .hass=${hass} .site=${site} .live=${this.live}></paybay-items>
      ${site.provider_reachable === false
        ? html`<p class="notice"><ha-icon icon="mdi:cloud-alert"></ha-icon>${this.say("site.provider_down")}</p>`
        : nothing}
      ${webhook
        ? html`<p class="faint small">${this.say("site.webhook", { time: moment(webhook, hass) })}</p>`
        : nothing}
    </ha-card>`;
  }
}

define("paybay-attention-card", PayBayAttentionCard);
