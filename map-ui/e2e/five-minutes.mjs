// Five minutes at a dispatcher's seat, in 中文 and by keyboard, without any network but the node's: a known phone rings,
// three keys send a car, an order that nobody signs turns red and escalates, fifty alarms in ten seconds with an SOS among
// them, `kill -9` in the middle. Asks whoever started it to restart the node by saying `@restart`; a line answers.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { base, launch, mapStands, open, out, PATIENCE_MS, picture } from "./browser.mjs";
import { ask, cast, insist, tell, until } from "./centre.mjs";

const STORM = 50;
const STORM_MS = 10_000;
const KILL_AT = 25;
const SOS_AT = 30;
const figures = {};
const { region, point, seat } = await cast();
const answers = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const browser = await launch();
const page = await open(browser, "about:blank", { seat });
const strangers = [];
await page.route(
  (url) => url.protocol.startsWith("http") && url.origin !== base,
  (route) => (strangers.push(route.request().url()), route.abort()),
);
page.on("websocket", (socket) => {
  if (new URL(socket.url()).host !== new URL(base).host) strangers.push(socket.url());
});
await page.goto(`${base}/?lang=zh`);
await page.waitForSelector(".queue");
await mapStands(page);

const row = (id) => page.locator(`.queue [data-id="${id}"]`);
const panel = page.locator(".right .panel");
const orders = page.locator('.right section[aria-label="处警指令"]');
const chosen = () => new URL(page.url()).searchParams.get("sel");
const serial = (number) => number.split("-").at(-1);
const what_must_not_move = () =>
  page.evaluate(() => ({
    camera: [window.ortooStage.map.getCenter().toArray(), window.ortooStage.map.getZoom()],
    chosen: new URL(location.href).searchParams.get("sel"),
    focus: document.activeElement?.outerHTML.slice(0, 120),
  }));

/** Says a line at the command line; its effect must have been shown before Enter. */
async function command(line) {
  await page.keyboard.press("/");
  await page.keyboard.type(line);
  await page.locator("output.ready").waitFor();
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.querySelector("[data-command]").value === "");
  await page.keyboard.press("Escape");
}

/** Sets the region's timers with a change, everywhere and in areas of every class; a desk at the top says so. */
async function retime(change) {
  const top = Object.entries(region.desks).find(([, desk]) => !desk.parent)[0];
  const [said_by] = Object.entries(region.seats).find(([, one]) => one.desk === top);
  for (const [area_class, timers] of [[, region.timers], ...Object.entries(region.class_timers ?? {})])
    await tell(
      "register/timers",
      { timers: { ...timers, ...change }, area_class },
      { "Ortoo-Seat": said_by },
    );
}

let incident;
let unit;

async function a_known_phone_rings() {
  const begin = performance.now();
  const { alarm } = await tell("alarms", { source: "point", number: point.number, priority: "p1" });
  await row(alarm).waitFor();
  figures.alarm_to_row_ms = Math.round(performance.now() - begin);
  await page.keyboard.press("ArrowDown");
  await panel.getByText("振铃").first().waitFor();
  const text = await panel.innerText();
  const gacha = region.areas[point.area.at(-1)].names.zh;
  for (const want of [point.number, gacha, point.keeper.zh, point.names.zh].filter(Boolean))
    assert.ok(text.includes(want), `the panel says ${want}: ${text}`);
  assert.equal((await ask(`alarms/${alarm}`)).state, "ringing", "nobody has answered yet");
  await picture(page, "five-1-ringing");
}

async function three_keys_send_a_car() {
  let keys = 0;
  const press = (key) => (keys++, page.keyboard.press(key));
  await press("F6");
  await page.waitForFunction(() => new URL(location.href).searchParams.get("sel")?.startsWith("incident:"));
  incident = chosen().slice("incident:".length);
  await page.locator(".right .send:not([disabled])").waitFor();
  const first = await page.locator(".right ol li").first().innerText();
  assert.ok(first.includes("最快"), `the screen says why this one: ${first}`);
  await picture(page, "five-2-recommendation");
  await press("F6");
  await page.locator(".right .send.confirm").or(orders).first().waitFor();
  if (await page.locator(".right .send.confirm").count()) await press("F6");
  await orders.waitFor();
  assert.ok(keys <= 3, `${keys} keys`);
  figures.keys_to_dispatch = keys;
  const [order] = (await until("an order", `incidents/${incident}`, (view) => view.orders.length > 0)).orders;
  ({ unit } = (await ask(`orders/${order}`)).target);
  assert.ok(first.includes(region.units[unit].call_sign), "the first on the screen was sent");
}

async function unsigned_turns_red_and_escalates() {
  const red = orders.locator("li.overdue", { hasText: "未签收" });
  await red.waitFor();
  const colour = await red
    .locator("p", { hasText: "未签收" })
    .first()
    .evaluate((e) => getComputedStyle(e).color);
  const [r, g, b] = colour.match(/\d+/g).map(Number);
  assert.ok(r > g + 60 && r > b + 60, `red: ${colour}`);
  await red.getByText("已升级至班长席").waitFor();
  // From here on with the region's own patience, so that the order is still there to be signed.
  await retime({});
  await red.getByText("已升级至上级指挥中心").waitFor();
  await picture(page, "five-3-escalated");
  await command(`代签收 ${region.units[unit].call_sign}`);
  await red.waitFor({ state: "detached" });
  await orders.getByText("已签收").waitFor();
}

