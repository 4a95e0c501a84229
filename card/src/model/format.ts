import type { HomeAssistant } from "../types/ha";

type Locale = HomeAssistant["locale"];

const STYLES: Record<string, string[]> = {
  comma_decimal: ["en-US", "en"],
  decimal_comma: ["de", "es", "it"],
  space_comma: ["fr", "sv", "cs"],
  quote_decimal: ["de-CH"],
};

/** The locales for numbers, as the user has set them in the profile. */
export function numberLocales(locale: Locale): string[] | undefined {
  if (locale.number_format === "system") return undefined;
  if (locale.number_format === "language" && locale.language === "en") return ["en-IN", "en"];
  return STYLES[locale.number_format] ?? [locale.language];
}

const digitsOf = new Map<string, number>();

/** How many decimals a currency has; two where nobody knows it. */
export function digits(currency: string): number {
  let found = digitsOf.get(currency);
  if (found === undefined) {
    try {
      const options = new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions();
      found = options.maximumFractionDigits ?? 2;
    } catch {
      found = 2;
    }
    digitsOf.set(currency, found);
  }
  return found;
}

/** `₹1,250` or `₹6.20`: whole amounts without decimals. */
export function money(minor: number, currency: string, locale: Locale): string {
  const places = digits(currency);
  const major = minor / 10 ** places;
  const shown = Number.isInteger(major) ? 0 : places;
  try {
    return new Intl.NumberFormat(numberLocales(locale), {
      style: "currency",
      currency,
      currencyDisplay: "narrowSymbol",
      minimumFractionDigits: shown,
      maximumFractionDigits: shown,
      useGrouping: locale.number_format !== "none",
    }).format(major);
  } catch {
    return `${currency} ${major.toFixed(shown)}`;
  }
}

/** A number with at most `places` decimals. */
export function number(value: number, locale: Locale, places = 0): string {
  return new Intl.NumberFormat(numberLocales(locale), {
    maximumFractionDigits: places,
    useGrouping: locale.number_format !== "none",
  }).format(value);
}

function hourCycle(locale: Locale): Intl.DateTimeFormatOptions {
  if (locale.time_format === "12") return { hourCycle: "h12" };
  return locale.time_format === "24" ? { hourCycle: "h23" } : {};
}

function zone(hass: HomeAssistant): Intl.DateTimeFormatOptions {
  return hass.locale.time_zone === "server" ? { timeZone: hass.config.time_zone } : {};
}

/** The time of day; with `seconds` to the second. */
export function time(at: string, hass: HomeAssistant, seconds = false): string {
  return format(at, hass, {
    hour: "numeric",
    minute: "2-digit",
    ...(seconds ? { second: "2-digit" as const } : {}),
    ...hourCycle(hass.locale),
  });
}

/** Day and time. */
export function moment(at: string, hass: HomeAssistant): string {
  return format(at, hass, {
    day: "numeric",
    month: "short",
    hour: "numeric",
    minute: "2-digit",
    ...hourCycle(hass.locale),
  });
}

/** A local date such as `2026-11-21` as `21 Nov`. It has no zone of its own. */
export function day(date: string, locale: Locale): string {
  const options = { day: "numeric", month: "short", timeZone: "UTC" } as const;
  return new Intl.DateTimeFormat(locale.language, options).format(new Date(`${date}T00:00:00Z`));
}

function format(at: string, hass: HomeAssistant, options: Intl.DateTimeFormatOptions): string {
  const moment = new Date(at);
  if (Number.isNaN(moment.getTime())) return "";
  return new Intl.DateTimeFormat(hass.locale.language, { ...options, ...zone(hass) }).format(moment);
}

/** Today's date where Home Assistant is, as `2026-11-21`. */
export function today(hass: HomeAssistant, nowMs: number): string {
  const options = {
    calendar: "gregory",
    numberingSystem: "latn",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    timeZone: hass.config.time_zone,
  } as const;
  // By its parts: how a language puts them together changes between browsers.
  const parts = new Intl.DateTimeFormat("en", options).formatToParts(nowMs);
  const part = (type: string): string => parts.find((each) => each.type === type)?.value ?? "";
  return `${part("year")}-${part("month")}-${part("day")}`;
}

/** `8 s`, `10 min` or `1 h 10 min`: what is sold and what was given. */
export function duration(seconds: number, locale: Locale): string {
  const whole = Math.round(seconds);
  if (whole < 60) return unit(whole, "second", locale);
  const minutes = Math.round(whole / 60);
  if (whole < 3600 && whole % 60) {
    return `${unit(Math.floor(whole / 60), "minute", locale)} ${unit(whole % 60, "second", locale)}`;
  }
  if (minutes < 60) return unit(minutes, "minute", locale);
  const hours = unit(Math.floor(minutes / 60), "hour", locale);
  return minutes % 60 ? `${hours} ${unit(minutes % 60, "minute", locale)}` : hours;
}

function unit(value: number, name: "second" | "minute" | "hour", locale: Locale): string {
  const options = { style: "unit", unit: name, unitDisplay: "short" } as const;
  return new Intl.NumberFormat(locale.language, options).format(value);
}
