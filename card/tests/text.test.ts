import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import en from "../src/text/en.json";
import hi from "../src/text/hi.json";
import { sayCode, sayFor, sayIn } from "../src/text/text";

type Catalogue = Record<string, string | Record<string, string>>;

/** The placeholders of a message, those of each plural form on their own. */
function placeholders(message: Catalogue[string] | undefined): string[] {
  const forms = typeof message === "string" ? { only: message } : (message ?? {});
  return Object.entries(forms).map(
    ([form, text]) => `${form}: ${[...text.matchAll(/\{\w+\}/g)].map(String).sort().join(" ")}`,
  );
}

/** All source files, as one text. */
function sources(folder: string): string {
  return readdirSync(folder, { withFileTypes: true })
    .map((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return sources(path);
      return entry.name.endsWith(".ts") ? readFileSync(path, "utf8") : "";
    })
    .join("\n");
}

test("Hindi has every text, with the same placeholders", () => {
  assert.deepEqual(Object.keys(hi), Object.keys(en));
  for (const [key, message] of Object.entries(en as Catalogue))
    assert.deepEqual(placeholders((hi as Catalogue)[key]), placeholders(message), key);
});

test("every text is used, and none that is used is missing", () => {
  const code = sources("src");
  const coded = [...code.matchAll(/sayCode\([\w.]+, "([\w.]+)"/g)].map((found) => `${found[1]}.`);
  const made = [...code.matchAll(/`([\w.]+\.\$\{[^}]+\}[\w.]*)`/g)].map(
    (found) => new RegExp(`^${(found[1] ?? "").replace(/\$\{[^}]+\}/, "\\w+")}$`),
  );
  const unused = Object.keys(en).filter(
    (key) =>
      !code.includes(`"${key}"`) &&
      !coded.some((group) => key.startsWith(group)) &&
      !made.some((pattern) => pattern.test(key)),
  );
  assert.deepEqual(unused, []);
});

test("a language that nobody translated is English", () => {
  assert.equal(sayIn("xx")("bay.start"), "Start");
  assert.equal(sayIn("hi-IN")("bay.start"), "शुरू करें");
  assert.equal(sayFor(undefined)("bay.start"), "Start");
});

test("numbers choose the plural", () => {
  const say = sayIn("en");
  assert.equal(say("bay.queue", { count: 1 }), "1 order waits");
  assert.equal(say("bay.queue", { count: 0 }), "0 orders wait");
});

test("a value with a brace in it is not taken for a placeholder", () => {
  assert.equal(sayIn("en")("stop.title", { bay: "{bay}$&" }), "Stop {bay}$&?");
});

test("a code without words of its own gets the general ones", () => {
  assert.equal(sayCode(sayIn("en"), "problem", "strange", "Problem"), "Problem");
  assert.equal(sayCode(sayIn("en"), "problem", "estop", ""), "The emergency stop is pressed.");
});
