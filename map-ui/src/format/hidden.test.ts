import { expect, test } from "vitest";
import codes from "../wire/codes.json";
import { shown } from "./hidden";

test("what would turn or hide a text is marked", () => {
  expect(shown("gate \u202e4\u0000")).toBe("gate ⟦U+202E⟧4⟦U+0000⟧");
  expect(shown("13\u200b9")).toBe("13⟦U+200B⟧9");
  expect(shown("a\u{e0041}")).toBe("a⟦U+E0041⟧");
});

test("plain prose is left as it is", () => {
  for (const text of ["羊圈着火\n在北边\r\n\t门口", "Cerro Alegre y Concepción", "👩\u200d🚒"]) {
    expect(shown(text)).toBe(text);
  }
});

test("words read from right to left turn nothing around them", () => {
  expect(shown("النار")).toBe("\u2068النار\u2069");
  expect(shown("\u2069 النار")).toBe("\u2068⟦U+2069⟧ النار\u2069");
});

test("the marked characters are those the server knows, but what prose needs", () => {
  const prose = new Set([0x09, 0x0a, 0x0d, 0x200c, 0x200d]);
  const known = new Set<number>();
  for (const [first, last] of codes.hidden) for (let code = first!; code <= last!; code++) known.add(code);
  const differ: number[] = [];
  for (let code = 0; code <= 0x10ffff; code++) {
    if (code >= 0xd800 && code <= 0xdfff) continue;
    const isMarked = shown(String.fromCodePoint(code)).includes("⟦U+");
    if (isMarked !== (known.has(code) && !prose.has(code))) differ.push(code);
  }
  expect(differ).toEqual([]);
});
