// Starts a real Chromium without a graphics card and opens pages that tell of every error they had.
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "playwright-core";

/** Where the server under test listens. */
export const base = (process.env.ORTOO_URL ?? "http://127.0.0.1:8110").replace(/\/$/, "");
/** Where pictures and figures go. */
export const out = process.env.ORTOO_E2E_OUT ?? "e2e-out";
mkdirSync(out, { recursive: true });

/** How long anything may take before it counts as not coming: this machine may be slow and shared. */
export const PATIENCE_MS = 60_000;

const found = [
  process.env.CHROMIUM,
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
].find((path) => path && existsSync(path));

export async function launch() {
  if (!found)
    throw new Error("no Chromium: apt-get install -y chromium fonts-noto-cjk, or set CHROMIUM to its path");
  const root = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  return chromium.launch({
    executablePath: found,
    args: ["--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", ...root],
  });
}

/** Opens a page whose errors are kept in `page.faults`. */
export async function open(browser, path, { size = [1440, 900], seat, context: more = {} } = {}) {
  const context = await browser.newContext({ viewport: { width: size[0], height: size[1] }, ...more });
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  page.faults = [];
  page.on("pageerror", (error) => page.faults.push(String(error.stack ?? error)));
  page.on("console", (message) => {
    if (message.type() === "error") page.faults.push(`${message.text()} (${message.location().url})`);
  });
  if (seat) {
    await page.addInitScript((chosen) => {
      if (location.protocol !== "about:" && !localStorage.getItem("ortoo.preferences"))
        localStorage.setItem("ortoo.preferences", JSON.stringify({ seat: chosen }));
    }, seat);
  }
  await page.goto(path.startsWith("/") ? base + path : path);
  return page;
}

/** Waits until the map stands and all of its base layers are drawn. */
export async function mapStands(page) {
  await page.waitForFunction(
    () => window.ortooStage?.map?.loaded() && window.ortooStage.overlay.report.frames > 0,
  );
}

export const picture = (page, name) => page.screenshot({ path: join(out, `${name}.png`) });
