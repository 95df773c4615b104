// Checks the console against a running server that nobody else works at (`ortoo serve`, not `demo`): an alarm arrives, is dispatched in three keys, nothing that comes moves
// what the operator looks at, and everybody can use it. Figures go to console.json, pictures beside it.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { AxeBuilder } from "@axe-core/playwright";
import { launch, mapStands, open, out, picture } from "./browser.mjs";
import { ask, cast, give, tell, until } from "./centre.mjs";

const UPDATES = 100;
const figures = {};
const { region, point, seat } = await cast();
const browser = await launch();
const failed = [];

async function check(name, work) {
  const begin = Date.now();
  try {
    await work();
    console.log(`ok   ${name} (${Date.now() - begin} ms)`);
  } catch (error) {
    failed.push(name);
    console.log(`FAIL ${name}\n${error.stack}`);
  }
}

const row = (page, id) => page.locator(`.queue [data-id="${id}"]`);
const chosen = (page) => new URL(page.url()).searchParams.get("sel");
/** What a person would see of the camera, and where a row stands. */
const camera = (page) =>
  page.evaluate(() => [window.ortooStage.map.getCenter().toArray(), window.ortooStage.map.getZoom()]);

const page = await open(browser, "/?lang=zh", { seat });

await check("the queue and the map stand", async () => {
  await page.waitForSelector(".queue");
  await mapStands(page);
  await page.waitForFunction(
    () =>
      window.ortooStage.ages().fresh + window.ortooStage.ages().hollow + window.ortooStage.ages().lost > 0,
  );
  figures.units_drawn = await page.evaluate(() => window.ortooStage.overlay.report.units);
  figures.js_ms_per_frame = await page.evaluate(() => window.ortooStage.overlay.report.js_ms);
});

let alarm;
await check("a known phone rings: point, gacha and keeper are there before it is answered", async () => {
  const begin = performance.now();
  alarm = (await tell("alarms", { source: "point", number: point.number, priority: "p1" })).alarm;
  await page.waitForFunction(
    (id) => [...document.querySelectorAll(".queue [data-id]")].some((r) => r.dataset.id === id),
    alarm,
  );
  figures.alarm_to_row_ms = Math.round(performance.now() - begin);
  await row(page, alarm).click();
  const panel = page.locator(".right .panel");
  await panel.getByText("振铃").first().waitFor();
  const text = await panel.innerText();
  const gacha = region.areas[point.area.at(-1)].names.zh;
  for (const want of [point.number, gacha, point.keeper.zh, point.names.zh].filter(Boolean)) {
    assert.ok(text.includes(want), `the panel says ${want}: ${text}`);
  }
  await picture(page, "ringing");
});

await check("it is dispatched in three keys", async () => {
  await page.mouse.move(720, 450);
  let keys = 0;
  const press = async (key) => {
    keys++;
    await page.keyboard.press(key);
  };
  await press("F6");
  await page.waitForFunction(() => new URL(location.href).searchParams.get("sel")?.startsWith("incident:"));
  const incident = chosen(page).slice("incident:".length);
  await page.locator(".right .send:not([disabled])").waitFor();
  await picture(page, "recommendation");
  await press("F6");
  await page.locator('.right .send.confirm, .right section[aria-label="处警指令"]').first().waitFor();
  if (await page.locator(".right .send.confirm").count()) await press("F6");
  const { orders } = await until("an order", `incidents/${incident}`, (view) => view.orders.length > 0);
  const order = await ask(`orders/${orders[0]}`);
  assert.ok(order.target.unit, "the order goes to a unit");
  assert.ok(order.recommendation, "the order says what the operator saw");
  assert.ok(keys <= 3, `${keys} keys`);
  figures.keys_to_dispatch = keys;
  await page.locator('.right section[aria-label="处警指令"]').waitFor();
  await picture(page, "dispatched");
});

