import { describe, expect, test } from "vitest";
import { parse, preferenceOf, verbOf, type Entry, type Lexicon } from "./grammar";
import { VERBS } from "./verb";

const entry = (id: string, ...keys: string[]): Entry => ({ id, label: keys[0]!, keys });
const lexicon: Lexicon = {
  units: [entry("u1043", "蒙H1043"), entry("u1187", "蒙H1187"), entry("u2187", "蒙H2187")],
  incidents: [entry("i14", "152502-20260107-014", "持械伤人"), entry("i15", "152502-20260107-015")],
  alarms: [entry("a1", "152502-20260107-A021")],
  technicals: [entry("t1", "T-7")],
  layers: [entry("beats", "方格", "beats")],
  choices: {
    cancel_reason: [entry("mistake", "误建", "mistake")],
    status: [entry("patrolling", "巡逻中", "patrolling"), entry("off", "下勤", "off")],
    feedback: [entry("result", "结果反馈", "result")],
    disposition: [entry("resolved", "当场解决", "resolved")],
  },
};
const read = (line: string) => {
  const { verb, args, problem } = parse(line, lexicon);
  return {
    verb: verb?.id,
    args: args.map((arg) => (arg.entries.length ? arg.entries.map((e) => e.id).join("+") : arg.text)),
    problem: problem?.code,
  };
};

describe("one sentence in three spellings", () => {
  test.each([
    "派警 蒙H1043,蒙H1187 152502-20260107-014",
    "PJ h1043、h1187 014",
    "d H1043 H1187 014",
    "Dispatch 蒙H1043，蒙H1187 014",
  ])("%s", (line) => {
    expect(read(line)).toEqual({ verb: "dispatch", args: ["u1043+u1187", "i14"], problem: undefined });
  });
});

test("no two verbs share a name", () => {
  const names = VERBS.flatMap((verb) => verb.names.map((name) => name.toLowerCase()));
  expect(new Set(names).size).toBe(names.length);
  for (const verb of VERBS) for (const name of verb.names) expect(verbOf(name)?.id).toBe(verb.id);
});

describe("fields", () => {
  test.each([
    ["JJ", { verb: "answer", args: [] }],
    ["JJ A021", { verb: "answer", args: ["a1"] }],
    ["D 1043", { verb: "dispatch", args: ["u1043"] }],
    ["N 014 车辆  陷入 泥地", { verb: "note", args: ["i14", "车辆  陷入 泥地"] }],
    ["N 车辆陷入泥地", { verb: "note", args: ["车辆陷入泥地"] }],
    ["X 014 误建", { verb: "cancel", args: ["i14", "mistake"] }],
    ["X mistake", { verb: "cancel", args: ["mistake"] }],
    ["FK 014 结果 当场解决 双方和解", { verb: "feedback", args: ["i14", "result", "resolved", "双方和解"] }],
    ["M 015 014", { verb: "merge", args: ["i15", "i14"] }],
    ["M 014", { verb: "merge", args: ["i14"] }],
    ["BK 2", { verb: "backup", args: ["2"] }],
    ["S 1043 下勤", { verb: "status", args: ["u1043", "off"] }],
    ["GZ T-7 30 换电池", { verb: "shelve", args: ["t1", "30", "换电池"] }],
    ["R 1043", { verb: "replay", args: ["u1043"] }],
    ["TC beats", { verb: "layers", args: ["beats"] }],
  ])("%s", (line, want) => expect(read(line)).toEqual({ ...want, problem: undefined }));
});

test("of two that answer as well, the recommended one is meant", () => {
  const units = lexicon.units.map((unit) => ({ ...unit, preference: unit.id === "u2187" ? 1 : 0 }));
  expect(parse("D 187", { ...lexicon, units }).args[0]?.entries.map((e) => e.id)).toEqual(["u2187"]);
});

describe("one serial at several desks and on several days", () => {
  const of = (id: string, number: string, is: Partial<Parameters<typeof preferenceOf>[0]> = {}) => ({
    ...entry(id, number, "014"),
    preference: preferenceOf({ chosen: false, own: false, active: false, today: false, ...is }),
  });
  const meant = (...incidents: Entry[]) => {
    const { args, problem } = parse("D 1043 014", { ...lexicon, incidents });
    return problem?.code ?? args.flatMap((arg) => arg.entries.map((e) => e.id)).join("+");
  };
  const ours = of("ours", "152502-20260107-014", { own: true, active: true, today: true });
  const theirs = of("theirs", "152524-20260107-014", { active: true, today: true });
  const past = of("past", "152502-20260106-014", { own: true });

  test("the own desk's of today is meant", () => expect(meant(past, theirs, ours)).toBe("u1043+ours"));
  test("the chosen one is meant before all", () =>
    expect(meant({ ...theirs, preference: theirs.preference + 8 }, ours)).toBe("u1043+theirs"));
  test("of two that are as likely none is guessed, and no unit is taken for it", () => {
    const units = [...lexicon.units, entry("u3014", "蒙H3014")];
    expect(
      parse("D 1043 014", { ...lexicon, units, incidents: [theirs, { ...theirs, id: "x" }] }).problem,
    ).toEqual({ code: "ambiguous_entry", params: { text: "014", field: "incident" } });
  });
});

