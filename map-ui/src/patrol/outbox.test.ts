import "fake-indexeddb/auto";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Problem } from "../wire/problem";
import type { LetterStore } from "./letter_store";
import { Outbox, type Letter } from "./outbox";

let signal: boolean;
let refuse: string | undefined;
let sent: Letter[];
let refused: string[];
let waiting: readonly Letter[];
let confirmed: readonly string[];
let name = 0;
let open: Outbox[];

const unreachable = () => new Problem(0, "unreachable", {}, "");

const standing = (now: { waiting: readonly Letter[]; confirmed: readonly string[] }) =>
  ({ waiting, confirmed } = now);

async function outbox(store?: LetterStore): Promise<Outbox> {
  const made = await Outbox.open(
    `outbox-${name}`,
    async (letter) => {
      if (!signal) throw unreachable();
      sent.push(letter);
      if (refuse === letter.key) throw new Problem(409, "order_state", {}, "");
    },
    standing,
    (letter, problem) => refused.push(`${letter.key}: ${problem.code}`),
    store,
  );
  open.push(made);
  return made;
}

beforeEach(() => {
  name++;
  [signal, refuse, sent, refused, waiting, confirmed, open] = [true, undefined, [], [], [], [], []];
});
afterEach(async () => {
  for (const one of open) await one.close();
});

const keys = (letters: readonly Letter[]) => letters.map((letter) => letter.key);

describe("loss of signal", () => {
  test("keeps everything in order and sends it once the signal is back", async () => {
    const box = await outbox();
    signal = false;
    await box.say("order/1/signed", "orders/1/advance", { state: "signed" });
    await box.say("order/1/enroute", "orders/1/advance", { state: "enroute" });
    await box.flush();
    expect(keys(waiting)).toEqual(["order/1/signed", "order/1/enroute"]);
    signal = true;
    await box.flush();
    expect(keys(sent)).toEqual(["order/1/signed", "order/1/enroute"]);
    expect(waiting).toEqual([]);
  });

  test("a lost answer is sent again with the same id", async () => {
    const ids: string[] = [];
    let answers = 0;
    const box = await Outbox.open(
      `outbox-${name}`,
      async (letter) => {
        ids.push(letter.id);
        if (answers++ === 0) throw unreachable();
      },
      standing,
      () => undefined,
    );
    open.push(box);
    await box.say("sos/1", "alarms", {});
    await box.flush();
    await box.flush();
    expect(new Set(ids).size).toBe(1);
    expect(ids.length).toBeGreaterThanOrEqual(2);
    expect(waiting).toEqual([]);
  });

  test("a reload loses nothing and forgets nothing that was confirmed", async () => {
    signal = false;
    const first = await outbox();
    await first.say("order/1/signed", "orders/1/advance", {});
    await first.close();
    signal = true;
    const second = await outbox();
    expect(keys(waiting)).toEqual(["order/1/signed"]);
    await second.flush();
    expect(await (await outbox()).say("order/1/signed", "orders/1/advance", {})).toBe(false);
    expect(sent).toHaveLength(1);
  });
});

test("the same thing said twice is kept once", async () => {
  const box = await outbox();
  signal = false;
  const said = await Promise.all([box.say("order/1/signed", "p", {}), box.say("order/1/signed", "p", {})]);
  expect(said.filter(Boolean)).toHaveLength(1);
  expect(waiting).toHaveLength(1);
});

test("a refusal is told and does not hold up what comes after it", async () => {
  const box = await outbox();
  signal = false;
  await box.say("a", "p", {});
  await box.say("b", "p", {});
  signal = true;
  refuse = "a";
  await box.flush();
  expect(refused).toEqual(["a: order_state"]);
  expect(keys(sent)).toEqual(["a", "b"]);
  expect(waiting).toEqual([]);
  expect(confirmed).toEqual(["b"]);
});

test("what was refused may be said again", async () => {
  const box = await outbox();
  refuse = "order/1/signed";
  await box.say("order/1/signed", "p", {});
  await box.flush();
  refuse = undefined;
  expect(await box.say("order/1/signed", "p", {})).toBe(true);
  await box.flush();
  expect(confirmed).toEqual(["order/1/signed"]);
});

describe("a call for help", () => {
  test("does not wait behind what cannot be sent", async () => {
    const heard: string[] = [];
    const box = await Outbox.open(
      `outbox-${name}`,
      (letter) => {
        if (letter.key.startsWith("order/")) return new Promise(() => undefined);
        heard.push(letter.key);
        return Promise.resolve();
      },
      standing,
      () => undefined,
    );
    await box.say("order/1/signed", "p", {});
    await box.say("sos/1", "alarms", {});
    await expect.poll(() => heard).toEqual(["sos/1"]);
    await expect.poll(() => keys(waiting)).toEqual(["order/1/signed"]);
  });

  test("is sent although the phone cannot keep it", async () => {
    const broken = () => Promise.reject(new DOMException("full", "QuotaExceededError"));
    const box = await outbox({
      waiting: broken,
      confirmed: broken,
      add: broken,
      drop: broken,
      close: () => undefined,
    });
    signal = false;
    await box.say("sos/1", "alarms", {});
    expect(keys(waiting)).toEqual(["sos/1"]);
    signal = true;
    await box.flush();
    expect(keys(sent)).toEqual(["sos/1"]);
    expect(waiting).toEqual([]);
  });

  test("is kept and tried again even when it is refused", async () => {
    const box = await outbox();
    refuse = "sos/1";
    await box.say("sos/1", "alarms", {});
    await box.flush();
    await box.say("sos/2", "alarms", {});
    await box.flush();
    expect(keys(waiting)).toEqual(["sos/1"]);
    refuse = undefined;
    await box.flush();
    expect(waiting).toEqual([]);
  });
});