await check("F4 with nothing chosen answers what rings, though more urgent rows stand above it", async () => {
  await tell("alarms", { source: "button", point: point.id, press: `above-${Date.now()}` });
  const rings = (await tell("alarms", { source: "call", lon: point.at.lon / 1e7, lat: point.at.lat / 1e7 }))
    .alarm;
  await row(page, rings).waitFor();
  await page.keyboard.press("Escape");
  await page.keyboard.press("F4");
  const { answered } = await until("the answer", `alarms/${rings}`, (one) => one.state === "answered");
  assert.equal(answered[1], seat);
  assert.equal(chosen(page), `alarm:${rings}`);
  await page.locator(".right .panel").getByText("已接听").first().waitFor();
  await page.keyboard.press("F4");
  await page.getByText("正在接听").first().waitFor();
  // The cursor is in the type of the call: Esc leaves both.
  await page.keyboard.press("Escape");
  await page.waitForFunction(() => !new URL(location.href).searchParams.has("sel"));
});

/** The first unit on the list that this desk may order: another desk's is asked for. */
const own = () => page.locator(".right li:not(:has(.ask)) .pick b").first();
const orders = page.locator('.right section[aria-label="处警指令"]');

await check("a unit that was taken elsewhere is told, and R looks again", async () => {
  const button = (press) =>
    tell("alarms", { source: "button", point: point.id, press: `${press}-${Date.now()}` });
  const { incident } = await button("here");
  const { incident: elsewhere } = await button("elsewhere");
  await row(page, incident).click();
  await page.mouse.move(720, 450);
  await own().click();
  const name = await own().innerText();
  const [taken] = Object.entries(region.units).find(([, unit]) => unit.call_sign === name);
  await give(region, elsewhere, taken, seat);
  await page.locator(".right .newer.stale").waitFor();
  await page.keyboard.press("F6");
  await page.getByText("推荐已过时").first().waitFor();
  await page.keyboard.press("r");
  await page.locator(".right .newer:not(.stale)").waitFor();
  const names = await page.locator(".right .pick b").allInnerTexts();
  assert.ok(names.length > 0 && !names.includes(name), `${name} is among ${names}`);
  const { recommendation } = await ask(`incidents/${incident}`);
  assert.equal((await ask(`recommendations/${recommendation}`)).occasion, "asked");
});

await check("the second key names who would be sent, and is asked of each choice anew", async () => {
  const place = { source: "call", lon: point.at.lon / 1e7, lat: point.at.lat / 1e7 };
  const { alarm: heard } = await tell("alarms", place);
  const { version } = await ask(`alarms/${heard}`);
  const saved = await tell(
    `alarms/${heard}/save`,
    { expected_version: version, incident_type: Object.keys(region.types)[0] },
    { "Ortoo-Seat": seat },
  );
  await row(page, saved.incident).click();
  await page.mouse.move(720, 450);
  await own().click();
  await page.keyboard.press("F6");
  const asked = page.locator(".right .send.confirm");
  await asked.waitFor();
  const said = await asked.innerText();
  assert.ok(said.includes(await own().innerText()), said);
  await picture(page, "second-key");
  const other = page.locator(".right li:not(:has(.ask)) .pick").nth(1);
  await other.click();
  await asked.waitFor({ state: "detached" });
  await other.click();
  await page.keyboard.press("F6");
  await asked.waitFor();
  await page.keyboard.press("F6");
  await orders.waitFor();
  const { orders: given } = await ask(`incidents/${saved.incident}`);
  assert.equal(given.length, 1);
  const whose = await until("the claim", `incidents/${saved.incident}`, (view) => view.claimed_by);
  assert.equal(whose.claimed_by, seat, "whoever sends somebody has taken it up");
  // The incident needs nothing more of F4: it takes the next call.
  const { alarm: next } = await tell("alarms", place);
  await row(page, next).waitFor();
  await page.keyboard.press("F4");
  await until("the answer", `alarms/${next}`, (one) => one.state === "answered");
  assert.equal(chosen(page), `alarm:${next}`);
  await page.keyboard.press("Escape");
});

await check("a seat at which a console is open is marked in use", async () => {
  const other = await open(browser, "/?lang=zh", {});
  const mark = other.locator("dialog button.used small");
  await other.locator("dialog input").fill(region.desks[region.seats[seat].desk].names.zh);
  await mark.first().waitFor();
  assert.equal(await mark.first().innerText(), "有人");
  await picture(other, "seats");
  await other.context().close();
});

