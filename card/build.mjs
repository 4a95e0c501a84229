// Builds the cards into one file, or the tests into .tools.
//
//   node build.mjs [--outfile PATH]
//   node build.mjs --tests
import { build } from "esbuild";
import { readFile, readdir, rm } from "node:fs/promises";

const here = new URL(".", import.meta.url).pathname;
const BUILT = `${here}../custom_components/paybay/frontend/paybay-card.js`;
const TESTS = `${here}../.tools/card/tests`;

// Indentation inside templates means nothing to a browser and a fifth of the file.
const withoutIndentation = {
  name: "without-indentation",
  setup(build) {
    build.onLoad({ filter: /\/src\/.*\.ts$/ }, async ({ path }) => {
      const source = (await readFile(path, "utf8"))
        .replace(/\n[ \t]+/g, "\n")
        .replace(/>\n</g, "><");
      return { contents: source.replace(/\bcss`[^`]*`/g, smallCss), loader: "ts" };
    });
  },
};

// The keys of the texts are there once: other languages are lists in English's order.
const keysOnce = {
  name: "keys-once",
  setup(build) {
    build.onLoad({ filter: /\/src\/text\/\w+\.json$/ }, async ({ path }) => {
      if (path.endsWith("/en.json")) return undefined;
      const texts = Object.values(JSON.parse(await readFile(path, "utf8")));
      const contents = `import en from "./en.json";
const texts = ${JSON.stringify(texts)};
export default Object.fromEntries(Object.keys(en).map((key, index) => [key, texts[index]]));`;
      return { contents, loader: "js" };
    });
  },
};

function smallCss(text) {
  return text.replace(/\s*([{};,])\s+/g, "$1").replace(/([\w-]): /g, "$1:");
}

const common = {
  absWorkingDir: here,
  bundle: true,
  charset: "utf8",
  format: "esm",
  logLevel: "warning",
  target: "es2021",
  tsconfig: "tsconfig.json",
};

async function buildTests() {
  const names = (await readdir(`${here}tests`)).filter((name) => name.endsWith(".test.ts"));
  await rm(TESTS, { recursive: true, force: true });
  await build({
    ...common,
    entryPoints: names.map((name) => `tests/${name}`),
    outdir: TESTS,
    outExtension: { ".js": ".mjs" },
    platform: "node",
  });
}

async function buildCard(outfile) {
  await build({
    ...common,
    define: { "process.env.NODE_ENV": '"production"' },
    entryPoints: ["src/index.ts"],
    legalComments: "eof",
    minify: true,
    outfile,
    plugins: [withoutIndentation, keysOnce],
  });
}

const [option, path] = process.argv.slice(2);
if (option === "--tests") await buildTests();
else await buildCard(option === "--outfile" ? path : BUILT);
