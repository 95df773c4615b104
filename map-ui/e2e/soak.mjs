// Watches a console beside a running demo for ORTOO_SOAK_MINUTES: not one frame without units, a camera that stays where it is, and
// a heap that does not grow without end. Figures go to soak.json.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { launch, mapStands, open, out, picture } from "./browser.mjs";
import { cast } from "./centre.mjs";

const minutes = Number(process.env.ORTOO_SOAK_MINUTES ?? 10);
const HEAP_GROWTH_MAX = 1.5;

const { seat } = await cast();
const browser = await launch();
const page = await open(browser, "/?lang=zh", { seat });
await mapStands(page);
await page.waitForFunction(() => window.ortooStage.overlay.report.units > 0);

/** Counts frames, and those that show nobody, from now on. */
await page.evaluate(() => {
  window.soak = { frames: 0, empty: 0, fewest: Infinity };
  const look = () => {
    const { units } = window.ortooStage.overlay.report;
    window.soak.frames++;
    window.soak.fewest = Math.min(window.soak.fewest, units);
    if (units === 0) window.soak.empty++;
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
});
const devtools = await page.context().newCDPSession(page);
const heap = async () => {
  await devtools.send("HeapProfiler.collectGarbage");
  return (await devtools.send("Runtime.getHeapUsage")).usedSize;
};
const camera = () =>
  page.evaluate(() => [window.ortooStage.map.getCenter().toArray(), window.ortooStage.map.getZoom()]);

const stood = await camera();
const end = Date.now() + minutes * 60_000;
// The first minute fills caches; growth is judged after it.
await page.waitForTimeout(Math.min(60_000, (minutes * 60_000) / 4));
const before = await heap();
while (Date.now() < end) await page.waitForTimeout(Math.min(5_000, Math.max(0, end - Date.now())));
const after = await heap();
const figures = {
  minutes,
  ...(await page.evaluate(() => window.soak)),
  heap_before: before,
  heap_after: after,
};
await picture(page, "soak");
writeFileSync(join(out, "soak.json"), `${JSON.stringify(figures, null, 2)}\n`);
console.log(JSON.stringify(figures));
assert.equal(figures.empty, 0, "frames that showed nobody");
assert.deepEqual(await camera(), stood, "the camera");
assert.ok(after < before * HEAP_GROWTH_MAX, `the heap grew from ${before} to ${after} bytes`);
assert.deepEqual(page.faults, []);
await browser.close();