await check(
  `${UPDATES} updates move neither camera, selection, focus nor the row under the pointer`,
  async () => {
    const rows = page.locator(".queue .rest [data-id]");
    const under = (await rows.count()) > 0 ? rows.first() : page.locator(".queue .pinned [data-id]").first();
    await under.hover();
    const id = await under.getAttribute("data-id");
    const before = {
      camera: await camera(page),
      chosen: chosen(page),
      box: await row(page, id).boundingBox(),
    };
    const shown = (seq) =>
      page.evaluate(() => document.querySelectorAll(".queue [data-id]").length).then((n) => n + seq);
    await shown(0);
    let last;
    for (let i = 0; i < UPDATES; i++) {
      const source = i % 10 === 0 ? "button" : "point";
      last = (
        await tell("alarms", { source, point: point.id, press: `update-${i}-${Date.now()}`, mode: "actual" })
      ).alarm;
    }
    await until("the last alarm", `alarms/${last}`, () => true);
    await page.waitForFunction(
      (seen) => Number(document.querySelector(".queue .head b")?.textContent?.split("/")[0]) >= seen,
      UPDATES / 2,
    );
    assert.deepEqual(await camera(page), before.camera, "camera");
    assert.equal(chosen(page), before.chosen, "selection");
    assert.deepEqual(await row(page, id).boundingBox(), before.box, "the row under the pointer");
    await picture(page, "storm");
    const drawn = await page.locator(".queue .rest li").count();
    assert.ok(drawn < 60, `only rows in sight are drawn, not ${drawn}`);
  },
);

await check("in a flood rows of one cause stand under one head, and the keyboard goes into it", async () => {
  await page.mouse.move(720, 450);
  const head = page.locator(".queue [data-group]").first();
  await head.waitFor();
  assert.equal(await head.getAttribute("aria-expanded"), "false");
  assert.equal(await page.locator(".queue .group .glyph.p1").count(), 0, "a priority 1 is under no head");
  await page.keyboard.press("Escape");
  for (let i = 0; i < 5 && (await page.locator('.queue [aria-expanded="true"]').count()) === 0; i++)
    await page.keyboard.press("ArrowDown");
  await page.locator('.queue [aria-expanded="true"]').waitFor();
  await row(page, chosen(page).split(":")[1]).waitFor();
  await picture(page, "flood");
});

await check("a stack on the map opens a list to go through by keyboard", async () => {
  await page.keyboard.press("Escape");
  await page.locator(".map-mark").first().click();
  const list = page.getByRole("dialog", { name: "此处" });
  await list.waitFor();
  await page.keyboard.press("ArrowDown");
  const second = await list.locator("[data-item]").nth(1).innerText();
  assert.ok(
    await list
      .locator("[data-item]")
      .nth(1)
      .evaluate((e) => e === document.activeElement),
  );
  await page.keyboard.press("Enter");
  await list.waitFor({ state: "detached" });
  assert.ok(chosen(page), `${second} is chosen`);
  await page.keyboard.press("Escape");
});

await check("the wall shows what is open, and neither a caller nor a number nor a word", async () => {
  const secret = { caller: "13900000000", text: "这句话不上墙" };
  const { alarm: told } = await tell("alarms", { source: "call", ...secret });
  await until("the call", `alarms/${told}`, () => true);
  const wall = await open(browser, "/?view=wall&lang=zh", { size: [1920, 1080] });
  await mapStands(wall);
  await wall.locator("aside li").first().waitFor();
  const text = await wall.evaluate(() => document.documentElement.outerHTML);
  for (const word of [secret.caller, secret.text, point.number, point.keeper.zh])
    assert.ok(!text.includes(word), `the wall does not say ${word}`);
  assert.deepEqual(wall.faults, []);
  await picture(wall, "wall");
  await wall.context().close();
});

