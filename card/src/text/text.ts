import type { HomeAssistant } from "../types/ha";
import en from "./en.json";
import hi from "./hi.json";

type Message = string | { one: string; other: string };
type Catalogue = Record<string, Message>;
export type Key = keyof typeof en;
export type Values = Record<string, string | number>;
/** Puts a text into the user's language. `count` chooses the plural. */
export type Say = (key: Key, values?: Values) => string;

const CATALOGUES: Record<string, Catalogue> = { en, hi };

/** The texts of a language; of `en-GB` those of `en`, of an unknown one English. */
export function sayIn(language: string): Say {
  const base = language.toLowerCase().split("-")[0] ?? "en";
  const known = base in CATALOGUES ? base : "en";
  const catalogue = CATALOGUES[known] ?? en;
  const plurals = new Intl.PluralRules(known);
  return (key, values = {}) => {
    const message = catalogue[key] ?? en[key];
    const text = typeof message === "string" ? message : chosen(message, plurals, values);
    return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
  };
}

function chosen(message: { one: string; other: string }, plurals: Intl.PluralRules, values: Values): string {
  return plurals.select(Number(values["count"] ?? 0)) === "one" ? message.one : message.other;
}

const said = new Map<string, Say>();

/** The texts for a user, and for the card picker (which has no user yet) the page's. */
export function sayFor(hass: Pick<HomeAssistant, "locale"> | undefined): Say {
  const page = typeof document === "undefined" ? "en" : document.documentElement.lang || "en";
  const language = hass?.locale.language ?? page;
  const say = said.get(language) ?? sayIn(language);
  said.set(language, say);
  return say;
}

/** The text `<group>.<code>` if there is one, else `fallback`. */
export function sayCode(say: Say, group: string, code: string, fallback: string, values: Values = {}): string {
  const key = `${group}.${code}`;
  return key in en ? say(key as Key, values) : fallback;
}
