// Checks the patrol page against a running server: the order comes, is delivered and signed; what is said without signal
// is kept and arrives once; a call for help is heard.
import assert from "node:assert/strict";
import { launch, open, picture } from "./browser.mjs";
import { ask, cast, give, tell, until } from "./centre.mjs";

const { region, point, seat } = await cast();
const browser = await launch();

/** An order to the point for the first unit that is recommended. */
async function order() {
  const { incident } = await tell("alarms", {
    source: "button",
    point: point.id,
    press: `patrol-${Date.now()}`,
  });
  const { ranked } = await until(
    "candidates",
    `incidents/${incident}/recommendation`,
    (r) => r.ranked.length > 0,
  );
  const refused = [];
  for (const { candidate } of ranked) {
    try {
      return { unit: candidate.unit, id: await give(region, incident, candidate.unit, seat) };
    } catch (error) {
      // In a busy demo somebody else may have taken this one a moment ago.
      refused.push(String(error));
    }
  }
  throw new Error(refused.join("\n"));
}

const given = await order();
const page = await open(browser, `/patrol?unit=${encodeURIComponent(given.unit)}&lang=zh`, {
  size: [390, 844],
  context: {
    geolocation: { longitude: point.at.lon / 1e7 + 0.05, latitude: point.at.lat / 1e7 + 0.02 },
    permissions: ["geolocation"],
  },
});

await page.getByRole("button", { name: "签收" }).waitFor();
await until("the delivery", `orders/${given.id}`, (view) =>
  view.stamps.some((stamp) => stamp.state === "delivered"),
);
await page.locator(".way b").waitFor();
await picture(page, "patrol-order");
await page.getByRole("button", { name: "签收" }).click();
await until("the signature", `orders/${given.id}`, (view) => view.state === "signed");
console.log("ok   the order is delivered and signed");

await page.context().setOffline(true);
await page.getByRole("button", { name: "出发" }).click();
await page.getByRole("button", { name: "到达" }).waitFor();
await page.getByText("待发送").first().waitFor();
await picture(page, "patrol-offline");
assert.equal((await ask(`orders/${given.id}`)).state, "signed");
await page.context().setOffline(false);
await until("what was said without signal", `orders/${given.id}`, (view) => view.state === "enroute");
const { stamps } = await ask(`orders/${given.id}`);
assert.equal(stamps.filter((stamp) => stamp.state === "enroute").length, 1, "said once, heard once");
console.log("ok   what was said without signal arrived once");

const sos = page.getByRole("button", { name: "求助，按住一秒" });
await sos.hover();
await page.mouse.down();
await page.getByText("求助发送中").or(page.getByText("求助已收到")).waitFor();
await page.mouse.up();
// A unit calls for help for as long as the incident its SOS made is open.
await until("the SOS", `units/${given.unit}`, ({ view }) => view.sos);
await page.getByText("求助已收到").waitFor();
await picture(page, "patrol-sos");
console.log("ok   the call for help is heard");

assert.deepEqual(
  page.faults.filter((fault) => !fault.includes("ERR_INTERNET_DISCONNECTED")),
  [],
);
await browser.close();