await check("after a loss of the link the console goes on where it stood", async () => {
  await page.context().setOffline(true);
  await page.locator(".stale").waitFor();
  await picture(page, "link-lost");
  const { alarm: missed } = await tell("alarms", {
    source: "point",
    point: point.id,
    press: `missed-${Date.now()}`,
  });
  const { number } = await ask(`alarms/${missed}`);
  await page.context().setOffline(false);
  await page.locator(".stale").waitFor({ state: "detached" });
  // The command line names only what the console holds.
  await page.keyboard.press("/");
  await page.waitForFunction(
    (line) => {
      const input = document.querySelector("[data-command]");
      input.value = line;
      input.dispatchEvent(new Event("input", { bubbles: true }));
      return new Promise((done) =>
        requestAnimationFrame(() => done(document.querySelector("output.ready") !== null)),
      );
    },
    `JJ ${number}`,
    { polling: 200 },
  );
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");
});

await check("the command line completes, previews and refuses what it does not know", async () => {
  await page.mouse.move(720, 450);
  await page.keyboard.press("Escape");
  await page.keyboard.press("/");
  await page.keyboard.type("PJ ");
  await page.locator("#completions [role=option]").first().waitFor();
  await page.keyboard.type("不存在的车");
  await page.locator("output.wrong").waitFor();
  await page.keyboard.press("Escape");
  await page.keyboard.type("TC 方格");
  await page.locator("output.ready").waitFor();
  await picture(page, "command");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");
});

await check("whoever sends another than the first may say why, and the order keeps it", async () => {
  const { incident } = await tell("alarms", {
    source: "button",
    point: point.id,
    press: `other-${Date.now()}`,
  });
  const other = await open(browser, `/?lang=zh&sel=incident:${incident}`, { seat });
  // It lies under a head far down: choosing it leaves the queue in sight.
  const { y } = await other.locator(".queue .rest [data-group]").first().boundingBox();
  assert.ok(y < 800, `the queue begins at ${y}`);
  // A unit of this desk: another desk's is asked for, not ordered.
  await other.locator(".right li:not(:has(.ask)):not(.picked) .pick").first().click();
  const why = other.locator(".right fieldset");
  await why.getByText("熟悉情况或道路").click();
  await why.locator("input").fill("他家就在旁边");
  await picture(other, "overruled");
  await other.locator(".right .send").click();
  const orders = other.locator('.right section[aria-label="处警指令"]');
  await orders.or(other.locator(".right .send.confirm")).first().waitFor();
  if (await other.locator(".right .send.confirm").count()) await other.locator(".right .send").click();
  const sent = await until("the order", `incidents/${incident}`, (view) => view.orders.length > 0);
  assert.equal((await ask(`orders/${sent.orders[0]}`)).override_reason, "local_knowledge");
  await orders.getByText("他家就在旁边").waitFor();
  assert.equal(await why.count(), 0, "what was said is not said again");
  // The key that asks for a second one is told so by a refusal.
  assert.deepEqual(
    other.faults.filter((fault) => !fault.includes("409 (Conflict)")),
    [],
  );
  await other.context().close();
});