/** The storm's alarms: every tenth tells of the incident that is on the screen already. */
function storm() {
  const banner = point.area[region.label_level];
  const points = Object.entries(region.points)
    .filter(
      ([, one]) =>
        one.area[region.label_level] === banner && one.kind === "phone" && one.number !== point.number,
    )
    .slice(0, STORM);
  const lon = point.at.lon / 1e7 + 0.002;
  const lat = point.at.lat / 1e7 + 0.002;
  return points.map(([id], i) =>
    i % 10 === 5
      ? { source: "call", lon, lat, radius_m: 100, text: "就在刚才报警的地方" }
      : { source: "point", point: id },
  );
}

async function fifty_in_ten_seconds() {
  // A first few to rest the pointer on.
  await tell("alarms", {
    source: "call",
    text: "先到的报警",
    lon: point.at.lon / 1e7 + 0.3,
    lat: point.at.lat / 1e7,
  });
  const under = page.locator(".queue .rest [data-id]").first();
  await under.hover();
  const id = await under.getAttribute("data-id");
  const before = { ...(await what_must_not_move()), box: await row(id).boundingBox() };

  const begin = performance.now();
  const acknowledged = [];
  let sos;
  let restarted;
  const posts = storm().map(async (body, i) => {
    await new Promise((done) => setTimeout(done, (i * STORM_MS) / STORM));
    if (i === SOS_AT)
      sos = insist("alarms", { source: "sos", unit, device: "patrol", press: "five-minutes" });
    acknowledged[i] = (await insist("alarms", body)).alarm;
    if (i === KILL_AT) {
      console.log("@restart");
      restarted = answers.next();
    }
  });
  await page.locator(".stale").waitFor();
  await picture(page, "five-4-killed");
  await Promise.all(posts);
  await restarted;
  figures.storm_ms = Math.round(performance.now() - begin);
  const help = (await sos).alarm;
  await page.locator(".stale").waitFor({ state: "detached", timeout: PATIENCE_MS });

  assert.equal(new Set(acknowledged).size, STORM, "each alarm once");
  for (const one of acknowledged)
    assert.equal((await ask(`alarms/${one}`)).id, one, "acknowledged and there");
  const open_now = async () =>
    Number((await page.locator(".queue .head [data-open]").getAttribute("data-open")) ?? 0);
  const end = Date.now() + PATIENCE_MS;
  while ((await open_now()) < STORM + 2 && Date.now() < end) await page.waitForTimeout(100);
  assert.ok((await open_now()) >= STORM + 2, `the console resumed by itself with ${await open_now()} open`);
  const after = { ...(await what_must_not_move()), box: await row(id).boundingBox() };
  assert.deepEqual(after, before, "nothing moved");
  await picture(page, "five-5-storm");

  // When the pointer leaves the list, the SOS stands on top of everything.
  await page.mouse.move(720, 450);
  const { incident: called } = await ask(`alarms/${help}`).then((alarm) => alarm.outcome ?? {});
  const top = page.locator(".queue .pinned [data-id]").first();
  await page.waitForFunction(
    (ids) => {
      const strip = document.querySelector(".queue .pinned");
      const first = strip?.querySelector("[data-id]");
      // While the list is held the strip keeps its height: only then is its first row the first that is seen.
      return first && ids.includes(first.dataset.id) && strip.clientHeight >= first.offsetHeight;
    },
    [help, called],
  );
  assert.ok((await top.innerText()).includes("紧急求助"));
  assert.equal(chosen(), before.chosen, "the SOS does not take the selection");
  await picture(page, "five-6-sos-on-top");
  return acknowledged.filter((_, i) => i % 10 === 5);
}

async function a_duplicate_is_offered(alarms) {
  const { number } = await ask(`alarms/${alarms[0]}`);
  await command(`接警 ${number}`);
  await panel.getByText("可能重复").waitFor();
  await picture(page, "five-7-duplicate");
  const { number: into } = await ask(`incidents/${incident}`);
  await command(`并入 ${into}`);
  const settled = await until("the merge", `alarms/${alarms[0]}`, (alarm) => alarm.state === "settled");
  assert.equal(settled.outcome.kind, "duplicate");
  assert.equal(settled.outcome.incident, incident);
  assert.equal(serial(settled.number), serial(number));
}

// Short enough to be watched: what nobody signs is red after a second and a half and escalates every three.
await retime({ signed_ms: [1500, 1500, 1500], escalation_ms: 3000 });
await a_known_phone_rings();
console.log("ok   a known phone rings: point, gacha and keeper are there before it is answered");
await three_keys_send_a_car();
console.log(`ok   ${figures.keys_to_dispatch} keys send a car, and the screen says why that one`);
await unsigned_turns_red_and_escalates();
console.log("ok   an order that nobody signs turns red and escalates; a signature by voice ends it");
const doubles = await fifty_in_ten_seconds();
console.log(
  `ok   ${STORM} alarms in ${figures.storm_ms} ms through a kill -9: none lost, nothing moved, SOS on top`,
);
await a_duplicate_is_offered(doubles);
console.log("ok   a duplicate is offered, and merged by hand");
assert.deepEqual(strangers, [], "nothing but the node is asked");
const lost = /ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE|WebSocket/;
assert.deepEqual(
  page.faults.filter((fault) => !lost.test(fault)),
  [],
);
await browser.close();
writeFileSync(join(out, "five-minutes.json"), `${JSON.stringify(figures, null, 2)}\n`);
console.log(JSON.stringify(figures));
process.exit(0);
