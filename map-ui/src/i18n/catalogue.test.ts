import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { VERBS } from "../command/verb";
import { KEYS } from "../store/workplace/keys";
import { LAYERS } from "../map/layer";
import { FILTERS } from "../store/workplace/address";
import codes from "../wire/codes.json";
import enFirst from "./en.json";
import enLater from "./en.later.json";
import zhFirst from "./zh.json";
import zhLater from "./zh.later.json";

const [en, zh] = [
  { ...enFirst, ...enLater },
  { ...zhFirst, ...zhLater },
];

const root = join(import.meta.dirname, "..");
const docs = join(root, "../../docs/api.md");

function* sources(folder: string): Generator<string> {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) yield* sources(path);
    else if (/\.(ts|svelte)$/.test(name) && !name.endsWith(".test.ts")) yield readFileSync(path, "utf8");
  }
}
const code = [...sources(root)].join("\n");
const params = (sentence: string) => [...sentence.matchAll(/\{(\w+)\}/g)].map((m) => m[1]).sort();

describe("the catalogues", () => {
  test("hold the same keys", () => expect(Object.keys(en).sort()).toEqual(Object.keys(zh).sort()));

  test("hold a key in one file only", () => {
    expect(Object.keys(zh).length).toBe(Object.keys(zhFirst).length + Object.keys(zhLater).length);
    expect(Object.keys(enFirst).sort()).toEqual(Object.keys(zhFirst).sort());
  });

  test("say something for every key", () => {
    for (const catalogue of [zh, en]) {
      for (const [key, sentence] of Object.entries(catalogue)) expect(sentence.trim(), key).not.toBe("");
    }
  });

  test("take the same parameters", () => {
    for (const [key, sentence] of Object.entries(zh)) {
      expect(params(en[key as keyof typeof en]), key).toEqual(params(sentence));
    }
  });

  test("hold every key the code names", () => {
    const named = [...code.matchAll(/\bt\(\s*["']([a-z_.0-9]+)["']/g)].map((m) => m[1]!);
    expect(named.length).toBeGreaterThan(100);
    expect(named.filter((key) => !(key in zh))).toEqual([]);
  });

  test("hold nothing that no code can name", () => {
    const prefixes = new Set([...code.matchAll(/\b(?:tx|choice)\(\s*"([a-z_]+)"/g)].map((m) => m[1]!));
    const unused = Object.keys(zh).filter(
      (key) => !code.includes(`"${key}"`) && !code.includes(`'${key}'`) && !prefixes.has(key.split(".")[0]!),
    );
    expect(unused).toEqual([]);
  });
});

/** Words made at run time from closed lists of the wire. */
describe("every word of the wire is said", () => {
  const { words } = codes;
  const lists: Record<string, readonly string[]> = {
    cancel_reason: words.CancelReason,
    outcome: words.OutcomeKind,
    disposition: words.Disposition,
    end_reason: words.EndReason,
    override: words.OverrideReason,
    return_reason: words.ReturnReason,
    service_reason: words.ServiceReason,
    shelf_reason: words.ShelfReason,
    support_reason: words.SupportReason,
    layer: LAYERS,
    filter: FILTERS,
    key_act: KEYS.map(({ act }) => act),
    verb: VERBS.map(({ id }) => id),
    field: VERBS.flatMap((verb) => verb.fields.map(({ field }) => field)),
    asks: ["answer", "settle", "call_back", "dispatch", "sign", "enroute", "on_scene", "feedback", "review"],
    order: words.OrderState,
    unit: words.UnitStatus,
    source: words.AlarmSource,
    timer: words.TimerKey,
    status: words.IncidentStatus,
    automatic_end: words.AutomaticEnd,
    passed: words.PassedReason,
  };
  test.each(Object.entries(lists))("%s", (prefix, codes) => {
    expect(codes.filter((one) => !(`${prefix}.${one}` in zh))).toEqual([]);
  });

  test("refusals and rules, as the server has them", () => {
    expect(codes.refusal.length).toBeGreaterThan(20);
    expect(codes.refusal.filter((one) => !(`problem.${one}` in zh))).toEqual([]);
    expect([...codes.rule, ...codes.body_rule].filter((one) => !(`rule.${one}` in zh))).toEqual([]);
  });

  test("problem codes, as docs/api.md lists them", () => {
    const rows = readFileSync(docs, "utf8")
      .split("## Problems")[1]!
      .split("\n")
      .filter((line) => line.startsWith("| `"));
    const codes = rows.flatMap((row) => [...row.split("|")[1]!.matchAll(/`([a-z_]+)`/g)].map((m) => m[1]!));
    expect(codes.length).toBeGreaterThan(30);
    expect(codes.filter((one) => !(`problem.${one}` in zh))).toEqual([]);
  });

  test("degraded modes, as docs/stream.md lists them", () => {
    const sentence = readFileSync(join(docs, "../stream.md"), "utf8")
      .split("Degraded modes:")[1]!
      .split("###")[0]!;
    const codes = [...sentence.matchAll(/`([a-z_]+)`/g)].map((m) => m[1]!);
    expect(codes.length).toBeGreaterThan(2);
    expect(codes.filter((one) => !(`degraded.${one}` in zh))).toEqual([]);
  });
});