await check("a reminder comes up, is put off and done, and a shift goes over by its button", async () => {
  const { incident } = await tell("alarms", {
    source: "button",
    point: point.id,
    press: `remind-${Date.now()}`,
  });
  const other = await open(browser, `/?lang=zh&sel=incident:${incident}`, { seat });
  const panel = other.locator('.right section[aria-label="提醒"]');
  await panel.locator("input").fill("回拨报警人");
  await panel.getByRole("button", { name: "5 分钟", exact: true }).click();
  await panel
    .locator(".one", { hasText: "回拨报警人" })
    .locator("output", { hasText: /^4:5\d$/ })
    .waitFor();
  assert.equal(await panel.locator("input").inputValue(), "");
  const as = { "Ortoo-Seat": seat };
  const due = (Date.now() + 1500) * 1000;
  const { reminder } = await tell(`incidents/${incident}/remind`, { due, text: "看现场" }, as);
  const up = panel.locator(".one.up", { hasText: "看现场" });
  await up.waitFor();
  const told = other.locator(".right .panel > p", { hasText: "提醒到时" });
  await told.waitFor();
  await other.locator(".right .panel ol").getByText("设置提醒").first().waitFor();
  await panel.scrollIntoViewIfNeeded();
  await picture(other, "reminder-zh");
  const english = await open(browser, `/?lang=en&theme=day&sel=incident:${incident}`, { seat });
  await english.locator('.right section[aria-label="Reminders"] .one.up').scrollIntoViewIfNeeded();
  await picture(english, "reminder-en");
  await english.context().close();
  await up.getByRole("button", { name: "延后 10 分钟" }).click();
  await panel.locator(".one:not(.up)", { hasText: "看现场" }).waitFor();
  await told.waitFor({ state: "detached" });
  const from = Object.entries(region.seats).find(
    ([id, one]) => id !== seat && one.desk === region.seats[seat].desk,
  )[0];
  await tell(`seats/${from}/hand-over`, { to: seat }, { "Ortoo-Seat": from });
  const offer = other.locator('section[aria-label="交接班"]');
  await offer.getByRole("button", { name: "签收" }).click();
  await offer.waitFor({ state: "detached" });
  for (const act of ["已办", "取消"]) {
    const before = await panel.locator(".one").count();
    await panel.locator(".one").first().getByRole("button", { name: act }).click();
    await other.waitForFunction(
      (count) => document.querySelectorAll('section[aria-label="提醒"] .one').length < count,
      before,
    );
  }
  assert.deepEqual(other.faults, []);
  await other.context().close();
  assert.ok(reminder, "the answer names the reminder");
});

await check("nothing is announced only by colour or pointer: axe finds nothing serious", async () => {
  for (const [name, path, prepare] of [
    [
      "night zh, incident",
      `/?lang=zh&theme=night&freeze=1`,
      async (p) => {
        await p.keyboard.press("ArrowDown");
        await p.locator(".right .panel h2").waitFor();
      },
    ],
    [
      "day en, table",
      `/?lang=en&theme=day&freeze=1`,
      async (p) => {
        await p.keyboard.press("t");
        await p.locator("[data-row]").first().waitFor();
      },
    ],
    [
      "day zh, overview and keys",
      `/?lang=zh&theme=day&freeze=1`,
      async (p) => {
        await p.keyboard.press("?");
        await p.locator("dialog[open]").waitFor();
      },
    ],
    ["night zh, wall", `/?view=wall&lang=zh&theme=night&freeze=1`, async () => {}],
  ]) {
    const other = await open(browser, path, { seat });
    await mapStands(other);
    await prepare(other);
    const { violations } = await new AxeBuilder({ page: other })
      .withTags(["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"])
      .analyze();
    const serious = violations.filter((v) => v.impact === "serious" || v.impact === "critical");
    const told = serious.map(
      (v) =>
        `${v.id}: ${v.nodes
          .slice(0, 3)
          .map((n) => `${n.target.join(" ")} ${n.failureSummary}`)
          .join(" | ")}`,
    );
    assert.deepEqual(told, [], name);
    assert.deepEqual(other.faults, [], name);
    await other.context().close();
  }
});

await check("pictures in both languages, themes and sizes", async () => {
  for (const [lang, theme, width, height] of [
    ["zh", "night", 1440, 900],
    ["zh", "day", 1920, 1080],
    ["en", "night", 1920, 1080],
    ["en", "day", 1440, 900],
  ]) {
    const other = await open(browser, `/?lang=${lang}&theme=${theme}`, { seat, size: [width, height] });
    await mapStands(other);
    await other.waitForFunction(
      () => window.ortooStage.map.getLayer("relief") && window.ortooStage.map.areTilesLoaded(),
    );
    await picture(other, `console-${lang}-${theme}-${width}`);
    assert.deepEqual(other.faults, []);
    await other.context().close();
  }
});

await check("no error was written to the browser's console", async () => {
  assert.deepEqual(
    page.faults.filter((fault) => !/ERR_INTERNET_DISCONNECTED|409 \(Conflict\)/.test(fault)),
    [],
  );
});

await browser.close();
writeFileSync(join(out, "console.json"), `${JSON.stringify(figures, null, 2)}\n`);
console.log(JSON.stringify(figures));
if (failed.length > 0) {
  console.log(`failed: ${failed.join("; ")}`);
  process.exit(1);
}
