import type { Say } from "../text/text";
import type { Site, Snapshot } from "../types/paybay";

interface Card {
  type: string;
  [option: string]: unknown;
}

export interface View {
  type: "sections";
  title: string;
  path: string;
  icon: string;
  [option: string]: unknown;
}

/** What a dashboard needs of a site, be it at work or not; none has no entry. */
type Shown = Pick<Site, "name" | "bays"> & { entry_id?: string };

const MOST_COLUMNS = 4;

/** The owner's whole dashboard, from what the integration knows.
 *
 * Where there is room the views have their names beside their icons.
 */
export function dashboard(snapshot: Snapshot | undefined, say: Say, roomy = false): { views: View[] } {
  const resting = (snapshot?.unavailable ?? []).map((each) => ({ ...each, bays: [] }));
  const found: Shown[] = [...(snapshot?.sites ?? []), ...resting];
  const sites = found.length ? found : [{ name: "", bays: [] }];
  const views = [
    bays(sites, say("view.bays")),
    perSite(sites, "orders", say("view.orders"), "mdi:receipt-text", 3),
    perSite(sites, "money", say("view.money"), "mdi:cash-multiple", 2, "shift"),
    perSite(sites, "attention", say("view.attention"), "mdi:bell-alert", 2),
  ];
  return { views: views.map((each) => ({ ...each, show_icon_and_title: roomy })) };
}

function bays(sites: readonly Shown[], title: string): View {
  const sections = sites.flatMap((site) => [
    {
      ...section({ ...siteCard("overview", site), grid_options: { columns: "full" } }),
      column_span: MOST_COLUMNS,
    },
    ...site.bays.map((bay) => section({ type: "custom:paybay-bay-card", entity: bay.entities.switch })),
  ]);
  return {
    ...view(title, "bays", "mdi:ev-station"),
    sections,
    max_columns: MOST_COLUMNS,
  };
}

type Kind = "orders" | "money" | "attention" | "shift";

/** A section for each site, named when there are several. */
function perSite(sites: readonly Shown[], kind: Kind, title: string, icon: string, wide: number, ...more: Kind[]): View {
  const sections = sites.map((site) => {
    const cards = [kind, ...more].map((each) => ({
      ...siteCard(each, site),
      grid_options: { columns: "full" },
    }));
    const heading = sites.length > 1 ? [{ type: "heading", heading: site.name }] : [];
    return { ...section(...heading, ...cards), column_span: wide };
  });
  return { ...view(title, kind, icon), sections, max_columns: wide };
}

function siteCard(kind: Kind | "overview", { entry_id }: Shown): Card {
  return { type: `custom:paybay-${kind}-card`, ...(entry_id ? { entry_id } : {}) };
}

function view(title: string, path: string, icon: string): View {
  return { type: "sections", title, path, icon };
}

function section(...cards: Card[]): { type: string; cards: Card[] } {
  return { type: "grid", cards };
}
