import { isSupported } from "./cards/session-feature";
import { sayFor } from "./text/text";
import type { HomeAssistant } from "./types/ha";

const DOCUMENTATION = "https://github.com/paybay/paybay/blob/main/docs/card.md";
const CARDS = ["bay", "overview", "orders", "money", "attention", "shift"] as const;

/** Put everything into Home Assistant's pickers, once, in the page's language. */
export function list(): void {
  const say = sayFor(undefined);
  for (const card of CARDS)
    add("customCards", {
      type: `paybay-${card}-card`,
      name: say(`card.${card}.name`),
      description: say(`card.${card}.description`),
      preview: card !== "orders",
      documentationURL: DOCUMENTATION,
      ...(card === "bay" ? { getEntitySuggestion: suggestBay } : {}),
    });
  add("customCardFeatures", {
    type: "paybay-session-feature",
    name: say("feature.session"),
    isSupported,
    configurable: false,
  });
  add("customStrategies", {
    type: "paybay",
    strategyType: "dashboard",
    name: say("strategy.name"),
    description: say("strategy.description"),
    documentationURL: DOCUMENTATION,
  });
}

function add(name: "customCards" | "customCardFeatures" | "customStrategies", entry: CustomElementListing): void {
  const listing = (window[name] ??= []);
  if (!listing.some((each) => each.type === entry.type)) listing.push(entry);
}

/** A bay's switch and status are what people choose to see a bay. */
export function suggestBay(hass: HomeAssistant, entityId: string): { config: object } | null {
  const entity = hass.entities[entityId];
  const bay = entity?.platform === "paybay" && "ends_at,session,status".split(",");
  const key = (entity as { translation_key?: string } | undefined)?.translation_key ?? "";
  if (!bay || !bay.includes(key)) return null;
  return { config: { type: "custom:paybay-bay-card", entity: entityId } };
}
