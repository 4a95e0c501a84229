import { type Key, type Say, sayCode } from "../text/text";
import type { ConfigForm, FormSchema } from "../types/ha";

function form(say: Say, schema: FormSchema[]): ConfigForm {
  return {
    schema,
    computeLabel: ({ name }) => say(`form.${name}` as Key),
    computeHelper: ({ name }) => sayCode(say, "form", `${name}.help`, "") || undefined,
  };
}

/** Of a bay's entities its status sensor is the one that nothing else has. */
const BAY: FormSchema = {
  name: "entity",
  required: true,
  selector: {
    entity: { filter: { integration: "paybay", domain: "sensor", device_class: "enum" } },
  },
};
const SITE: FormSchema = {
  name: "entry_id",
  selector: { config_entry: { integration: "paybay" } },
};

export function bayForm(say: Say): ConfigForm {
  return form(say, [
    BAY,
    { name: "name", selector: { text: {} } },
    { name: "hide_today", selector: { boolean: {} } },
  ]);
}

export function siteForm(say: Say, ...more: FormSchema[]): ConfigForm {
  return form(say, [SITE, ...more]);
}