describe("what is wrong is named", () => {
  test.each([
    ["hello", "unknown_verb"],
    ["D", "missing_field"],
    ["D 9999", "unknown_entry"],
    ["D 187", "ambiguous_entry"],
    ["D 1043 999", "unknown_entry"],
    ["GZ T-7 soon x", "not_a_number"],
    ["C 014 015", "too_much"],
  ])("%s: %s", (line, code) => expect(read(line).problem).toBe(code));

  /** Plates and call signs that end in the same digits as a serial nobody has given. */
  const units = [
    ...lexicon.units,
    entry("u3999", "蒙H3999"),
    entry("u4999", "蒙H4999"),
    entry("u5888", "蒙H5888"),
  ];
  test.each([
    ["D 1043 999", "unknown_entry", "incident"],
    ["D 1043 888", "unknown_entry", "incident"],
    ["D 1043,1187 888", "unknown_entry", "incident"],
    ["D 1043 20260107-999", "unknown_entry", "incident"],
    ["D 1043 蒙H0000", "unknown_entry", "unit"],
    ["D 蒙H0000", "unknown_entry", "unit"],
    ["D 999", "ambiguous_entry", "unit"],
    ["FK 999 结果", "unknown_entry", "incident"],
    ["X 999 误建", "unknown_entry", "incident"],
    ["BK 999", "unknown_entry", "incident"],
    ["BK 014 two", "not_a_number", "count"],
    ["R 1043 abc", "not_a_number", "minutes"],
  ])("%s: %s of %s", (line, code, field) => {
    const { problem } = parse(line, { ...lexicon, units });
    expect(problem).toMatchObject({ code, params: { field } });
  });
  test("where no incident is held at all, it is still the incident that is missing", () =>
    expect(parse("D 1043 999", { ...lexicon, incidents: [] }).problem).toMatchObject({
      code: "unknown_entry",
      params: { field: "incident", text: "999" },
    }));
  test("a longer number that ends one unit's call sign is that unit", () =>
    expect(read("D 1043 1187")).toMatchObject({ args: ["u1043+u1187"], problem: undefined }));
  test("of a closed list it is said what there is", () =>
    expect(parse("S 1043 asleep", lexicon).problem).toEqual({
      code: "unknown_choice",
      params: { text: "asleep", field: "status", known: "巡逻中 / 下勤" },
    }));
});

test.each(["/D 1043 014", "// d 1043 014", "、PJ 1043 014", "／ 派警 1043 014"])(
  "the key that leads here is not read: %s",
  (line) => expect(read(line)).toEqual({ verb: "dispatch", args: ["u1043", "i14"], problem: undefined }),
);

test("a name of several words is one word of a line", () => {
  const choices = { ...lexicon.choices, cancel_reason: [entry("mistake", "made by mistake")] };
  const [first] = parse("X 014 ma", { ...lexicon, choices }).completions;
  expect(first?.line).toBe("X 014 made-by-mistake ");
  expect(parse(first!.line, { ...lexicon, choices }).problem).toBeUndefined();
});

describe("completion", () => {
  const labels = (line: string) => parse(line, lexicon).completions.map((c) => c.label);
  test("an empty line offers every verb", () => expect(labels("")).toHaveLength(VERBS.length));
  test("a begun verb offers what it may become", () => expect(labels("b")).toContain("增援"));
  test("after the verb, its first field", () =>
    expect(labels("D ")).toEqual(["蒙H1043", "蒙H1187", "蒙H2187"]));
  test("within a list, the rest of the list", () => {
    const [first] = parse("D 蒙H1043,118", lexicon).completions;
    expect(first?.line).toBe("D 蒙H1043,蒙H1187 ");
  });
  test("after units, more units or the incident, never one named already", () => {
    expect(labels("D 蒙H1043 ")).toEqual([
      "蒙H1187",
      "蒙H2187",
      "152502-20260107-014",
      "152502-20260107-015",
    ]);
  });
  test("an optional field lets the next one through", () => {
    expect(labels("X ")).toEqual(["152502-20260107-014", "152502-20260107-015", "误建"]);
  });
});
