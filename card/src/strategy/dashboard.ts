import { define } from "../define";
import { feedOf, firstSnapshot } from "../live/feed";
import { sayFor } from "../text/text";
import type { HomeAssistant } from "../types/ha";
import { type View, dashboard } from "./views";

const WAIT_MS = 4_000;

/** What Home Assistant calls to make the dashboard; bays that come and go are devices. */
export class PayBayDashboardStrategy extends HTMLElement {
  static registryDependencies = ["devices", "entities"];

  /** What the dialog for a new dashboard proposes. */
  static getCreateSuggestions(hass: HomeAssistant): { title: string; icon: string } {
    return { title: sayFor(hass)("strategy.name"), icon: "mdi:ev-station" };
  }

  static async generate(_config: unknown, hass: HomeAssistant): Promise<{ views: View[] }> {
    const snapshot = await firstSnapshot(feedOf(hass.connection), WAIT_MS);
    return dashboard(snapshot, sayFor(hass), matchMedia("(min-width: 870px)").matches);
  }
}

define("ll-strategy-dashboard-paybay", PayBayDashboardStrategy);
