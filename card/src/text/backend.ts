import type { HomeAssistant } from "../types/ha";

type Localize = (key: string, values?: Record<string, unknown>) => string;
type Category = "selector" | "issues";

const loaded = new Map<string, Localize | Promise<void>>();

/** The integration's own texts of a kind, once they are there; `ready` is called then. */
export function backend(hass: HomeAssistant, category: Category, ready: () => void): Localize | undefined {
  const key = `${hass.locale.language}.${category}`;
  const known = loaded.get(key);
  if (typeof known === "function") return known;
  const loading = known ?? load(hass, category, key);
  loaded.set(key, loading);
  void loading.then(ready);
  return undefined;
}

async function load(hass: HomeAssistant, category: Category, key: string): Promise<void> {
  try {
    loaded.set(key, await hass.loadBackendTranslation(category, "paybay"));
  } catch {
    // Without a connection there are no words yet: the next look asks again.
    loaded.delete(key);
  }
}
