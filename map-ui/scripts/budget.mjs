// Weighs the build and fails above the budget: what must arrive before the table shows, and everything together.
// Leaves out pictures and the manifest itself; sizes are gzip, level 9, as the server sends them.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { extname, join } from "node:path";
import { gzipSync } from "node:zlib";

const FIRST_SCREEN_KB = 60;
const ALL_KB = 600;
const dist = new URL("../dist/", import.meta.url).pathname;

const gzipBytes = (file) => gzipSync(readFileSync(file), { level: 9 }).length;
const kb = (bytes) => Math.round((bytes / 1024) * 10) / 10;

/** Files that `entry` needs before it can draw: itself, its static imports and their styles. */
function firstScreen(manifest, entry, seen = new Set()) {
  const chunk = manifest[entry];
  if (!chunk || seen.has(chunk.file)) return seen;
  seen.add(chunk.file);
  for (const css of chunk.css ?? []) seen.add(css);
  for (const next of chunk.imports ?? []) firstScreen(manifest, next, seen);
  return seen;
}

function* walk(folder) {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) yield* walk(path);
    else yield path;
  }
}

const manifest = JSON.parse(readFileSync(join(dist, ".vite/manifest.json"), "utf8"));
let failed = false;
/** The larger of the two catalogues: one of them is fetched before the first word shows. */
const catalogue = ["src/i18n/zh.json", "src/i18n/en.json"]
  .map((name) => manifest[name].file)
  .sort((a, b) => gzipBytes(join(dist, b)) - gzipBytes(join(dist, a)))[0];
/** What each page fetches before its first row: the operator's console is chosen at run time, and counts. */
const FIRST = {
  "index.html": ["index.html", "src/console/frame/Console.svelte"],
  "patrol.html": ["patrol.html"],
};
for (const [page, entries] of Object.entries(FIRST)) {
  const needed = new Set();
  for (const entry of entries) firstScreen(manifest, entry, needed);
  const files = [page, ...needed, catalogue];
  const bytes = files.reduce((sum, file) => sum + gzipBytes(join(dist, file)), 0);
  const over = bytes > FIRST_SCREEN_KB * 1024;
  failed ||= over;
  console.log(`${over ? "OVER " : ""}${page} first screen: ${kb(bytes)} of ${FIRST_SCREEN_KB} KB gz`);
}
const weighed = [...walk(dist)].filter((file) => [".js", ".mjs", ".css", ".html"].includes(extname(file)));
const all = weighed.reduce((sum, file) => sum + gzipBytes(file), 0);
failed ||= all > ALL_KB * 1024;
console.log(`${all > ALL_KB * 1024 ? "OVER " : ""}everything: ${kb(all)} of ${ALL_KB} KB gz`);
process.exit(failed ? 1 : 0);
